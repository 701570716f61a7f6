"""What a reviewer fills in while practising."""

from typing import Any

from django import forms

from partners.checklists.models import Criterion
from reviews.practice.actions import save_practice_score
from reviews.practice.models import LONGEST_REASON, NOT_APPLICABLE, PracticeAttempt, PracticeScore
from vetting_portal.models import User


class PracticeScoreForm(forms.Form):
    """One criterion of a practice review: the score, or "not applicable", and why. Saved complete or not."""

    score = forms.ChoiceField(
        required=False,
        label="Score",
        error_messages={"invalid_choice": "Choose one of the scores that are offered."},
    )
    justification = forms.CharField(
        label="Why this score, and not one higher?",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, record: PracticeAttempt, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attempt, self.criterion = record, criterion
        values = [str(value) for value in range(len(criterion.anchors))]
        if criterion.applies_when:
            values.append(NOT_APPLICABLE)
        self.fields["score"].choices = [("", ""), *((value, value) for value in values)]  # type: ignore[attr-defined]

    def save(self, *, by: User) -> PracticeScore:
        """Save what stands there. Raises as ``save_practice_score`` does."""
        chosen = self.cleaned_data["score"]
        not_applicable = chosen == NOT_APPLICABLE
        return save_practice_score(
            attempt=self.attempt,
            criterion=self.criterion,
            value=None if not_applicable or chosen == "" else int(chosen),
            not_applicable=not_applicable,
            justification=self.cleaned_data["justification"],
            edition=self.cleaned_data["edition"],
            by=by,
        )
