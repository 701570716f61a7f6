"""The ground floor's forms: about a record, inviting staff, the languages they read, what the trail is cut by."""

from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from vetting_portal.actions import change_funder, invite_staff, set_languages
from vetting_portal.fields import DayField
from vetting_portal.languages import language_code, language_name
from vetting_portal.models import AuditEntry, Funder, Role, StaffInvitation, User
from vetting_portal.trail import entered_by, found, kinds, within


def at_least(words: int) -> str:
    """Return the hint of a field that takes no fewer words, so that the limit is known before the error."""
    return f"At least {words} words."


def opening_with(known: dict[str, Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return a form's keyword arguments with what is known already as its first values.

    A view hands ``initial`` in always, empty as a rule: what it says of a field wins, what it leaves out does not.
    """
    return {**kwargs, "initial": {**known, **(kwargs.get("initial") or {})}}


class RecordForm[Record](forms.Form):
    """A form about one record, which the page hands in as ``record``."""

    def __init__(self, *args: Any, record: Record, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)


class InviteStaffForm(forms.Form):
    """Asks whom to invite, and as what."""

    email = forms.EmailField(label="E-mail address")
    roles = forms.MultipleChoiceField(label="Roles", choices=Role.choices, widget=forms.CheckboxSelectMultiple)

    def save(self, *, by: User) -> StaffInvitation:
        """Send the invitation."""
        return invite_staff(email=self.cleaned_data["email"], roles=self.cleaned_data["roles"], by=by)


class FunderForm(RecordForm[Funder]):
    """What agreements say of the funder; saved as a new version of its record."""

    name = forms.CharField(label="Name", max_length=200)
    tax_number = forms.CharField(label="Tax number", max_length=40)
    address = forms.CharField(label="Postal address", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    city = forms.CharField(label="City", max_length=100)
    country = forms.CharField(label="Country, as two letters", max_length=2)
    contact_email = forms.EmailField(label="E-mail address for questions and notices")
    governing_law = forms.CharField(label="Governing law: state or country", max_length=120)
    courts = forms.CharField(label="Courts: place", max_length=120)

    def __init__(self, *args: Any, record: Funder, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.initial = {name: getattr(record, name) for name in self.fields}

    def clean_country(self) -> str:
        """Return the code in capitals. Raises ValidationError for one that no country has."""
        code: str = self.cleaned_data["country"].upper()
        if not code.isalpha() or code not in Locale("en").territories:
            raise ValidationError("Enter the two letters of a country, for example US.")
        return code

    def save(self, *, by: User) -> Funder:
        """Make the new version; where nothing changed there is none."""
        if all(value == self.initial[name] for name, value in self.cleaned_data.items()):
            return self.record
        return change_funder(by=by, **self.cleaned_data)


class LanguagesForm(forms.Form):
    """The languages that somebody reads, by name, with commas between them."""

    languages = forms.CharField(
        label="Languages besides English",
        required=False,
        max_length=300,
        help_text="Those you read well enough to judge a paper in them, with commas: for example Thai, Lao.",
    )

    def __init__(self, *args: Any, record: User, **kwargs: Any) -> None:
        known = {"languages": ", ".join(map(language_name, record.languages))}
        super().__init__(*args, **opening_with(known, kwargs))
        self.user = record

    def clean_languages(self) -> list[str]:
        """Return the codes. Raises ValidationError for a word that is no language."""
        told = [word.strip() for word in self.cleaned_data["languages"].split(",") if word.strip()]
        if wrong := [word for word in told if not language_code(word)]:
            message = f"We know no language {', '.join(wrong)}. Write its English name."
            raise ValidationError(message)
        return [language_code(word) for word in told]

    def save(self, *, by: User) -> User:
        """Keep them."""
        return set_languages(user=self.user, languages=self.cleaned_data["languages"], by=by)


def _kinds() -> list[tuple[str, str]]:
    return [("", "All kinds"), *kinds().items()]


class TrailForm(forms.Form):
    """What the trail is cut by; empty means all."""

    record = forms.CharField(label="Number or name", required=False, max_length=100)
    kind = forms.ChoiceField(label="Kind of record", required=False, choices=_kinds)
    event = forms.CharField(label="What happened", required=False, max_length=64)
    person = forms.CharField(label="Person", required=False, max_length=254)
    since = DayField(label="From", required=False)
    until = DayField(label="To", required=False)

    def cut(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Return the entries that were asked for; a part of the form that is wrong cuts nothing."""
        self.is_valid()
        given = {name: self.cleaned_data.get(name, "") for name in ("record", "kind", "event", "person")}
        entries = within(entries, self.cleaned_data.get("since"), self.cleaned_data.get("until"))
        entries = entered_by(entries, given["person"])
        return found(entries, words=given["record"], kind=given["kind"], event=given["event"])


class EraseForm(forms.Form):
    """Who asked for an erasure, and that it is this person."""

    reason = forms.CharField(
        label="Who asked for it, and how did you make sure?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="At least 10 characters. Do not write the person’s name here: this note stays.",
        error_messages={"required": "Write who asked for it, and how you made sure that it is this person."},
    )
    understood = forms.BooleanField(
        label="I have read what goes and what stays. It cannot be undone.",
        error_messages={"required": "Confirm that you have read what goes and what stays."},
    )
