"""The officer's part after the scores, and the director's word: close, moderate, recommend, override, return."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.programmes.questions import count_words
from partners.submissions.actions import (
    assess_submission,
    decline_submission,
    override_submission,
    recommend_submission,
    return_submission,
    take_duty,
)
from partners.submissions.models import Duty, Submission
from partners.submissions.officers import officers_of
from reviews.panels.conditions import VettingCondition, voted
from reviews.panels.gates import CONFLICTS, related_party_mark
from reviews.panels.models import Moderation, Recommendation
from reviews.panels.results import PanelResult, panel_result, recommendation_record
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.workflow import Refused, action, ask, lock, record

REASON_WORDS = 10
Given = str | Mapping[str, Any] | VettingCondition


def _locked(submission: Submission) -> Submission:
    """Return the submission locked, its organisation before it and its reviews after it: nothing below them moves
    now.
    """
    lock(submission.organisation)
    locked: Submission = lock(submission)
    lock(locked.reviews.all())
    return locked


def _words(field: str, text: str, question: str) -> str:
    words = count_words(text)
    if words < REASON_WORDS:
        raise ValidationError({field: f"{question} Write at least {REASON_WORDS} words. You have {words}."})
    return text.strip()


@action
def close_panel(*, submission: Submission, by: User) -> Submission:
    """Close the reviews: at least two are submitted and nobody is still at it. Raises PermissionDenied, Refused."""
    submission = _locked(submission)
    ask(by, "reviews.close_panel", submission)
    if submission.state == Submission.State.IN_REVIEW and (blockers := panel_result(submission).assess_blockers()):
        raise Refused(blockers, subject=submission)
    return assess_submission(submission=submission, by=by)


@action
def moderate(*, submission: Submission, criterion: Criterion, resolution: str, concerns: str, by: User) -> Moderation:
    """Record what the reviewers agreed where they differed; no score changes.

    ``concerns`` marks the versions that the page showed. Raises PermissionDenied, ValidationError for a short text or
    other scores by now, Refused when the reviewers do not differ there.
    """
    submission = _locked(submission)
    ask(by, "reviews.moderate_panel", submission)
    if submission.state not in {Submission.State.IN_REVIEW, Submission.State.ASSESSED}:
        raise Refused([f"This submission is {submission.get_state_display().lower()} now."], subject=submission)
    resolution = _words("resolution", resolution, "What did the reviewers agree, and why?")
    needs = {need.criterion_id: need for need in panel_result(submission).moderations}
    need = needs.get(criterion.pk)
    if need is None:
        raise Refused([f"The reviewers do not differ on {criterion.code} {criterion.title}."], subject=submission)
    if need.concerns != concerns:
        raise ValidationError("A review has changed since you opened this page. Read both texts again.")
    return _resolve(submission, criterion, need.concerns, resolution, by)


@action
def resolve_related_party(*, submission: Submission, resolution: str, by: User) -> Moderation:
    """Record how the related party that the partner names is dealt with. Raises as ``moderate`` does."""
    submission = _locked(submission)
    ask(by, "reviews.moderate_panel", submission)
    resolution = _words("resolution", resolution, "How is the relation dealt with?")
    criterion = submission.checklist.criteria.get(code=CONFLICTS)
    return _resolve(submission, criterion, related_party_mark(submission), resolution, by)


def _resolve(submission: Submission, criterion: Criterion, concerns: str, resolution: str, by: User) -> Moderation:
    moderation = Moderation(
        submission=submission,
        criterion=criterion,
        concerns=concerns,
        resolution=resolution,
        resolved_at=timezone.now(),
        resolved_by=by,
    )
    moderation.full_clean()
    moderation.save()
    record(
        "moderated",
        moderation,
        by=by,
        note=resolution,
        facts={"submission": submission.pk, "criterion": criterion.code, "concerns": concerns},
    )
    return moderation


def _conditions(outcome: str, conditions: Sequence[Given]) -> list[VettingCondition]:
    named = [one for one in map(voted, conditions) if one.text]
    if outcome == Recommendation.Outcome.CONDITIONS and not named:
        raise ValidationError({"conditions": "Write at least one condition."})
    if outcome != Recommendation.Outcome.CONDITIONS and named:
        raise ValidationError({"conditions": "Conditions belong to “recommend with conditions”."})
    return named


@action
def recommend(
    *, submission: Submission, outcome: str, reason: str, conditions: Sequence[Given] = (), by: User
) -> Recommendation:
    """Recommend as the band allows; "decline" declines it. Who recommends stands on the assessing side.

    A condition given as text alone stops the first payment.

    Raises PermissionDenied, ValidationError for a reason or conditions that are missing, Refused with what is open.
    """
    submission = _locked(submission)
    ask(by, "reviews.recommend_submission", submission)
    if outcome not in Recommendation.Outcome.values:
        raise ValidationError({"outcome": "Choose what you recommend."})
    reason = _words("reason", reason, "What should the directors know?")
    named = _conditions(outcome, conditions)
    result = panel_result(submission)
    if blockers := result.recommend_blockers(outcome):
        raise Refused(blockers, subject=submission)
    take_duty(submission=submission, user=by, side=Duty.Side.ASSESS, by=by)
    made = _record_recommendation(result, outcome, reason, named, by, is_override=False)
    if outcome == Recommendation.Outcome.DECLINE:
        decline_submission(submission=submission, reason=reason, by=by)
    else:
        recommend_submission(submission=submission, by=by)
    return made


@action
def override(*, submission: Submission, reason: str, conditions: Sequence[Given] = (), by: User) -> Recommendation:
    """Recommend against the panel's result, by a director's word; that director does not sign the grant.

    Never for a failed C1, C6, C7, C8 or C15. Raises PermissionDenied, ValidationError, Refused.
    """
    submission = _locked(submission)
    ask(by, "reviews.override_panel", submission)
    reason = _words("reason", reason, "Why against the panel's result?")
    result = panel_result(submission)
    if blockers := result.override_blockers():
        raise Refused(blockers, subject=submission)
    take_duty(submission=submission, user=by, side=Duty.Side.ASSESS, by=by)
    named = [one for one in map(voted, conditions) if one.text]
    outcome = Recommendation.Outcome.CONDITIONS if named else Recommendation.Outcome.RECOMMEND
    made = _record_recommendation(result, outcome, reason, named, by, is_override=True)
    override_submission(submission=submission, reason=reason, by=by)
    return made


def _record_recommendation(
    result: PanelResult, outcome: str, reason: str, conditions: list[VettingCondition], by: User, *, is_override: bool
) -> Recommendation:
    _supersede(result.submission)
    made = Recommendation(
        submission=result.submission,
        outcome=outcome,
        reason=reason,
        conditions=[one.kept() for one in conditions],
        is_override=is_override,
        recommended_by=by,
        **recommendation_record(result),
    )
    made.validate_constraints()
    made.save()
    record(
        "recommended",
        made,
        by=by,
        note=reason,
        facts={
            "submission": result.submission.pk,
            "outcome": str(outcome),
            "composite": made.composite_exact,
            "band": made.band,
            "override": is_override,
            "conditions": len(conditions),
        },
    )
    return made


def _supersede(submission: Submission) -> None:
    for old in lock(Recommendation.objects.current().filter(submission=submission)):
        old.superseded_at = timezone.now()
        old.save(update_fields=["superseded_at"])


@action
def return_to_review(*, submission: Submission, reason: str, by: User) -> Submission:
    """Give a recommended submission back to the reviewers, with the reason; its officer and its reviewers are told.

    Raises PermissionDenied, Refused, ValidationError.
    """
    submission = _locked(submission)
    ask(by, "reviews.return_submission", submission)
    reason = _words("reason", reason, "What should be looked at again?")
    returned = return_submission(submission=submission, reason=reason, by=by)
    for old in lock(Recommendation.objects.current().filter(submission=submission)):
        old.superseded_at = old.returned_at = timezone.now()
        old.returned_by, old.returned_reason = by, reason
        old.save(update_fields=["superseded_at", "returned_at", "returned_by", "returned_reason"])
    reading = [review.reviewer for review in submission.reviews.active().select_related("reviewer")]
    able = [one for one in reading if Role.REVIEWER in one.role_keys]
    for reader in sorted({*able, *officers_of(submission)} - {by}, key=lambda user: user.pk):
        notify(
            reader,
            subject=f"Application {submission.number} came back for another look",
            template="reviews/mail/returned.txt",
            context={"submission": submission, "director": by.name, "reason": reason},
        )
    return returned
