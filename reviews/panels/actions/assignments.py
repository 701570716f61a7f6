"""The officer's part before the scores: reviewers asked, reminded, no longer waited for; conflicts declared by
everybody.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.programmes.questions import count_words
from partners.submissions.actions import (
    end_access,
    give_access,
    note_version_read,
    start_review,
    take_duty,
    take_officer,
)
from partners.submissions.models import Duty, Submission
from partners.submissions.officers import officers_of
from reviews.panels.conflicts import Finding, findings_of, soft_findings
from reviews.panels.models import (
    Citation,
    ConflictDeclaration,
    ConflictWarning,
    Review,
    Score,
    scored_criteria,
)
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, perform, record

# Assessed too: where a reviewer steps aside after the reviews were closed, another one is asked.
ASSIGNABLE_WHILE = frozenset({"submitted", "in_review", "assessed"})
REASON_WORDS = 5  # of the officer who asks somebody in spite of what the records show
ANSWER_WORDS = 3  # of who is asked about it


def assign_blockers(submission: Submission, reviewer: User) -> list[Blocker]:
    """Say why ``reviewer`` cannot be asked to review this submission."""
    blockers: list[Blocker] = []
    if Role.REVIEWER not in reviewer.role_keys:
        blockers.append(Blocker(f"{reviewer} is not a reviewer."))
    blockers += [
        Blocker(f"{reviewer} {finding.text}.", hint="Ask somebody from outside.")
        for finding in findings_of(submission.organisation, [reviewer])[reviewer.pk]
        if finding.is_hard
    ]
    if submission.reviews.filter(reviewer=reviewer).exists():
        blockers.append(Blocker(f"{reviewer} was asked already."))
    if submission.duties.filter(user=reviewer, side="sign").exists():
        blockers.append(Blocker(f"{reviewer} signs for this submission.", hint="Who signs does not assess."))
    return blockers


@action
def assign_reviewer(*, submission: Submission, reviewer: User, due_on: date, reason: str = "", by: User) -> Review:
    """Ask ``reviewer`` to review ``submission`` by ``due_on``; the first one asked starts the review.

    The reviewer stands on the assessing side from now on; the content opens only with the declaration. Where the
    records show something short of a conflict, ``reason`` says why all the same. Raises PermissionDenied,
    ValidationError for a day in the past or that reason missing, Refused for members, former members, declared
    conflicts.
    """
    lock(submission.organisation)
    submission = lock(submission)
    ask(by, "reviews.assign_reviewer", submission)
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": "Give a day that is still to come."})
    if submission.state not in ASSIGNABLE_WHILE:
        raise Refused([f"This submission is {submission.get_state_display().lower()} now."], subject=submission)
    if blockers := assign_blockers(submission, reviewer):
        raise Refused(blockers, subject=submission)
    shown, reason = soft_findings(submission.organisation, reviewer), reason.strip()
    if shown and count_words(reason) < REASON_WORDS:
        told = "; ".join(finding.text for finding in shown)
        message = f"{reviewer} {told}. Say why you ask them all the same: at least {REASON_WORDS} words."
        raise ValidationError({"reason": message})
    take_duty(submission=submission, user=reviewer, side=Duty.Side.ASSESS, by=by)
    if submission.state == Submission.State.SUBMITTED:
        submission = start_review(submission=submission, by=by)
    review = Review(submission=submission, reviewer=reviewer, due_on=due_on, invited_at=timezone.now(), invited_by=by)
    review.validate_constraints()
    review.save()
    _keep_warnings(review, shown, reason)
    facts = {"submission": submission.pk, "reviewer": reviewer.pk, "due_on": due_on.isoformat()}
    facts |= {"warnings": [str(finding.kind) for finding in shown]} if shown else {}
    record("invited", review, by=by, note=reason if shown else "", to_state=review.state, facts=facts)
    notify(
        reviewer,
        subject=f"A submission to review by {due_on:%-d %B %Y}",
        template="reviews/mail/invited.txt",
        context={"review": review},
    )
    return review


def _keep_warnings(review: Review, shown: Sequence[Finding], reason: str) -> None:
    """Keep what the records showed when the reviewer was asked, and why all the same."""
    for finding in shown:
        ConflictWarning.objects.create(
            review=review,
            kind=finding.kind,
            text=finding.text,
            reason=reason,
            accepted_at=review.invited_at,
            accepted_by=review.invited_by,
        )


@action
def remind_reviewer(*, review: Review, by: User) -> Review:
    """Write to a reviewer who is waited for, at most once a day. Raises PermissionDenied, Refused."""
    lock(review.submission)
    review = lock(review)
    ask(by, "reviews.remind_reviewer", review)
    is_behind = review.state == Review.State.SUBMITTED and review.is_behind
    if not review.is_open and not is_behind:
        raise Refused([f"Nobody waits for this review: it is {review.get_state_display().lower()}."], subject=review)
    if review.was_reminded_today:
        raise Refused([f"{review.reviewer} was reminded today already."], subject=review)
    review.reminded_at = timezone.now()
    review.save(update_fields=["reminded_at"])
    record("reminded", review, by=by)
    is_ = "was" if review.due_on < timezone.localdate() else "is"
    subject, template = f"Your review {is_} due on {review.due_on:%-d %B %Y}", "reviews/mail/reminder.txt"
    if is_behind:
        subject = f"Confirm your scores for application {review.submission.number}"
        template = "reviews/mail/confirm.txt"
    notify(review.reviewer, subject=subject, template=template, context={"review": review})
    return review


@action
def end_review(*, review: Review, by: User) -> Review:
    """Wait no longer for a review. One that was submitted goes back to what was submitted, where that is about the
    newest version of the application; any other ends. The reviewer is told.

    Raises PermissionDenied, Refused.
    """
    lock(review.submission)
    if review.state == Review.State.IN_PROGRESS and review.version and not review.is_behind:
        _restore_submitted(lock(review))
    ended: Review = perform(review.end, by=by)
    if ended.state == Review.State.ENDED:
        end_access(submission=ended.submission, user=ended.reviewer, as_role=ConflictDeclaration.AsRole.REVIEWER, by=by)
    if Role.REVIEWER in ended.reviewer.role_keys and ended.reviewer_id != by.pk:
        notify(
            ended.reviewer,
            subject=f"Your review of application {ended.submission.number}",
            template="reviews/mail/ended.txt",
            context={"review": ended},
        )
    return ended


def _restore_submitted(review: Review) -> None:
    """Put the scores, citations and advice of a review back to what was submitted last: what was typed since goes."""
    frozen = review.versions.order_by("-number").first()
    if frozen is None:
        return
    told, codes = frozen.content["scores"], {one.pk: one.code for one in scored_criteria(review.submission)}
    for score in lock(review.scores.all()):
        given = told.get(codes.get(score.criterion_id, ""))
        is_given = given is not None and not given["by_answer"]
        score.value = given["value"] if is_given else None
        score.not_applicable = given["not_applicable"] if is_given else False
        score.justification = given["justification"] if is_given else ""
        score.given_on = frozen.submission_version if is_given else None
        score.edition, score.saved_at = score.edition + 1, timezone.now()
        score.save()
        _restore_citations(score, given["citations"] if is_given else [])
    review.advice, review.advice_edition = frozen.content["advice"], review.advice_edition + 1
    review.save(update_fields=["advice", "advice_edition"])


def _restore_citations(score: Score, told: list[dict[str, Any]]) -> None:
    """Leave a score exactly the citations that a submitted version tells of."""
    wanted = {(one["document"], one["page"], one["passage"]): one for one in told}
    for citation in score.citations.all():
        if wanted.pop((citation.document_id, citation.page, citation.passage), None) is None:
            citation.delete()
    for (document, page, passage), one in wanted.items():
        is_quoted = bool(passage) and f"“{passage}”" in one["text"]
        Citation.objects.create(
            score=score, document_id=document, page=page, passage=passage, is_quoted=is_quoted, cited_at=timezone.now()
        )


@action
def declare(
    *,
    review: Review,
    has_interest: bool,
    note: str = "",
    keeps_confidence: bool = False,
    answers: Mapping[str, str] | None = None,
    by: User,
) -> Review:
    """Declare an interest or none, before the content opens.

    None: the content opens, once everything that the records show is answered (``answers``, by the key of the
    finding). One, or not sure: the reviewer steps aside, now and in every other submission of the same organisation.
    Raises PermissionDenied, ValidationError without the promise of confidence or an answer, Refused when declared.
    """
    lock(review.submission.organisation)
    submission = lock(review.submission)
    review = lock(review)
    ask(by, "reviews.declare_review", review)
    if has_interest:
        return _step_aside(review, note, by)
    if review.state != Review.State.INVITED:
        raise Refused(["You have answered this already."], subject=review)
    if not keeps_confidence:
        raise ValidationError({"keeps_confidence": "Say that you keep what you read to yourself."})
    told = _answered(submission, by, answers)
    version = submission.latest_version
    if version is None:
        raise Refused(["The partner has not sent this submission yet."], subject=review)
    _add_declaration(submission, by, ConflictDeclaration.AsRole.REVIEWER, has_interest=False, note=note, told=told)
    review = perform(review.begin, by=by, seen_version=version)
    # The reviewer's own word opens the content: the portal gives the right, nobody of the staff has to.
    portal = User.objects.system("panels")
    give_access(submission=submission, user=by, as_role=ConflictDeclaration.AsRole.REVIEWER, by=portal)
    note_version_read(version=version, by=by)
    return review


@action
def recuse_review(*, review: Review, note: str = "", by: User) -> Review:
    """Step aside at a later moment: the scores are set aside, the trail stays. Raises as ``declare`` does."""
    return declare(review=review, has_interest=True, note=note, by=by)


def _step_aside(review: Review, note: str, by: User) -> Review:
    """End the user's part in every submission of the organisation, then write the declaration; the officer is told."""
    if review.state in {Review.State.RECUSED, Review.State.ENDED}:
        raise Refused([f"This review is {review.get_state_display().lower()} already."], subject=review)
    stepped = _recuse_all(review.submission, by)
    _add_declaration(review.submission, by, ConflictDeclaration.AsRole.REVIEWER, has_interest=True, note=note)
    for one in stepped:
        for officer in officers_of(one.submission, one.invited_by):
            notify(
                officer,
                subject=f"A reviewer stepped aside: {one.submission.number}",
                template="reviews/mail/stepped_aside.txt",
                context={"review": one, "note": note},
            )
    return next(other for other in stepped if other.pk == review.pk)


