"""Every write to tranches and reports, and the opening of a campaign, from which both schedules start."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.agreements.models import Grant
from grants.campaigns.models import Campaign
from grants.payments.models import Report, Tranche
from grants.payments.schedules import schedule_blockers
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
def open_campaign(*, campaign: Campaign, by: User) -> Campaign:
    """Open a planned campaign, and put the tranches and reports of the signed terms on their schedules."""
    grant = lock(campaign.grant)
    opened: Campaign = perform(campaign.open, by=by)
    schedule_payments(grant=grant, by=by)
    return opened


@action
def schedule_payments(*, grant: Grant, by: User) -> None:
    """Make the tranches and reports that the frozen terms of a grant in force name; a second time changes nothing."""
    grant = lock(grant)
    if grant.state != Grant.State.IN_FORCE:
        raise Refused(["The grant is not in force."], subject=grant)
    if Tranche.objects.filter(grant=grant).exists() or Report.objects.filter(grant=grant).exists():
        return
    terms, now = grant.terms_in_force, timezone.now()
    content = terms.content if terms else {"tranches": [], "reports": []}
    Tranche.objects.bulk_create(
        Tranche(
            grant=grant,
            number=number,
            share_bp=tranche["share_bp"],
            condition=tranche["condition"],
            due_on=_day(tranche.get("due_on")),
            scheduled_at=now,
            scheduled_by=by,
        )
        for number, tranche in enumerate(content["tranches"], start=1)
    )
    Report.objects.bulk_create(
        Report(
            grant=grant,
            number=number,
            title=report["title"],
            due_on=date.fromisoformat(report["due_on"]),
            scheduled_at=now,
            scheduled_by=by,
        )
        for number, report in enumerate(content["reports"], start=1)
    )
    counts = {"tranches": len(content["tranches"]), "reports": len(content["reports"])}
    record("payments_scheduled", grant, by=by, facts=counts)


@action
def reschedule_payments(*, grant: Grant, by: User) -> None:
    """Let the schedules follow the terms in force, where they were made already: payments and reports that are still
    open are changed, new ones added. Raises Refused where the terms touch one that is done.
    """
    grant = lock(grant)
    terms = grant.terms_in_force
    if terms is None or not (grant.tranches.exists() or grant.reports.exists()):
        return
    if reasons := schedule_blockers(grant, terms.content):
        raise Refused(reasons, subject=grant)
    stamps = {"scheduled_at": timezone.now(), "scheduled_by": by}
    for number, row in enumerate(terms.content["tranches"], start=1):
        told = {"share_bp": row["share_bp"], "condition": row["condition"], "due_on": _day(row.get("due_on"))}
        Tranche.objects.update_or_create(grant=grant, number=number, defaults=told, create_defaults={**told, **stamps})
    for number, row in enumerate(terms.content["reports"], start=1):
        due = {"title": row["title"], "due_on": date.fromisoformat(row["due_on"])}
        Report.objects.update_or_create(grant=grant, number=number, defaults=due, create_defaults={**due, **stamps})
    counts = {"tranches": len(terms.content["tranches"]), "reports": len(terms.content["reports"])}
    record("payments_scheduled", grant, by=by, facts={**counts, "terms_sha256": terms.sha256})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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
    return {"template": "grants/payments/mail/report.txt", "context": {"report": report, "grant": report.grant}}


def _tell_partner(report: Report, subject: str, by: User) -> None:
    if report.submitted_by is not None:
        organisation = report.grant.submission.organisation
        subject = f"{subject}{report.title}"
        tell_partner(organisation=organisation, to=report.submitted_by, subject=subject, by=by, **_mail(report))
