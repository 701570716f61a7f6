"""The rows in which conditions are written: in a recommendation, a draft grant and an amendment."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reviews.panels.conditions import AskedOf, VettingCondition, choices, read_choice
from vetting_portal.fields import DayField

PREFIX = "conditions"
LONGEST = 600
MOST_ROWS = 40
SAY_WHAT = "Write what the condition is, or clear the date."


class ConditionRow(forms.Form):
    """One condition; a row without text is left out."""

    number = forms.IntegerField(required=False, min_value=1, max_value=10_000, widget=forms.HiddenInput)
    text = forms.CharField(
        label="What is to be shown", max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    before = forms.ChoiceField(label="It must be met before", required=False, choices=choices, initial="payment-1")
    asked_of = forms.ChoiceField(
        label="Who shows it", required=False, choices=AskedOf.choices, initial=AskedOf.PARTNER.value
    )
    due_on = DayField(label="By", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = str(self.initial.get("before", "")).rpartition("-")[2]
        numbers = [int(known)] if known.isdecimal() else []
        self.fields["before"].choices = choices(numbers)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the text of a new row that has a date."""
        given = super().clean() or self.cleaned_data
        if given.get("due_on") and not given.get("text", "").strip() and not given.get("number"):
            self.add_error("text", ValidationError(SAY_WHAT))
        return given

    def condition(self) -> VettingCondition | None:
        """Return the condition, or None for a row without text."""
        given = self.cleaned_data
        text = " ".join(str(given.get("text", "")).split())
        if not text:
            return None
        blocks, of = read_choice(given.get("before") or "payment-1")
        due_on = given["due_on"].isoformat() if given.get("due_on") else ""
        asked_of = given.get("asked_of") or AskedOf.PARTNER.value
        return VettingCondition(text, blocks, of, asked_of, due_on, given.get("number") or 0)


def initial_rows(conditions: Sequence[str | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return conditions as their rows show them."""
    return [
        {
            "number": one.number or None,
            "text": one.text,
            "before": one.choice or "payment-1",
            "asked_of": one.asked_of,
            "due_on": one.due_on or None,
        }
        for one in (VettingCondition.read(value) for value in conditions)
    ]


def condition_rows(data: Any = None, *, extra: int, initial: Sequence[dict[str, Any]] = ()) -> forms.BaseFormSet:
    """Return the rows of a form that has no other rows."""
    factory = forms.formset_factory(ConditionRow, extra=extra, max_num=MOST_ROWS)
    return factory(data, initial=list(initial), prefix=PREFIX)


def given_conditions(rows: forms.BaseFormSet) -> list[VettingCondition]:
    """Return the conditions of rows that are right, in their order."""
    return [one for row in rows if (one := row.condition()) is not None]
