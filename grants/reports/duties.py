"""Reports: to write, to accept, to publish; consents that end."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from grants.agreements.duties import GRANTS, grant_by, reads_grants
from grants.conditions.models import Condition, stopped
from grants.reports.models import Consent, Report
from partners.organisations.acting import a_role, either, members_of, the_partner
from partners.submissions.duties import unheld
from reviews.screening.acting import the_officer
from vetting_portal.duties import Actor, DutyKind, OpenDuty, Rows, holders_of, leads_to
from vetting_portal.models import Role, User
from vetting_portal.statements import Today

SOON = timedelta(days=30)  # before its date that a report is asked for
CONSENT_SOON = timedelta(days=60)
PARTNER = "grant__submission__organisation"
State = Report.State


def _owed() -> Rows:
    return unheld(Report.objects.owed(), PARTNER)


def _to_write() -> Rows:
    return _owed().filter(Q(state=State.RETURNED) | Q(due_on__lte=Today(SOON)))


def _later() -> Rows:
    """Return the reports of the next months, and the next one of each grant whenever it is due."""
    earlier = Report.objects.owed().filter(grant=OuterRef("grant"), due_on__lt=OuterRef("due_on"))
    rows = _owed().filter(state=State.DRAFT, due_on__gt=Today(SOON))
    return rows.filter(Q(due_on__lte=Today(4 * SOON)) | ~Exists(earlier))


def _reads_of_next_months(user: User, rows: Rows) -> Rows | None:
    read = reads_grants(user, rows)
    return None if read is None else read.filter(due_on__lte=Today(4 * SOON))


def _to_accept() -> Rows:
    """Return what was sent, but what a condition of Schedule F stops: whoever shows that it is met acts first."""
    rows = Report.objects.filter(state=State.SUBMITTED).exclude(stopped(Condition.Blocks.REPORT, "grant", "number"))
    return unheld(rows, PARTNER)


def _to_publish() -> Rows:
    return unheld(Report.objects.filter(state=State.ACCEPTED, grant__campaign__opened_at__isnull=False), PARTNER)


def _consents_ending() -> Rows:
    ends = {"until_on__gte": Today(), "until_on__lte": Today(CONSENT_SOON)}
    return Consent.objects.filter(withdrawn_at__isnull=True, **ends)


def _why(duty: OpenDuty) -> str:
    reason = duty.facts["reason"].partition("\n")[0]
    return f"{duty.facts['title']}. We sent it back: {reason}" if reason else duty.facts["title"]


def _why_written(duty: OpenDuty) -> str:
    reason = duty.facts["reason"].partition("\n")[0]
    return f"{duty.facts['title']}. It was sent back: {reason}" if reason else duty.facts["title"]


CONSENTS = either(holders_of(Role.PROGRAMME_OFFICER), members_of(PARTNER))
ON_REPORT: dict[str, Any] = {
    "group": GRANTS,
    "case": grant_by("grant"),
    "url": leads_to("grants:report", "record"),
}

DUTIES = (
    DutyKind(
        key="grants.write_report",
        verb="Write your report",
        verb_for_others="Write the report",
        why=_why,
        why_for_others=_why_written,
        button="Write report",
        waiting=_to_write,
        actor=the_partner(PARTNER, known_to=reads_grants),
        since="scheduled_at",
        due="due_on",
        facts={"title": "title", "reason": "return_reason"},
        permission="grants.write_report",
        is_reminded=True,
        note="You can write it over many days. Nothing is lost.",
        **ON_REPORT,
    ),
    DutyKind(
        key="grants.accept_report",
        verb="Accept a progress report",
        why=lambda duty: duty.facts["title"],
        button="Read report",
        waiting=_to_accept,
        actor=the_officer(PARTNER, known_to=reads_grants),
        since="submitted_at",
        aim=10,
        in_charge="grant__submission__officer",
        facts={"title": "title"},
        permission="grants.answer_report",
        **ON_REPORT,
    ),
    DutyKind(
        key="grants.publish_report",
        verb="Publish a report",
        why=lambda duty: f"{duty.facts['title']} is accepted",
        button="Publish",
        waiting=_to_publish,
        actor=the_officer(PARTNER, known_to=reads_grants),
        since="accepted_at",
        aim=10,
        in_charge="grant__submission__officer",
        facts={"title": "title"},
        permission="grants.publish_report",
        **ON_REPORT,
    ),
    DutyKind(
        key="grants.report_due",
        verb="A report is due",
        why=lambda duty: duty.facts["title"],
        button="Open",
        waiting=_later,
        actor=Actor("the partner", members_of(PARTNER), _reads_of_next_months),
        since="scheduled_at",
        due="due_on",
        facts={"title": "title"},
        is_coming=True,
        note="We email you 30 days before.",
        **ON_REPORT,
    ),
    DutyKind(
        key="grants.consent_ends",
        group=GRANTS,
        verb="A consent ends",
        why="What was published with it is taken down on that day",
        button="Open",
        url=leads_to("grants:consent", "record"),
        waiting=_consents_ending,
        actor=Actor(
            "a programme officer", either(a_role(Role.PROGRAMME_OFFICER).mine, members_of(PARTNER)), reads_grants
        ),
        case=grant_by("grant"),
        since="recorded_at",
        due="until_on",
        is_coming=True,
    ),
)
