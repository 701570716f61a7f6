"""The questions by which a criterion of a draft can be switched: those that calls of this checklist ask."""

from itertools import groupby

from partners.checklists.models import ChecklistVersion
from partners.programmes.models import Question, Questionnaire, shipped_questions
from partners.programmes.switches import can_switch


def question_sets(checklist: ChecklistVersion) -> list[list[Question]]:
    """Return the newest questions of each name that were written for this checklist, in any of its versions.

    Before the first are adopted, those that the portal ships with: a first draft is decided by what calls will ask.
    """
    if not Questionnaire.objects.exists():
        return [shipped_questions()]
    named = groupby(Questionnaire.objects.for_family(checklist), key=lambda one: one.name)
    return [next(versions).asked() for _, versions in named]


def switching_questions(checklist: ChecklistVersion) -> dict[str, Question]:
    """Return the questions that can decide a condition, by key, in the order in which they are asked."""
    found: dict[str, Question] = {}
    for questions in question_sets(checklist):
        for question in questions:
            if can_switch(question):
                found.setdefault(question.key, question)
    return found
