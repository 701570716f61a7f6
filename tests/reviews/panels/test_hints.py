"""A limit on words is said in the hint, before anybody meets the error."""

import pytest
from django import forms

from partners.programmes.models import shipped_questions
from partners.submissions.forms import control
from reviews.panels import forms as panels
from reviews.panels.actions import assignments, panel, reviewing
from reviews.screening.forms import DecisionForm
from reviews.screening.models import DECISION_WORDS

LIMITS = [
    (panels.ModerateForm, "resolution", panel.REASON_WORDS),
    (panels.RelatedPartyForm, "resolution", panel.REASON_WORDS),
    (panels.RecommendForm, "reason", panel.REASON_WORDS),
    (panels.OverrideForm, "reason", panel.REASON_WORDS),
    (panels.ReturnForm, "reason", panel.REASON_WORDS),
    (panels.ReopenForm, "reason", reviewing.SHORTEST_REASON),
    (panels.AssignForm, "reason", assignments.REASON_WORDS),
    (DecisionForm, "reason", DECISION_WORDS),
]


@pytest.mark.parametrize(("form", "field", "limit"), LIMITS)
def test_hint_says_the_limit(form: type[forms.Form], field: str, limit: int) -> None:
    assert f"at least {limit} " in form.base_fields[field].help_text.lower()


def test_every_question_says_how_many_words_it_needs() -> None:
    limited = [question for question in shipped_questions() if question.min_words]
    assert limited
    for question in limited:
        assert f"At least {question.min_words} words." in control(question).help_text
