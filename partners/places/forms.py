"""The forms of closed places: one begins, one ends."""

from typing import Any, cast

from django import forms
from django.utils import timezone

from partners.places.actions import add_embargo, end_embargo
from partners.places.closing import region_choices, region_hint
from partners.places.countries import country_choices
from partners.places.models import Embargo
from vetting_portal.fields import DayField
from vetting_portal.forms import RecordForm
from vetting_portal.models import User


def ask_region(form: forms.Form) -> None:
    """Let a form ask for the region only while one is closed, and say for which countries it matters."""
    today = timezone.localdate()
    if choices := region_choices(today):
        cast("forms.ChoiceField", form.fields["region"]).choices = choices
        form.fields["region"].help_text = region_hint(today)
    else:
        del form.fields["region"]


def _reason(help_text: str) -> forms.CharField:
    return forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}), help_text=help_text)


class EmbargoForm(forms.Form):
    """A place that is closed from a day on."""

    name = forms.CharField(max_length=120, label="Name, as partners read it")
    country = forms.ChoiceField(label="Country")
    region = forms.SlugField(
        max_length=24,
        required=False,
        label="Region",
        help_text="Only if it is a part of the country: one short word in Latin letters, for example crimea.",
    )
    since_on = DayField(label="Closed from")
    source = forms.CharField(
        max_length=300, label="Programme and legal source", help_text="For example E.O. 14065 of 21 February 2022."
    )
    reason = _reason("Who checked it, and where.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["country"]).choices = [("", "Choose a country"), *country_choices()]

    def save(self, *, by: User) -> Embargo:
        """Close the place."""
        return add_embargo(by=by, **self.cleaned_data)


class EndForm(RecordForm[Embargo]):
    """The last day of a closed place."""

    until_on = DayField(label="Last day", help_text="The place is open from the day after.")
    reason = _reason("Which law ends it, who checked it, and where.")

    def save(self, *, by: User) -> Embargo:
        """End it."""
        return end_embargo(embargo=self.record, by=by, **self.cleaned_data)
