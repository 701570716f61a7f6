"""The forms of organisations: itself, its people, an invitation."""

from typing import Any, cast

from django import forms

from partners.organisations.actions import (
    add_person,
    change_organisation,
    change_person,
    create_organisation,
    invite_member,
)
from partners.organisations.models import Invitation, Membership, Organisation, Person
from partners.places.countries import country_choices
from partners.places.forms import ask_region
from vetting_portal.fields import AmountField, DayField
from vetting_portal.forms import RecordForm, opening_with
from vetting_portal.models import User
from vetting_portal.money import plain


def lines(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class OrganisationForm(forms.Form):
    """What is said of an organisation."""

    legal_name = forms.CharField(max_length=200, label="Legal name", help_text="As on your registration certificate.")
    local_name = forms.CharField(max_length=200, required=False, label="Name in your own script")
    former_names = forms.CharField(
        required=False, label="Former names", help_text="One a line.", widget=forms.Textarea(attrs={"rows": 2})
    )
    country = forms.ChoiceField(label="Country of registration")
    region = forms.ChoiceField(label="Is it in one of these regions?", required=False)
    registration_number = forms.CharField(max_length=80, required=False, label="Registration number")
    founded_on = DayField(required=False, label="Founded on")
    website = forms.URLField(
        max_length=300, required=False, label="Website or page on social media", assume_scheme="https"
    )
    address = forms.CharField(required=False, label="Address", widget=forms.Textarea(attrs={"rows": 3}))
    yearly_income = AmountField(
        currency="USD",
        required=False,
        label="Yearly income",
        help_text="For the last full year. An approximate figure is enough.",
    )

    def __init__(self, *args: Any, record: Organisation | None = None, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **opening_with(self._initial(record) if record else {}, kwargs))
        cast("forms.ChoiceField", self.fields["country"]).choices = [("", "Choose a country"), *country_choices()]
        ask_region(self)

    @staticmethod
    def _initial(record: Organisation) -> dict[str, Any]:
        names = (
            "legal_name",
            "local_name",
            "country",
            "region",
            "registration_number",
            "founded_on",
            "website",
            "address",
        )
        income = record.yearly_income_minor
        return {
            **{name: getattr(record, name) for name in names},
            "former_names": "\n".join(record.former_names),
            "yearly_income": plain(income, record.income_currency) if income is not None else "",
        }

    def clean_former_names(self) -> list[str]:
        """Return the names, one a line."""
        return lines(self.cleaned_data["former_names"])

    def save(self, *, by: User) -> Organisation:
        """Make or change the organisation."""
        fields = {name: value for name, value in self.cleaned_data.items() if name != "yearly_income"}
        fields["yearly_income_minor"] = self.cleaned_data["yearly_income"]
        if self.record is None:
            return create_organisation(by=by, **fields)
        return change_organisation(organisation=self.record, by=by, **fields)


class PersonForm(forms.Form):
    """What is said of somebody who leads the organisation."""

    name = forms.CharField(max_length=200, label="Full name", help_text="As in the passport.")
    local_name = forms.CharField(max_length=200, required=False, label="Name in your own script")
    role = forms.ChoiceField(label="In which capacity?", choices=Person.Role.choices, widget=forms.RadioSelect)
    title = forms.CharField(max_length=120, required=False, label="Title", help_text="For example treasurer.")
    born_on = DayField(
        required=False, label="Born on", help_text="It helps to tell people of the same name apart. Only staff see it."
    )
    nationality = forms.ChoiceField(required=False, label="Nationality")
    since_on = DayField(required=False, label="Since")
    until_on = DayField(required=False, label="Until", help_text="Only if the person has left.")

    def __init__(self, *args: Any, organisation: Organisation, record: Person | None = None, **kwargs: Any) -> None:
        self.organisation, self.record = organisation, record
        names = ("name", "local_name", "role", "title", "born_on", "nationality", "since_on", "until_on")
        initial = {name: getattr(record, name) for name in names} if record else {}
        super().__init__(*args, **opening_with(initial, kwargs))
        cast("forms.ChoiceField", self.fields["nationality"]).choices = [("", "Not said"), *country_choices()]
        if record is None:
            del self.fields["until_on"]

    def save(self, *, by: User) -> Person:
        """Add or change the person."""
        if self.record is None:
            return add_person(organisation=self.organisation, by=by, **self.cleaned_data)
        return change_person(person=self.record, by=by, **self.cleaned_data)


class InviteForm(RecordForm[Organisation]):
    """Whom to invite, and as what."""

    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(
        label="As",
        choices=[
            (Membership.Role.EDITOR, "Editor\nWrites applications and sends papers."),
            (Membership.Role.OWNER, "Owner\nAlso sends applications, signs, invites and removes."),
        ],
        widget=forms.RadioSelect,
    )

    def save(self, *, by: User) -> Invitation:
        """Send the invitation."""
        return invite_member(organisation=self.record, by=by, **self.cleaned_data)
