"""The forms of match funds."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.funds.actions import create_fund, top_up
from grants.funds.models import LedgerTransaction, MatchFund
from partners.programmes.models import Programme
from vetting_portal.models import User
from vetting_portal.money import minor_digits, parse_amount

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


class TopUpForm(forms.Form):
    """Money put into a fund."""

    amount = forms.CharField(max_length=20, label="Amount")
    key = forms.SlugField(max_length=80, label="Bank reference", help_text="The same reference counts once.")
    note = forms.CharField(max_length=200, required=False, label="Note")

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

    def save(self, *, by: User) -> LedgerTransaction | None:
        """Put the money in."""
        given = self.cleaned_data
        return top_up(fund=self.record, amount_minor=given["amount"], key=given["key"], note=given["note"], by=by)
