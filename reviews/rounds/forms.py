"""How a round is cut: from a day to a day, and by checklist."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from partners.checklists.models import ChecklistVersion
from partners.programmes.models import Programme
from reviews.rounds.queries import Round
from vetting_portal.fields import DayField


class RoundForm(forms.Form):
    """The days of the first submit, both included, and the checklist; empty means all, and the newest checklist."""

    since = DayField(label="From", required=False)
    until = DayField(label="To", required=False)
    checklist = forms.ModelChoiceField(
        queryset=ChecklistVersion.objects.none(), label="Checklist", required=False, empty_label=None
    )

    def __init__(self, *args: Any, programme: Programme, checklists: list[ChecklistVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programme, self.checklists = programme, checklists
        queryset = ChecklistVersion.objects.filter(pk__in=[one.pk for one in checklists]).order_by("-number", "-pk")
        self.fields["checklist"].queryset = queryset  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check that the days stand in order."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            raise ValidationError({"until": "The last day comes before the first."})
        return given

    def cut(self) -> Round:
        """Return the round that was asked for; where the form is wrong, the whole one."""
        given = self.cleaned_data if self.is_valid() else {}
        newest = self.checklists[0] if self.checklists else None
        return Round(self.programme, given.get("checklist") or newest, given.get("since"), given.get("until"))
