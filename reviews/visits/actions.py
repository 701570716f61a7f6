"""The transactions of visits: writing a report, handing it in, correcting it by a new version."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.submissions.models import Submission
from partners.vault.models import Document
from reviews.visits.models import Visit
from vetting_portal.canonical import sha256_of
from vetting_portal.clock import lies_ahead
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record

FIELDS = ("kind", "visited_on", "visitors", "people_met", "findings", "papers")


def _set(visit: Visit, words: dict[str, Any]) -> None:
    """Put the words into the report. Raises ValidationError for bad fields, a day to come, or a stranger's paper."""
    for name in FIELDS:
        if name in words:
            setattr(visit, name, words[name])
    visit.full_clean(validate_constraints=False)
    if lies_ahead(visit.visited_on):
        raise ValidationError({"visited_on": "This day lies in the future. Write the report after the visit."})
    own = Document.objects.filter(pk__in=visit.papers, paper__organisation_id=visit.organisation_id).count()
    if own != len(set(visit.papers)):
        raise ValidationError({"papers": "Choose papers of this organisation."})


@action
def write_visit(*, submission: Submission, words: dict[str, Any], by: User) -> Visit:
    """Begin a report as a draft. Raises PermissionDenied, ValidationError for bad fields."""
    ask(by, "reviews.write_visit", submission)
    fresh = lock(submission)
    visit = Visit(organisation_id=fresh.organisation_id, submission=fresh, written_at=timezone.now(), written_by=by)
    _set(visit, words)
    visit.save()
    record("visit_written", visit, by=by, facts={"submission": fresh.pk, "kind": visit.kind})
    return visit


def _draft(visit: Visit, by: User) -> Visit:
    """Return a draft, locked. Raises PermissionDenied; Refused once it was handed in."""
    ask(by, "reviews.write_visit", visit.submission)
    fresh: Visit = lock(visit)
    if fresh.is_frozen:
        raise Refused(["This report was handed in. Write a correction instead."], subject=fresh)
    return fresh


@action
def change_visit(*, visit: Visit, words: dict[str, Any], by: User) -> Visit:
    """Change a draft. Raises PermissionDenied, Refused once it was handed in, ValidationError for bad fields."""
    fresh = _draft(visit, by)
    _set(fresh, words)
    fresh.save()
    record("visit_changed", fresh, by=by)
    return fresh


@action
def submit_visit(*, visit: Visit, by: User) -> Visit:
    """Hand a report in: from now on it never changes. Raises PermissionDenied; Refused once it was handed in."""
    fresh = _draft(visit, by)
    fresh.submitted_at, fresh.submitted_by = timezone.now(), by
    fresh.save()
    content = {name: str(getattr(fresh, name)) for name in FIELDS}
    record("visit_submitted", fresh, by=by, facts={"kind": fresh.kind, "content_sha256": sha256_of(content)})
    return fresh


@action
def correct_visit(*, visit: Visit, reason: str, by: User) -> Visit:
    """Begin a new version of a report that was handed in, with its words; the old one stays readable.

    Raises PermissionDenied, ValidationError without a reason; Refused for a draft, or where a later version exists.
    """
    ask(by, "reviews.write_visit", visit.submission)
    fresh: Visit = lock(visit)
    if not fresh.is_frozen:
        raise Refused(["This report is still a draft: change it."], subject=fresh)
    if Visit.objects.filter(corrects=fresh).exists():
        raise Refused(["A later version of this report exists already."], subject=fresh)
    if not reason.strip():
        raise ValidationError({"reason": "Say what was wrong, in a sentence."})
    made = Visit.objects.create(
        organisation_id=fresh.organisation_id,
        submission_id=fresh.submission_id,
        corrects=fresh,
        number=fresh.number + 1,
        correction_reason=reason.strip(),
        written_at=timezone.now(),
        written_by=by,
        **{name: getattr(fresh, name) for name in FIELDS},
    )
    record("visit_corrected", made, by=by, note=reason.strip(), facts={"corrects": fresh.pk, "number": made.number})
    return made
