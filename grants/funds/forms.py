"""The forms of match funds."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.funds.actions import create_fund, record_pledge, restrict_fund, top_up, withdraw_pledge
from grants.funds.models import LedgerTransaction, MatchFund, Pledge
from partners.places.countries import is_country
from partners.programmes.models import Programme
from vetting_portal.fields import DayField
from vetting_portal.forms import RecordForm
from vetting_portal.models import User
from vetting_portal.money import format_amount, minor_digits, parse_amount

KNOWN_CURRENCIES = ("USD", "EUR", "GBP", "CAD", "CHF", "AUD", "JPY", "KWD", "SEK", "NOK")


class FundForm(forms.Form):
    """A new, empty fund."""

    name = forms.CharField(max_length=160, label="Name", help_text="For example: Anti-trafficking match fund.")
    currency = forms.ChoiceField(choices=[(code, code) for code in KNOWN_CURRENCIES], label="Currency")
    programmes = forms.ModelMultipleChoiceField(
        Programme.objects.none(), label="Programmes whose grants it matches", widget=forms.CheckboxSelectMultiple
    )
    purpose = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, label="Purpose"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programmes"].queryset = Programme.objects.visible_to(user).order_by("title")  # type: ignore[attr-defined]

    def save(self, *, by: User) -> MatchFund:
        """Make the fund."""
        given = self.cleaned_data
        return create_fund(
            name=given["name"],
            currency=given["currency"],
            programmes=given["programmes"],
            purpose=given["purpose"],
            by=by,
        )


class RestrictForm(RecordForm[MatchFund]):
    """What a fund may match."""

    programmes = forms.ModelMultipleChoiceField(
        Programme.objects.order_by("title"),
        label="Programmes whose grants it matches",
        widget=forms.CheckboxSelectMultiple,
    )
    countries = forms.CharField(
        max_length=400,
        required=False,
        label="Countries",
        help_text="Two letters each, for example TH, KE. Empty: any country.",
    )
    gives_from_on = DayField(
        required=False,
        label="Gives from",
        help_text="A match window opens on this day or later.",
    )
    gives_until_on = DayField(
        required=False,
        label="Gives until",
        help_text="A match window ends on this day or before.",
    )

    def clean_countries(self) -> list[str]:
        """Read the codes. Raises ValidationError for one that names no country."""
        codes = self.cleaned_data["countries"].upper().replace(",", " ").split()
        if wrong := [code for code in codes if not is_country(code)]:
            raise ValidationError(f"No country has the letters {', '.join(wrong)}.")
        return sorted(set(codes))

    def save(self, *, by: User) -> MatchFund:
        """Bind the fund."""
        return restrict_fund(fund=self.record, by=by, **self.cleaned_data)


class MoneyForm(forms.Form):
    """A form with an amount in the currency of a fund."""

    amount = forms.CharField(max_length=20, label="Amount")

    def __init__(self, *args: Any, record: MatchFund, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.fields["amount"].help_text = f"In {record.currency}, {minor_digits(record.currency)} decimals at most."

    def clean_amount(self) -> int:
        """Read the amount as minor units."""
        amount = parse_amount(self.cleaned_data["amount"], self.record.currency)
        if not amount:
            raise ValidationError("Give an amount above zero.")
        return amount


class PledgeForm(MoneyForm):
    """Money that somebody promised."""

    pledged_by = forms.CharField(max_length=160, label="Who pledged it")
    due_on = DayField(label="Due")
    note = forms.CharField(max_length=200, required=False, label="Note")

    def save(self, *, by: User) -> Pledge:
        """Note the pledge."""
        given = self.cleaned_data
        return record_pledge(
            fund=self.record,
            pledged_by=given["pledged_by"],
            amount_minor=given["amount"],
            due_on=given["due_on"],
            note=given["note"],
            by=by,
        )


class WithdrawForm(RecordForm[Pledge]):
    """Why the money of a pledge will not come."""

    reason = forms.CharField(max_length=200, label="Why")

    def save(self, *, by: User) -> Pledge:
        """Note that it will not come."""
        return withdraw_pledge(pledge=self.record, reason=self.cleaned_data["reason"], by=by)


class PledgeChoice(forms.ModelChoiceField):
    """Pledges by who made them, and of how much."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the pledge."""
        return f"{obj.pledged_by}, {format_amount(obj.amount_minor, obj.fund.currency)}"


class TopUpForm(MoneyForm):
    """Money put into a fund."""

    key = forms.SlugField(max_length=80, label="Bank reference", help_text="The same reference counts once.")
    pledge = PledgeChoice(
        Pledge.objects.none(),
        required=False,
        label="Keeps the pledge",
        empty_label="None",
        help_text="The amount is not less than what was pledged.",
    )
    note = forms.CharField(max_length=200, required=False, label="Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = Pledge.objects.open().filter(fund=self.record).select_related("fund")
        self.fields["pledge"].queryset = open_ones  # type: ignore[attr-defined]

    def save(self, *, by: User) -> LedgerTransaction | None:
        """Put the money in."""
        given = self.cleaned_data
        return top_up(
            fund=self.record,
            amount_minor=given["amount"],
            key=given["key"],
            note=given["note"],
            pledge=given["pledge"],
            by=by,
        )
