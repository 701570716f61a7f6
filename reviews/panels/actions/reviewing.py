"""The reviewer's part: scores with their reasons and citations, saved as they come, submitted once they are whole."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.previews.actions import MOST_PAGES, known_page_count, stands_on
from partners.submissions.models import FrozenEvidence, SubmissionVersion
from partners.submissions.officers import officers_of
from partners.submissions.switching import reason_not
from partners.vault.models import Document
from reviews.panels.models import Citation, Review, ReviewVersion, Score, score_record, scored_criteria
from vetting_portal.canonical import sha256_of
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, perform, record

SHORTEST_REASON = 10
TIME_TO_REOPEN = timedelta(days=7)


class SavedElsewhere(ValidationError):
    """The page is stale: the criterion was saved in another window meanwhile; ``score`` is what stands there now."""

    def __init__(self, score: Score) -> None:
        self.score = score
        at = f" at {timezone.localtime(score.saved_at):%H:%M}" if score.edition else ""
        super().__init__(f"This criterion was saved in another window{at}. Choose below which of the two stays.")


class AdviceSavedElsewhere(ValidationError):
    """The page is stale: the advice was saved in another window meanwhile; ``review`` is what stands there now."""

    def __init__(self, review: Review) -> None:
        self.review = review
        super().__init__("This text was saved in another window. Load the page again; copy what you typed first.")


def _writable(review: Review, by: User) -> Review:
    """Return the review locked, its submission before it. Raises PermissionDenied, Refused when it cannot be written
    now.
    """
    submission = lock(review.submission)
    review = lock(review)
    review.submission = submission
    ask(by, "reviews.score_review", review)
    if blockers := review.write_blockers():
        raise Refused(blockers, subject=review)
    return review


def _criterion_of(review: Review, criterion: Criterion) -> Criterion:
    if criterion.checklist_id != review.submission.checklist_id or not criterion.is_scored:
        raise ValidationError("This criterion is not scored in this review.")
    return criterion


def _score_of(review: Review, criterion: Criterion) -> Score:
    """Return the score locked, or a new one that is not saved yet."""
    found = lock(Score.objects.filter(review=review, criterion=_criterion_of(review, criterion)))
    return found[0] if found else Score(review=review, criterion=criterion, edition=0)


def _seen(review: Review, newest: SubmissionVersion | None) -> None:
    """Note that the reviewer works with the newest version of the application."""
    if newest and newest.pk != review.seen_version_id:
        review.seen_version = newest
        review.save(update_fields=["seen_version"])


@action
def save_score(
    *,
    review: Review,
    criterion: Criterion,
    value: int | None,
    not_applicable: bool,
    justification: str,
    edition: int,
    by: User,
) -> Score:
    """Save what stands on the page for one criterion, complete or not.

    ``edition`` is the number of the score that the page showed (0 for none): another one means that it was saved
    elsewhere meanwhile. Raises PermissionDenied, Refused, SavedElsewhere for a stale page, ValidationError for a score
    off the scale, or "not applicable" where the criterion always applies.
    """
    review = _writable(review, by)
    score = _score_of(review, criterion)
    if reason := reason_not(criterion, review.submission.facts()):
        way = "If that is wrong, tell the programme officer: the partner can change it."
        raise ValidationError({"value": f"{reason} {way}"})
    if score.edition != edition:
        raise SavedElsewhere(score)
    if not_applicable and not criterion.applies_when:
        raise ValidationError({"value": "This criterion applies to every submission."})
    if value is not None and not 0 <= value <= 4:  # noqa: PLR2004 the scale
        raise ValidationError({"value": "Choose a score from 0 to 4."})
    newest, before = review.submission.latest_version, (score.value, score.not_applicable, score.justification)
    score.value, score.not_applicable = (None, True) if not_applicable else (value, False)
    score.justification, score.saved_at = justification.strip(), timezone.now()
    # What is saved as it was is not confirmed by it: somebody may only be going on to the next criterion.
    if score.given_on_id is None or before != (score.value, score.not_applicable, score.justification):
        score.given_on = newest
    score.edition += 1
    score.validate_constraints()
    score.save()
    _seen(review, newest)
    record("score_saved", review, by=by, facts={"criterion": criterion.code, "edition": score.edition})
    return score


@action
def confirm_scores(*, review: Review, codes: Collection[str], version: SubmissionVersion, by: User) -> Review:
    """Let the scores for the criteria ``codes``, given on an earlier version, count on ``version``: what was read.

    A submitted review is reopened by it, and has to be submitted again. Confirmed twice is the same. Raises
    PermissionDenied; ValidationError without a score; Refused once a newer version was submitted, or when nothing can
    be written in the review.
    """
    submission = lock(review.submission)
    review = lock(review)
    review.submission = submission
    ask(by, "reviews.score_review", review)
    newest = submission.latest_version
    if newest is None or newest.pk != version.pk:
        text = f"A newer version than version {version.number} was submitted."
        raise Refused([Blocker(text, hint="Read what changed, then confirm.")], subject=review)
    waiting = review.unconfirmed()
    if not codes:
        raise ValidationError({"codes": "Choose the scores that you confirm."})
    if not set(codes) & set(waiting):
        return review
    if review.state == Review.State.SUBMITTED:
        reason = f"Version {version.number} of the application was submitted."
        review = perform(review.reopen, by=by, note=reason, reason=reason)
        review.submission = submission
    if blockers := review.write_blockers():
        raise Refused(blockers, subject=review)
    for code in (code for code in waiting if code in codes):
        (score,) = lock(Score.objects.filter(pk=waiting[code].pk))
        score.given_on = version
        score.save(update_fields=["given_on"])
        facts = {"criterion": code, "version": version.number}
        record("score_confirmed", review, by=by, facts=facts)
    _seen(review, newest)
    return review


@action
def add_citation(
    *, review: Review, criterion: Criterion, document: Document, page: int, passage: str = "", by: User
) -> Citation:
    """Cite a page of a document that was sent with the submission; a passage that stands on the page is a quotation.

    Raises as ``save_score`` does, but never SavedElsewhere; ValidationError for another document, and for a page that
    the document does not have.
    """
    review = _writable(review, by)
    score = _score_of(review, criterion)
    if not FrozenEvidence.objects.filter(version__submission=review.submission, document=document).exists():
        raise ValidationError({"document": "This document was not sent with the submission."})
    pages = known_page_count(document)
    if page > (pages or MOST_PAGES):
        has = f"{pages} page{'' if pages == 1 else 's'}" if pages else f"at most {MOST_PAGES:,} pages"
        raise ValidationError({"page": f"This document has {has}."})
    if score._state.adding:
        score.saved_at = timezone.now()
        score.save()
    words = " ".join(passage.split())
    citation = Citation(
        score=score,
        document=document,
        page=page,
        passage=words,
        is_quoted=stands_on(document, page, words),
        cited_at=timezone.now(),
    )
    citation.full_clean()
    citation.save()
    record("cited", review, by=by, facts={"criterion": criterion.code, "document": document.pk, "page": page})
    return citation


@action
def remove_citation(*, citation: Citation, by: User) -> Review:
    """Take a citation away from a draft; removing it twice is the same. Raises PermissionDenied, Refused."""
    score = citation.score
    review = _writable(score.review, by)
    for found in lock(Citation.objects.filter(pk=citation.pk)):
        facts = {"criterion": score.criterion.code, "document": found.document_id, "page": found.page}
        found.delete()
        record("citation_removed", review, by=by, facts=facts)
    return review


@action
def save_advice(*, review: Review, advice: str, edition: int, by: User) -> Review:
    """Save what the reviewer would tell the directors. Raises as ``save_score`` does, AdviceSavedElsewhere if stale."""
    review = _writable(review, by)
    if review.advice_edition != edition:
        raise AdviceSavedElsewhere(review)
    review.advice = advice.strip()
    review.advice_edition += 1
    review.save(update_fields=["advice", "advice_edition"])
    record("advice_saved", review, by=by, facts={"edition": review.advice_edition})
    return review


def review_content(review: Review) -> dict[str, Any]:
    """Return what a submitted version keeps: each score with its reason and citations, and the advice."""
    scores = review.scores_with_switched()
    citations: dict[int | None, list[Citation]] = {}
    for citation in Citation.objects.filter(score__review=review).select_related("score", "document__paper"):
        citations.setdefault(citation.score_id, []).append(citation)
    return {
        "scores": {
            criterion.code: score_record(scores[criterion.pk], citations.get(scores[criterion.pk].pk, []))
            for criterion in scored_criteria(review.submission)
        },
        "advice": review.advice,
    }


@action
def submit_review(*, review: Review, by: User) -> Review:
    """Hand in a review: its scores are frozen as a version. Raises PermissionDenied; Refused with what is missing."""
    submission = lock(review.submission)
    version = submission.latest_version
    if version is None:
        raise Refused(["The partner has not sent this submission yet."], subject=review)
    review = perform(review.submit, by=by, seen_version=version)
    _freeze(review, version)
    for officer in officers_of(submission):
        notify(
            officer,
            subject=f"A review of {submission.number} is submitted",
            template="reviews/mail/submitted.txt",
            context={"review": review},
        )
    return review


def _freeze(review: Review, version: SubmissionVersion) -> ReviewVersion:
    content = review_content(review)
    frozen = ReviewVersion.objects.create(
        review=review,
        number=review.version,
        submission_version=version,
        content=content,
        sha256=sha256_of(content),
        submitted_at=review.submitted_at or timezone.now(),
    )
    record("version_frozen", review, by=review.reviewer, facts={"version": frozen.number, "sha256": frozen.sha256})
    return frozen


@action
def reopen_review(*, review: Review, reason: str, by: User) -> Review:
    """Take a submitted review up again, with a week at least; what was submitted is kept.

    Raises PermissionDenied, Refused, ValidationError.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise ValidationError({"reason": "Say why you reopen it."})
    lock(review.submission)
    reopened: Review = perform(review.reopen, by=by, note=reason.strip(), reason=reason.strip())
    soon = timezone.localdate() + TIME_TO_REOPEN
    if reopened.due_on < soon:
        reopened.due_on = soon
        reopened.save(update_fields=["due_on"])
    return reopened
