"""What a submission answers, as far as the conditions of its checklist ask: as typed, and as it was sent last."""

from typing import TYPE_CHECKING, Any

from partners.checklists.conditions import Given
from partners.programmes.questions import QuestionKind, is_blank, read, words_for

if TYPE_CHECKING:
    from partners.programmes.models import Question
    from partners.submissions.models import Submission

CHOSEN = frozenset({QuestionKind.YES_NO, QuestionKind.CHOICE, QuestionKind.CHOICES})
COUNTED = frozenset({QuestionKind.MONEY, QuestionKind.NUMBER})
AMOUNT = "amount_requested_minor"
# After these the partner's typing has gone on, or may have, since the last version was sent.
TYPED_ON = frozenset({"changes_requested", "withdrawn"})


def given_for(question: "Question", value: Any, currency: str, *, requested: int | None) -> Given:
    """Return one answer. The question that asks for the amount answers with the submission's own, ``requested``."""
    words = words_for(question, value)
    if question.kind in CHOSEN:
        chosen = value if isinstance(value, list) else [] if is_blank(value) else [value]
        return Given(question.label, words, tuple(str(item) for item in chosen))
    if question.kind not in COUNTED:
        return Given(question.label, words)
    number = requested if question.target == AMOUNT else read(question.kind, value, currency)
    unit = currency if question.kind == QuestionKind.MONEY else ""
    return Given(question.label, words or (str(number) if number is not None else ""), amount=number, currency=unit)


def typed_facts(submission: "Submission") -> dict[str, Given]:
    """Return the answers as they stand in the partner's pages now, by the key of their question."""
    amount, currency = submission.amount_requested_minor, submission.currency
    return {
        question.key: given_for(question, submission.value_of(question), currency, requested=amount)
        for question in submission.questions
    }


def sent_facts(submission: "Submission", content: dict[str, Any]) -> dict[str, Given]:
    """Return the answers of a version that was sent; ``content`` is its frozen record."""
    values = {answer["key"]: answer["value"] for section in content["sections"] for answer in section["answers"]}
    amount, currency = content["amount_requested_minor"], content["currency"]
    return {
        question.key: given_for(question, values.get(question.key), currency, requested=amount)
        for question in submission.questions
    }


def facts_of(submission: "Submission") -> dict[str, Given]:
    """Return the answers that count for the funder: those of the newest version; for a draft those typed so far.

    Between a request for changes and the next sending the partner types on; what is typed counts once it is sent.
    """
    version = submission.latest_version if submission.submitted_at and submission.state in TYPED_ON else None
    return typed_facts(submission) if version is None else sent_facts(submission, version.content)
