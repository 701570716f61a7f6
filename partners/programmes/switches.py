"""The questions that conditions of a checklist may name, and whether a call asks them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from partners.checklists.conditions import Condition
from partners.programmes.questions import QuestionKind, values_of

if TYPE_CHECKING:
    from partners.checklists.models import ChecklistVersion
    from partners.programmes.models import Question

CHOSEN = frozenset({QuestionKind.YES_NO, QuestionKind.CHOICE, QuestionKind.CHOICES})
COUNTED = frozenset({QuestionKind.MONEY, QuestionKind.NUMBER})


def can_switch(question: "Question") -> bool:
    """Whether a question can decide: it must be answered, by a choice, an amount or a number."""
    return question.required and question.kind in CHOSEN | COUNTED


def condition_problem(condition: Condition, questions: "Iterable[Question]") -> str:
    """Return why these questions cannot decide a condition, in plain words, or an empty text."""
    asked = next((question for question in questions if question.key == condition.question), None)
    if asked is None:
        return f"There is no question “{condition.question}”."
    if not asked.required:
        return f"The question “{asked.label}” may be left unanswered, so it cannot decide."
    if condition.above is not None:
        return "" if asked.kind in COUNTED else f"The question “{asked.label}” does not ask for an amount or a number."
    if asked.kind not in CHOSEN:
        return f"The question “{asked.label}” has no answers to choose from."
    unknown = [value for value in condition.answers if value not in values_of(asked)]
    return f"The question “{asked.label}” has no answer “{unknown[0]}”." if unknown else ""


def problems_with(checklist: "ChecklistVersion", sets: "Sequence[Sequence[Question]]") -> list[tuple[str, str, str]]:
    """Return each condition that no set of questions can decide: code of the criterion, field, why.

    A set is the questions of one call; every call that takes this version must be able to decide every condition.
    """
    found = []
    for criterion in checklist.criteria.order_by("position"):
        for name, condition in criterion.conditions().items():
            reasons = [condition_problem(condition, questions) for questions in sets or [[]]]
            if all(reasons):
                found.append((criterion.code, name, reasons[0]))
    return found
