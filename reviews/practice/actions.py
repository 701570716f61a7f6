"""Practising: start, score, submit. Nothing here touches a record of a real application, and nobody is notified."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.checklists.models import ChecklistVersion, Criterion
from reviews.practice.content import CURRENT
from reviews.practice.models import LONGEST_REASON, PracticeAttempt, PracticeScore
from reviews.practice.standing import practice_blockers
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record

TOP_SCORE = 4


class PracticeSavedElsewhere(ValidationError):
    """The page is stale: the criterion was saved in another window meanwhile; ``score`` is what stands there now."""

    def __init__(self, score: PracticeScore) -> None:
        self.score = score
        at = f"{timezone.localtime(score.saved_at):%H:%M}"
        super().__init__(f"This criterion was saved in another window at {at}. Choose below which of the two stays.")


@action
def start_practice(*, by: User) -> PracticeAttempt:
    """Return the practice review that ``by`` has open, or start one on the checklist that is in force.

    Raises PermissionDenied for who is no reviewer, Refused where no practice application fits the checklist.
    """
    ask(by, "reviews.practise")
    lock(User.objects.filter(pk=by.pk))
    if found := PracticeAttempt.objects.visible_to(by).open().first():
        return found
    checklist = ChecklistVersion.objects.current()
    blockers = practice_blockers(checklist)
    if checklist is None or blockers:
        raise Refused(blockers)
    attempt = PracticeAttempt.objects.create(
        reviewer=by, checklist=checklist, application_key=CURRENT, started_at=timezone.now()
    )
    record("practice_started", attempt, by=by, facts={"checklist": checklist.pk, "application": CURRENT})
    return attempt


def _writable(attempt: PracticeAttempt, by: User) -> PracticeAttempt:
    fresh: PracticeAttempt = lock(attempt)
    ask(by, "reviews.open_practice", fresh)
    return fresh


@action
def save_practice_score(
    *,
    attempt: PracticeAttempt,
    criterion: Criterion,
    value: int | None,
    not_applicable: bool,
    justification: str,
    edition: int,
    by: User,
) -> PracticeScore:
    """Save what stands on the page for one criterion, complete or not; what is there already is left as it is.

    ``edition`` is the number of the score that the page showed, 0 for none. Raises PermissionDenied; Refused once it
    is submitted; PracticeSavedElsewhere for a stale page; ValidationError for another criterion, a score off the
    scale, or "not applicable" where the criterion always applies.
    """
    attempt = _writable(attempt, by)
    if blockers := attempt.write_blockers():
        raise Refused(blockers, subject=attempt)
    if criterion.pk not in {one.pk for one in attempt.fit.scored}:
        raise ValidationError("This criterion is not scored in this practice review.")
    if not_applicable and not criterion.applies_when:
        raise ValidationError({"value": "This criterion applies to every application."})
    if value is not None and not 0 <= value <= TOP_SCORE:
        raise ValidationError({"value": "Choose a score from 0 to 4."})
    words = justification.strip()
    if len(words) > LONGEST_REASON:
        raise ValidationError({"justification": f"At most {LONGEST_REASON:,} characters. This has {len(words):,}."})
    now = (None if not_applicable else value, not_applicable, words)
    found = lock(PracticeScore.objects.filter(attempt=attempt, criterion=criterion))
    score = found[0] if found else PracticeScore(attempt=attempt, criterion=criterion, edition=0)
    if found and (score.value, score.not_applicable, score.justification) == now:
        return score
    if score.edition != edition:
        raise PracticeSavedElsewhere(score)
    score.value, score.not_applicable, score.justification = now
    score.edition, score.saved_at = score.edition + 1, timezone.now()
    score.save()
    record("practice_score_saved", attempt, by=by, facts={"criterion": criterion.code, "edition": score.edition})
    return score


@action
def submit_practice(*, attempt: PracticeAttempt, by: User) -> PracticeAttempt:
    """Finish a practice review: its scores stand beside the reference scores from now on. Twice is the same.

    Raises PermissionDenied; Refused with what is missing.
    """
    attempt = _writable(attempt, by)
    if attempt.submitted_at is not None:
        return attempt
    if blockers := attempt.submit_blockers():
        raise Refused(blockers, title="Your practice review is not complete", subject=attempt)
    attempt.submitted_at = timezone.now()
    attempt.save(update_fields=["submitted_at"])
    record("practice_submitted", attempt, by=by)
    return attempt
