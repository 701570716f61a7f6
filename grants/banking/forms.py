"""The forms of bank details: the partner's account, a number we hold, a call, a refusal."""

from typing import Any, cast

from django import forms

from grants.banking.actions import enter_details, record_call, record_number, refuse_details
from grants.banking.models import BankDetails, HeldNumber
from partners.organisations.models import Organisation
from partners.places.countries import country_choices
from vetting_portal.forms import RecordForm
from vetting_portal.models import User

LONGEST = 2000


class BankForm(forms.Form):
    """Where the partner is paid."""

    holder = forms.CharField(
        max_length=200, label="Account holder", help_text="As the bank writes it: your legal name."
    )
    holder_reason = forms.CharField(
        label="If the holder is not your legal name: why?",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    bank_name = forms.CharField(
        max_length=200, label="Name of the bank", help_text="We compare it with sanctions lists."
    )
    country = forms.ChoiceField(label="Country of the bank")
    account = forms.CharField(
        max_length=50,
        label="IBAN or account number",
        help_text="The IBAN where your country has one, else the account number.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    bic = forms.CharField(
        max_length=16,
        required=False,
        label="SWIFT code (BIC)",
        help_text="8 or 11 letters and digits. Needed where there is no IBAN.",
    )

    def __init__(self, *args: Any, record: Organisation, **kwargs: Any) -> None:
        initial = {"holder": record.legal_name, "country": record.country}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.organisation = record
        cast("forms.ChoiceField", self.fields["country"]).choices = [("", "Choose a country"), *country_choices()]

    def save(self, *, by: User) -> BankDetails:
        """Enter it."""
        return enter_details(organisation=self.organisation, by=by, **self.cleaned_data)


class NumberForm(RecordForm[Organisation]):
    """A telephone number that we found ourselves."""

    number = forms.CharField(
        max_length=30, label="Telephone number", help_text="With the country’s code: +66 2 123 4567."
    )
    whose = forms.CharField(max_length=200, label="Whose number is it?", help_text="Name and role.")
    source = forms.CharField(
        max_length=300,
        label="Where did we get it?",
        help_text="For example the registry’s page, their website, our visit. Never a message about bank details.",
    )

    def save(self, *, by: User) -> HeldNumber:
        """Record it."""
        return record_number(organisation=self.record, by=by, **self.cleaned_data)


class CallForm(forms.Form):
    """The call that confirmed the details."""

    held_number = forms.ModelChoiceField(
        label="Which number did you call?",
        queryset=HeldNumber.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose the number.", "invalid_choice": "Choose one of these numbers."},
    )
    whom = forms.CharField(max_length=200, label="With whom did you speak?", help_text="Name and role.")
    note = forms.CharField(
        label="What was said?", max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    agrees = forms.BooleanField(
        label="They read holder, bank and the last four digits to me, and all of it agrees.",
        error_messages={"required": "If anything differs, refuse the details instead."},
    )

    def __init__(self, *args: Any, record: BankDetails, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.details = record
        cast("forms.ModelChoiceField[HeldNumber]", self.fields["held_number"]).queryset = record.numbers_from_before()

    def save(self, *, by: User) -> BankDetails:
        """Record the call."""
        said = {name: self.cleaned_data[name] for name in ("held_number", "whom", "note")}
        return record_call(details=self.details, by=by, **said)


class RefuseForm(RecordForm[BankDetails]):
    """Why nothing is paid to these details."""

    reason = forms.CharField(
        label="Why?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The partner reads this.",
        error_messages={"required": "Say why, so that the partner can answer."},
    )

    def save(self, *, by: User) -> BankDetails:
        """Refuse them."""
        return refuse_details(details=self.record, reason=self.cleaned_data["reason"], by=by)