def _recuse_all(submission: Submission, by: User) -> list[Review]:
    """Recuse every review of ``by`` for the organisation that applies; the right to read ends with it."""
    mine = by.reviews.filter(submission__organisation_id=submission.organisation_id)
    stepped = []
    for review in lock(mine.active()):
        stepped.append(perform(review.recuse, by=by))
        end_access(submission=review.submission, user=by, as_role=ConflictDeclaration.AsRole.REVIEWER, by=by)
    return stepped


def _answered(submission: Submission, user: User, answers: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return what the records show of ``user`` with the answers. Raises ValidationError, each by its field, for one
    that is missing.
    """
    given = {key: answer.strip() for key, answer in (answers or {}).items()}
    shown = soft_findings(submission.organisation, user)
    missing = [finding.key for finding in shown if count_words(given.get(finding.key, "")) < ANSWER_WORDS]
    if missing:
        raise ValidationError({f"answer_{key}": f"Answer this: at least {ANSWER_WORDS} words." for key in missing})
    return [{"kind": str(one.kind), "text": one.text, "answer": given[one.key]} for one in shown]


def _add_declaration(
    submission: Submission,
    user: User,
    as_role: str,
    *,
    has_interest: bool,
    note: str,
    told: Sequence[Mapping[str, str]] = (),
) -> ConflictDeclaration:
    declaration = ConflictDeclaration(
        submission=submission,
        user=user,
        as_role=as_role,
        has_interest=has_interest,
        note=note.strip(),
        answers=list(told),
        declared_at=timezone.now(),
    )
    declaration.full_clean()
    declaration.save()
    record(
        "declared",
        declaration,
        by=user,
        note=note.strip(),
        facts={
            "submission": submission.pk,
            "as_role": str(as_role),
            "has_interest": has_interest,
            **({"answered": [answer["kind"] for answer in told]} if told else {}),
        },
    )
    return declaration


def declaration_blockers(submission: Submission, user: User) -> list[Blocker]:
    """Return why ``user`` cannot declare as the programme officer any more: an interest was declared, and stays."""
    if ConflictDeclaration.objects.of_officer(submission, user).of_interest().exists():
        return [Blocker("You have declared an interest already.", hint="Another programme officer takes over.")]
    return []


@action
def declare_as_officer(
    *, submission: Submission, has_interest: bool, note: str = "", answers: Mapping[str, str] | None = None, by: User
) -> ConflictDeclaration:
    """Declare an interest or none as the programme officer. None: takes the submission in charge where nobody has it.

    None needs an answer to everything that the records show. One: another officer takes over, and who declares it
    reviews none of this organisation. Raises PermissionDenied, ValidationError when it is declared or an answer is
    missing.
    """
    lock(submission.organisation)
    submission = lock(submission)
    ask(by, "reviews.declare_as_officer", submission)
    role = ConflictDeclaration.AsRole.OFFICER
    if reasons := declaration_blockers(submission, by):
        raise Refused(reasons, subject=submission)
    if not has_interest:
        told = _answered(submission, by, answers)
        declaration = _add_declaration(submission, by, role, has_interest=False, note=note, told=told)
        if submission.officer_id is None and by.has_perm("reviews.assign_reviewer", submission):
            take_officer(submission=submission, officer=by, by=by)
        return declaration
    _recuse_all(submission, by)
    return _add_declaration(submission, by, role, has_interest=True, note=note)


@action
def hand_over(*, submission: Submission, officer: User, by: User) -> Submission:
    """Put another programme officer in charge, who is told; the same one twice is the same.

    Raises PermissionDenied; ValidationError for who cannot look after this application.
    """
    lock(submission.organisation)
    submission = lock(submission)
    ask(by, "reviews.assign_reviewer", submission)
    if submission.officer_id == officer.pk:
        return submission
    if not officer.has_perm("reviews.assign_reviewer", submission):
        text = f"{officer.name} cannot look after this application: they belong or belonged to the organisation, or "
        raise ValidationError({"officer": f"{text}have declared a conflict of interest."})
    submission = take_officer(submission=submission, officer=officer, by=by)
    if officer.pk != by.pk:
        notify(
            officer,
            subject=f"Application {submission.number} is assigned to you",
            template="reviews/mail/handed_over.txt",
            context={"submission": submission, "by": by},
        )
    return submission


@action
def take_over(*, submission: Submission, by: User) -> Submission:
    """Take a submission in charge, from nobody or from another officer. Raises PermissionDenied."""
    lock(submission.organisation)
    submission = lock(submission)
    ask(by, "reviews.assign_reviewer", submission)
    return take_officer(submission=submission, officer=by, by=by)
