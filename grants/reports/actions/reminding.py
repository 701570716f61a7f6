"""Reminders of reports: once a day, one message for a partner with all that is due; once for each report and mark."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from grants.reports.due import Due, nearest_mark, reached_marks
from grants.reports.models import Report, ReportNotice
from partners.organisations.models import Organisation
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, lock, record

BACKGROUND = "background"


@action
def remind_of_reports(*, organisation: Organisation, today: date, by: User) -> list[ReportNotice]:
    """Write one message with every report that has reached a mark it was not reminded of; return what it says.

    The nearest mark only: after a pause nothing is said twice. A held organisation gets nothing, and nothing is noted:
    what is due then is said when the hold ends.
    """
    fresh = lock(organisation)
    members = [one.user.email for one in fresh.memberships.current().select_related("user").order_by("pk")]
    if not members or fresh.is_held:
        return []
    due = _due(fresh, today)
    if not due:
        return []
    notices = ReportNotice.objects.bulk_create(
        ReportNotice(report=one.report, mark=one.mark, due_on=one.report.due_on, noticed_at=timezone.now())
        for one in due
    )
    first = due[0].report.title
    notify(
        members,
        subject=f"Your report: {first}" if len(due) == 1 else f"{len(due)} reports are due",
        template="grants/reports/mail/due.txt",
        context={"organisation": fresh, "due": due, "path": reverse("grants:partner_reports")},
    )
    facts = {"reports": [one.report.pk for one in due], "marks": [one.mark for one in due]}
    record("reports_reminded", fresh, by=by, facts=facts)
    return notices


def _due(organisation: Organisation, today: date) -> list[Due]:
    """Return the reports that have reached a mark for this due day of which nobody was reminded, the soonest first."""
    rows = Report.objects.owed().filter(grant__submission__organisation=organisation).for_list()
    found = []
    for report in rows.prefetch_related("notices"):
        mark = nearest_mark(report.days_until(today))
        told = [notice.mark for notice in report.notices.all() if notice.due_on == report.due_on]
        if mark is not None and all(earlier > mark for earlier in told):
            found.append(Due(report, mark, report.days_until(today)))
    return found


@background()
def remind_partners_of_reports() -> None:
    """Look through the reports that are due soon or late, and enqueue a task for each partner; safe to run twice."""
    rows = Report.objects.owed().filter(reached_marks(timezone.localdate())).order_by()
    for organisation_id in sorted(set(rows.values_list("grant__submission__organisation", flat=True))):
        remind_partner_of_reports.enqueue(organisation_id)


@background()
def remind_partner_of_reports(organisation_id: int) -> None:
    """Remind one partner of its reports; run twice it writes once."""
    organisation = Organisation.objects.get(pk=organisation_id)
    remind_of_reports(organisation=organisation, today=timezone.localdate(), by=User.objects.system(BACKGROUND))
