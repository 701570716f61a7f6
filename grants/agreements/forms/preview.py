"""The form that chooses the grant on whose terms a wording is looked at."""

from typing import Any, cast

from django import forms

from grants.agreements.models import Grant


class GrantField(forms.ModelChoiceField[Grant]):
    """A choice of a grant, by number and partner."""

    def label_from_instance(self, obj: Grant) -> str:
        """Return what the list shows of a grant."""
        return f"{obj.number} {obj.submission.organisation}, {obj.get_state_display().lower()}"


class PreviewForm(forms.Form):
    """One grant, of those that the visitor may read."""

    grant = GrantField(
        queryset=Grant.objects.none(),
        label="On the terms of",
        empty_label="Choose a grant",
        to_field_name="number",
        error_messages={"required": "Choose a grant.", "invalid_choice": "Choose a grant from the list."},
    )

    def __init__(self, *args: Any, grants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("GrantField", self.fields["grant"]).queryset = grants
