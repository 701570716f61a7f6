"""What a partner writes: saved as it goes, then sent."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.reports.models import Report
from partners.submissions.officers import officers_of
from vetting_portal.canonical import sha256_of
from vetting_portal.clock import shown
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, perform, record

FIELDS = (
    "summary", "changes", "challenges", "public_line", "local_currency", "rate", "received_minor", "charges_minor",
    "indicators", "spending",
)  # fmt: skip
KEPT = (*FIELDS, "spent_local_minor", "edition", "saved_at", "saved_by", "saved_page", "saved_turn")


@dataclass(frozen=True)
class Opened:
    """What a page knew when it sends: the edition it shows; and, where it saves by itself, its name and the turn."""

    edition: int
    page: str = ""
    turn: int = 0
    is_autosave: bool = False


@action
def open_report(*, report: Report, by: User) -> Report:
    """Return the report, locked. Raises PermissionDenied for others than its partner, Refused once it was sent."""
    ask(by, "grants.write_report", report)
    fresh: Report = lock(report)
    if not fresh.is_open:
        state = fresh.get_state_display().lower()
        raise Refused([f"The report is {state}: it cannot be changed now."], subject=fresh)
    return fresh


@action
def save_report(*, report: Report, words: dict[str, Any], by: User, opened: Opened | None = None) -> Report:
    """Keep what the partner has written so far; what ``words`` does not name stays.

    What the same page saved by itself is no other's writing, though its answer may have been lost on the way; a save
    that arrives late undoes nothing. Raises PermissionDenied; Refused once the report was sent; ValidationError where
    somebody saved other words since the page was opened.
    """
    fresh = open_report(report=report, by=by)
    before = fresh.content()
    for name in FIELDS:
        if name in words:
            setattr(fresh, name, words[name])
    told = [row.get("spent_local_minor") for row in fresh.spending]
    fresh.spent_local_minor = sum(told) if told and None not in told else None
    if fresh.content() == before:
        return fresh
    own = opened is not None and bool(opened.page) and opened.page == fresh.saved_page
    if own and opened is not None and opened.is_autosave and opened.turn <= fresh.saved_turn:
        return Report.objects.for_page().get(pk=fresh.pk)
    if opened is not None and opened.edition != fresh.edition and not own:
        when = f"{shown(fresh.saved_at):%H:%M}" if fresh.saved_at else "before"
        raise ValidationError(f"{fresh.saved_by} changed this report at {when}. Save again to keep what stands here.")
    fresh.edition, fresh.saved_at, fresh.saved_by = fresh.edition + 1, timezone.now(), by
    by_itself = opened is not None and opened.is_autosave
    fresh.saved_page = opened.page if opened is not None and by_itself else ""
    fresh.saved_turn = opened.turn if opened is not None and by_itself else 0
    fresh.save(update_fields=KEPT)
    record("report_saved", fresh, by=by, facts={"content_sha256": sha256_of(fresh.content())})
    return fresh


@action
def submit_report(*, report: Report, by: User) -> Report:
    """Send the report to the officer. Raises PermissionDenied, and Refused with what is missing."""
    facts = {"content_sha256": sha256_of(Report.objects.get(pk=report.pk).content())}
    report = perform(report.submit, by=by, facts=facts)
    for officer in officers_of(report.grant.submission):
        subject = f"A report has come: {report.title}"
        told = {"report": report, "grant": report.grant}
        notify(officer, subject=subject, template="grants/reports/mail/report.txt", context=told)
    return report
