"""Writing a submission: its answers, saved as they go, and the papers linked to criteria."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.programmes.models import Question
from partners.programmes.questions import LONGEST_TEXT, is_blank, read
from partners.submissions.models import Answer, EvidenceLink, Submission
from partners.vault.actions import Dates, add_paper
from partners.vault.models import Paper
from vetting_portal.files import Blob
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

TITLE_LENGTH = 200
LARGEST_AMOUNT = 10**15


@dataclass
class Saved:
    """What came of saving: keys saved now, and answers that somebody else changed since the page was opened."""

    submission: Submission
    saved: list[str] = field(default_factory=list)
    stale: dict[str, Answer] = field(default_factory=dict)


def _editable(submission: Submission, by: User) -> Submission:
    fresh = lock(submission)
    ask(by, "partners.change_submission", fresh)
    if not fresh.is_editable:
        state = fresh.get_state_display().lower()
        raise Refused([Blocker(f"This application is {state} now.", hint="It cannot be changed.")], subject=fresh)
    return fresh


@dataclass(frozen=True)
class Opened:
    """How the partner's page was opened: the version of each answer then, and the page's own token.

    ``is_autosave`` says that one answer is saved while somebody types, not the whole page at its end.
    """

    versions: Mapping[str, int]
    page: str = ""
    is_autosave: bool = False


@action
def save_answers(*, submission: Submission, values: Mapping[str, Any], opened: Opened, by: User) -> Saved:
    """Save answers by the keys of their questions, complete or not: what is missing is asked again before sending.

    An answer that was changed elsewhere since the page was opened is not overwritten: it comes back in ``stale``.
    Raises PermissionDenied, Refused once the submission is sent, ValidationError for an unknown key or a text too long.
    """
    fresh = _editable(submission, by)
    questions = {question.key: question for question in fresh.questions}
    if unknown := set(values) - set(questions):
        raise ValidationError(f"There is no question {', '.join(sorted(unknown))}.")
    result = Saved(fresh)
    for key, value in values.items():
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise ValidationError({key: f"This text is too long: at most {LONGEST_TEXT:,} characters."})
        _save_one(result, questions[key], value, opened, by)
    if result.saved:
        fresh.save()
        record("answers_saved", fresh, by=by, facts={"keys": sorted(result.saved)})
        fresh.__dict__.pop("answers_by_question", None)
    return result


def _is_stale(kept: Answer, seen: int, opened: Opened) -> bool:
    """Whether an answer was changed elsewhere since the page was opened.

    What the page's own autosave wrote is not elsewhere; but an autosave that arrives late never undoes anything.
    """
    own = bool(opened.page) and kept.page == opened.page and not opened.is_autosave
    return kept.version != seen and not own


def _save_one(result: Saved, question: Question, value: Any, opened: Opened, by: User) -> None:
    fresh = result.submission
    kept = fresh.answers_by_question.get(question.pk)
    if (kept is None and is_blank(value)) or (kept is not None and kept.value == value):
        return
    if kept is not None and _is_stale(kept, opened.versions.get(question.key, 0), opened):
        result.stale[question.key] = kept
        return
    if kept is None:
        kept = Answer(submission=fresh, question=question, version=0)
    kept.value, kept.version = value, kept.version + 1
    kept.page = opened.page if opened.is_autosave else ""
    kept.saved_at, kept.saved_by = timezone.now(), by
    kept.save()
    fresh.answers_by_question[question.pk] = kept
    result.saved.append(question.key)
    _fill_column(fresh, question, value)


def _fill_column(submission: Submission, question: Question, value: Any) -> None:
    """Let an answer also fill the submission's own column, where its question says so."""
    if question.target == Question.Target.AMOUNT:
        amount = read(question.kind, value, submission.currency)
        if isinstance(amount, int) and amount < LARGEST_AMOUNT:
            submission.amount_requested_minor = amount
        elif submission.submitted_at is None:  # once sent, the amount that was sent stays until there is another
            submission.amount_requested_minor = None
    elif question.target == Question.Target.TITLE:
        submission.title = str(value or "").strip()[:TITLE_LENGTH]
    elif question.target == Question.Target.SUMMARY:
        submission.summary = str(value or "").strip()


@action
def link_paper(*, submission: Submission, criterion: Criterion, paper: Paper, by: User) -> EvidenceLink:
    """Say that a paper is evidence for a criterion. Linking it twice is the same as once.

    Raises PermissionDenied, Refused once the submission is sent, ValidationError for another's paper or checklist.
    """
    fresh = _editable(submission, by)
    if paper.organisation_id != fresh.organisation_id:
        raise ValidationError({"paper": "Choose one of your own papers."})
    if paper.translates_id is not None:
        raise ValidationError({"paper": "A translation goes with its paper. Choose the paper itself."})
    if criterion.checklist_id != fresh.checklist_id:
        raise ValidationError({"criterion": "Choose a criterion of this application's checklist."})
    link, made = EvidenceLink.objects.get_or_create(
        submission=fresh, criterion=criterion, paper=paper, defaults={"linked_at": timezone.now(), "linked_by": by}
    )
    if made:
        record("paper_linked", fresh, by=by, facts={"criterion": criterion.code, "paper": paper.pk})
    return link


@action
def add_evidence(
    *,
    submission: Submission,
    criterion: Criterion,
    blob: Blob,
    original_name: str,
    kind: str,
    title: str,
    dates: Dates,
    by: User,
) -> EvidenceLink:
    """Take a new paper into the vault and link it to a criterion at once. Raises what both raise."""
    organisation = lock(submission.organisation)
    document = add_paper(
        organisation=organisation, blob=blob, original_name=original_name, kind=kind, title=title, dates=dates, by=by
    )
    return link_paper(submission=submission, criterion=criterion, paper=document.paper, by=by)


@action
def unlink_paper(*, link: EvidenceLink, by: User) -> None:
    """Take a paper back as evidence; the paper stays in the vault. Raises PermissionDenied, Refused once sent."""
    fresh = _editable(link.submission, by)
    facts = {"criterion": link.criterion.code, "paper": link.paper_id}
    removed, _ = EvidenceLink.objects.filter(pk=link.pk, submission=fresh).delete()
    if removed:
        record("paper_unlinked", fresh, by=by, facts=facts)
