"""What the officer does with a report that came: send it back, accept it, let everybody read it."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.reports.models import Consent, Report, Showing, Story
from partners.organisations.actions import tell_owners, tell_partner
from partners.previews.actions import draw_document
from vetting_portal.models import User
from vetting_portal.workflow import action, ask, lock, perform, record

NOT_AGREED = "Say that you agree to these lines, or send the report back with a question."


@action
def send_back_report(*, report: Report, reason: str, by: User) -> Report:
    """Ask the partner for something more, in words. Raises ValidationError without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": "Say what is missing, so that the partner can answer."})
    report = perform(report.send_back, by=by, note=reason, reason=reason)
    _tell_partner(report, "A question about your report: ", by)
    return report


@action
def accept_report(*, report: Report, by: User, agrees: bool = False) -> Report:
    """Accept the report; ``agrees`` is the funder's word, in writing, to its lines that differ by more than may move.

    Raises PermissionDenied, Refused; ValidationError where there are such lines and nobody agrees to them.
    """
    ask(by, "grants.answer_report", report)
    fresh = lock(report)
    lines = [line.line for line in fresh.budget.needs_agreement]
    if fresh.state == Report.State.SUBMITTED and lines and not agrees:
        raise ValidationError({"agrees": NOT_AGREED})
    report = perform(report.accept, by=by, facts={"agreed_lines": lines} if lines else None)
    _tell_partner(report, "Your report was accepted: ", by)
    return report


@action
def publish_report(
    *, report: Report, public_line: str, public_summary: str, stories: Sequence[Story], by: User
) -> Report:
    """Let everybody read a report, with the ``stories`` chosen for the public page; each rests on its consent.

    Raises PermissionDenied; Refused where the report is not accepted, its grant has no open page, or the partner is
    held; ValidationError without words, and for a story that its consent does not carry or whose photograph is not
    checked; then nothing is published.
    """
    ask(by, "grants.publish_report", report)
    lock(report.grant)
    line, summary = " ".join(public_line.split()), public_summary.strip()
    if not line or not summary:
        field = "public_summary" if line else "public_line"
        raise ValidationError({field: "Say it in words that everybody understands."})
    chosen = _may_be_shown(report, stories)
    facts = {"stories": [story.pk for story in chosen]}
    published: Report = perform(report.publish, by=by, facts=facts, public_line=line, public_summary=summary)
    now, page = timezone.now(), published.public_path
    for story in chosen:
        Showing.objects.create(story=story, page=page, since_at=now, since_by=by)
        if story.photo_id is not None:
            draw_document.enqueue(story.photo_id, 1)
        record("story_shown", story, by=by, facts={"page": page, "consent": story.consent_id})
    _tell_partner(published, "Your report can be read by everybody: ", by)
    return published


def _may_be_shown(report: Report, stories: Sequence[Story]) -> list[Story]:
    """Return the stories, read again, with their consents locked. Raises ValidationError for one that cannot be shown.

    The row of the consent is the lock: a withdrawal at the same moment comes before or after the whole of it.
    """
    rows = Story.objects.filter(report=report, pk__in=[story.pk for story in stories])
    carried = Consent.objects.filter(pk__in=rows.order_by().values("consent"))
    consents = {consent.pk: consent for consent in lock(carried)}
    today, chosen = timezone.localdate(), []
    for story in rows.for_page():
        story.consent = consents[story.consent_id]
        if reasons := story.show_blockers(today):
            raise ValidationError({"stories": [str(reason) for reason in reasons]})
        chosen.append(story)
    if len(chosen) != len(stories):
        raise ValidationError({"stories": "Choose stories of this report."})
    return chosen


def _tell_partner(report: Report, subject: str, by: User) -> None:
    """Write to who sent the report; where they no longer act for the partner, to its owners."""
    organisation = report.grant.submission.organisation
    told: dict[str, Any] = {
        "organisation": organisation,
        "subject": f"{subject}{report.title}",
        "template": "grants/reports/mail/report.txt",
        "context": {"report": report, "grant": report.grant},
        "by": by,
    }
    sender = report.submitted_by
    if sender is not None and organisation.memberships.current().filter(user=sender).exists():
        tell_partner(to=sender, **told)
    else:
        tell_owners(**told)
