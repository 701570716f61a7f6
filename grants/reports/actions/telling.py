"""Papers and stories of a report that is still open: put to it, changed, taken away."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.reports.actions.writing import open_report
from grants.reports.models import Report, ReportPaper, Story
from grants.reports.models.story import photo_errors
from partners.vault.actions import add_paper
from partners.vault.kinds import OTHER, PHOTOGRAPH
from partners.vault.models import Document
from vetting_portal.files import Blob
from vetting_portal.models import User
from vetting_portal.workflow import action, lock, record

STORY_FIELDS = ("title", "text", "consent", "photo_shows", "nobody_recognisable")
WORDS_TOO = "This consent is for a photograph only."


@action
def add_report_paper(*, report: Report, blob: Blob, original_name: str, title: str, by: User) -> ReportPaper:
    """Take a paper or photograph into the partner's vault, where it is checked like every paper, and put it to the
    report. The bytes are in the storage already (``files.put``).

    Raises PermissionDenied, Refused once the report was sent, ValidationError for bytes that are there already.
    """
    organisation = lock(report.grant.submission.organisation)
    fresh = open_report(report=report, by=by)
    document = add_paper(
        organisation=organisation, blob=blob, original_name=original_name, kind=OTHER, title=title, by=by
    )
    added = ReportPaper.objects.create(report=fresh, document=document, added_at=timezone.now(), added_by=by)
    record("report_paper_added", fresh, by=by, facts={"document": document.pk, "sha256": blob.sha256})
    return added


@action
def remove_report_paper(*, paper: ReportPaper, by: User) -> None:
    """Take a paper off the report; it stays in the vault. Raises PermissionDenied, Refused once the report was sent."""
    fresh = open_report(report=paper.report, by=by)
    removed, _ = ReportPaper.objects.filter(pk=paper.pk, report=fresh).delete()
    if removed:
        record("report_paper_removed", fresh, by=by, facts={"document": paper.document_id})


def _photo(report: Report, upload: tuple[Blob, str] | None, title: str, by: User) -> Document | None:
    """Take a photograph in, or return None where there is none; the same bytes sent again are the ones that we have."""
    if upload is None:
        return None
    blob, original_name = upload
    twins = Document.objects.filter(paper__organisation=report.grant.submission.organisation, paper__kind=PHOTOGRAPH)
    good = (Document.State.QUARANTINED, Document.State.ACCEPTED)
    kept = twins.filter(file__sha256=blob.sha256, state__in=good).first()
    if kept is not None:
        return kept
    return add_paper(
        organisation=report.grant.submission.organisation,
        blob=blob,
        original_name=original_name,
        kind=PHOTOGRAPH,
        title=f"Photograph: {title}"[:160],
        by=by,
    )


def _check(story: Story) -> None:
    """Raise ValidationError where the words, the photograph and the consent do not go together."""
    errors: dict[str, str] = {}
    consent, today = story.consent, timezone.localdate()
    if consent.grant_id != story.report.grant_id or consent.state_on(today) != "in_force":
        errors["consent"] = "Choose a consent of this grant that holds today."
    if story.photo_id is not None:
        errors |= photo_errors(consent, story.photo_shows, is_nobody_recognisable=story.nobody_recognisable)
    elif not consent.covers_words:
        errors["consent"] = WORDS_TOO
    if errors:
        raise ValidationError(errors)
    story.full_clean(exclude=["report", "consent", "photo", "written_by"])


@action
def add_story(*, report: Report, words: Mapping[str, Any], by: User, photo: tuple[Blob, str] | None = None) -> Story:
    """Put a story to an open report; ``photo`` is its stored content and the name of its file.

    Raises PermissionDenied, Refused once the report was sent; ValidationError where the consent does not hold or does
    not cover it, for a photograph of a survivor, and for one on which somebody could be recognised.
    """
    lock(report.grant.submission.organisation)
    fresh = open_report(report=report, by=by)
    story = Story(report=fresh, written_at=timezone.now(), written_by=by)
    return _write(story, words, photo, by)


@action
def change_story(*, story: Story, words: Mapping[str, Any], by: User, photo: tuple[Blob, str] | None = None) -> Story:
    """Change a story of an open report; without ``photo`` its photograph stays. Raises what ``add_story`` raises."""
    lock(story.report.grant.submission.organisation)
    open_report(report=story.report, by=by)
    fresh: Story = lock(story)
    fresh.written_at, fresh.written_by = timezone.now(), by
    return _write(fresh, words, photo, by)


def _write(story: Story, words: Mapping[str, Any], photo: tuple[Blob, str] | None, by: User) -> Story:
    for name in STORY_FIELDS:
        setattr(story, name, words[name])
    is_new = story.pk is None
    sent = _photo(story.report, photo, story.title, by)
    story.photo = sent or story.photo
    _check(story)
    story.save()
    facts = {"report": story.report_id, "consent": story.consent_id, "photo": story.photo_id}
    record("story_added" if is_new else "story_changed", story, by=by, facts=facts)
    return story


@action
def remove_story(*, story: Story, by: User) -> None:
    """Take a story off an open report; a photograph stays in the vault. Raises PermissionDenied, Refused."""
    fresh = open_report(report=story.report, by=by)
    number = story.pk
    removed, _ = Story.objects.filter(pk=number, report=fresh).delete()
    if removed:
        record("story_removed", fresh, by=by, facts={"story": number, "consent": story.consent_id})
