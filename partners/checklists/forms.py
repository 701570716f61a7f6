"""The form for a criterion of a draft."""

from typing import Any

from django import forms

from partners.checklists.actions import change_criterion, criterion_fields
from partners.checklists.models import Criterion
from vetting_portal.models import User


class CriterionForm(forms.Form):
    """What can be changed of a criterion while its version is a draft."""

    title = forms.CharField(max_length=200)
    weight = forms.IntegerField(min_value=0, max_value=100, help_text="All weights together are 100.")
    evidence = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="What is evidence for it")
    gate_minimum = forms.IntegerField(
        min_value=1,
        max_value=4,
        required=False,
        label="Gate: the lowest score that passes",
        help_text="Empty: no gate.",
    )
    validity_months = forms.IntegerField(
        min_value=1, max_value=120, required=False, label="Evidence is good for (months)"
    )

    def __init__(self, *args: Any, record: Criterion, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **{"initial": criterion_fields(record), **kwargs})
        for point, text in enumerate(record.anchors):
            label = f"What {point} looks like" if record.is_scored else ("Pass", "Pending", "Fail")[point]
            self.fields[f"anchor_{point}"] = forms.CharField(
                label=label, initial=text, widget=forms.Textarea(attrs={"rows": 2})
            )

    def save(self, *, by: User) -> Criterion:
        """Change the criterion."""
        anchors = [self.cleaned_data[f"anchor_{point}"] for point in range(self.record.anchor_count)]
        names = ("title", "weight", "evidence", "gate_minimum", "validity_months")
        fields = {name: self.cleaned_data[name] for name in names}
        return change_criterion(criterion=self.record, by=by, anchors=anchors, **fields)

    def anchor_fields(self) -> list[forms.BoundField]:
        """Return the fields of the anchors, in order."""
        return [self[name] for name in self.fields if name.startswith("anchor_")]
