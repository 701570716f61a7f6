"""Every write to reports once they are on their schedule."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from grants.reports.models import Report
from partners.organisations.actions import tell_partner
from vetting_portal.canonical import sha256_of
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, lock, perform, record

FIELDS = (
    "summary", "changes", "public_line", "local_currency", "rate", "received_minor", "charges_minor",
    "spent_local_minor",
)  # fmt: skip


@action
def save_report(*, report: Report, words: dict[str, Any], by: User) -> Report:
    """Keep what the partner has written so far. Raises Refused once the report was sent."""
    if not by.has_perm("grants.write_report", report):
        raise PermissionDenied("write_report")
    report = lock(report)
    if not report.is_open:
        raise Refused(
            [f"The report is {report.get_state_display().lower()}: it cannot be changed now."], subject=report
        )
    before = report.content()
    for name in FIELDS:
        if name in words:
            setattr(report, name, words[name])
    if report.content() != before:
        report.save(update_fields=FIELDS)
        record("report_saved", report, by=by, facts={"content_sha256": sha256_of(report.content())})
    return report


@action
def submit_report(*, report: Report, by: User) -> Report:
    """Send the report to the officer. Raises Refused with what is missing."""
    facts = {"content_sha256": sha256_of(Report.objects.get(pk=report.pk).content())}
    report = perform(report.submit, by=by, facts=facts)
    officer = report.grant.submission.officer
    if officer is not None:
        notify(officer, subject=f"A report has come: {report.title}", **_mail(report))
    return report


@action
def send_back_report(*, report: Report, reason: str, by: User) -> Report:
    """Ask the partner for something more, in words. Raises ValidationError without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": "Say what is missing, so that the partner can answer."})
    report = perform(report.send_back, by=by, note=reason, reason=reason)
    _tell_partner(report, "A question about your report: ", by)
    return report


@action
def accept_report(*, report: Report, by: User) -> Report:
    """Accept the report."""
    report = perform(report.accept, by=by)
    _tell_partner(report, "Your report was accepted: ", by)
    return report


def _mail(report: Report) -> dict[str, Any]:
    return {"template": "grants/reports/mail/report.txt", "context": {"report": report, "grant": report.grant}}


def _tell_partner(report: Report, subject: str, by: User) -> None:
    if report.submitted_by is not None:
        organisation = report.grant.submission.organisation
        subject = f"{subject}{report.title}"
        tell_partner(organisation=organisation, to=report.submitted_by, subject=subject, by=by, **_mail(report))
