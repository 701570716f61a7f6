"""Forms of reports: what the partner writes, and the officer's question."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.campaigns.forms import AmountField
from grants.reports.actions import save_report, send_back_report
from grants.reports.models import Report
from vetting_portal.models import User
from vetting_portal.money import minor_digits, plain

RATE = re.compile(r"\d{1,9}(?:\.\d{1,8})?")
MOST_DIGITS = 3


class ReportForm(forms.Form):
    """The partner's report; everything may be empty while it is written."""

    summary = forms.CharField(
        label="What was done",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Numbers and work done. Name nobody who was helped.",
    )
    changes = forms.CharField(
        label="What changed",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Against the plan or the budget. “Nothing” is an answer too.",
    )
    public_line = forms.CharField(
        label="One sentence for the public page",
        max_length=200,
        required=False,
        help_text="For example: two social workers hired, 31 people have a named worker.",
    )
    local_currency = forms.CharField(
        label="Currency you spent", max_length=3, required=False, help_text="Three letters, for example THB."
    )
    rate = forms.CharField(
        label="Exchange rate", max_length=24, required=False, help_text="How much of it one unit of ours gave: 35.10"
    )
    spent = forms.CharField(
        label="Spent, in that currency",
        max_length=24,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    def __init__(self, *args: Any, record: Report, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": _initial(record)})
        self.record = record
        currency = record.grant.currency
        received, charges = f"Received, in {currency}", f"Bank charges, in {currency}"
        self.fields["received"] = AmountField(currency=currency, label=received, required=False)
        self.fields["charges"] = AmountField(currency=currency, label=charges, required=False)
        self.order_fields(["summary", "changes", "public_line", "received", "charges"])

    def clean_local_currency(self) -> str:
        """Return three capital letters, or nothing."""
        code = str(self.cleaned_data["local_currency"]).upper()
        if code and not re.fullmatch(r"[A-Z]{3}", code):
            raise ValidationError("Give the currency's three letters, for example THB.")
        return code

    def clean_rate(self) -> str:
        """Return the rate as it was typed, if it is a number above zero."""
        rate = str(self.cleaned_data["rate"]).strip()
        if rate and not (RATE.fullmatch(rate) and rate.strip("0.")):
            raise ValidationError("Give a number above zero, for example 35.10.")
        return rate

    def clean(self) -> dict[str, Any]:
        """Read what was spent in its own currency."""
        data = super().clean() or self.cleaned_data
        text, code = data.get("spent", "").strip(), data.get("local_currency", "")
        data["spent_local_minor"] = None
        if text and not code:
            self.add_error("local_currency", "Name the currency first.")
        elif text:
            amount = AmountField(currency=code, required=False)
            try:
                data["spent_local_minor"] = amount.clean(text)
            except ValidationError as error:
                self.add_error("spent", error)
        return data

    def save(self, *, by: User) -> Report:
        """Keep what was written."""
        words = dict(self.cleaned_data)
        words["received_minor"], words["charges_minor"] = words.pop("received"), words.pop("charges")
        return save_report(report=self.record, words=words, by=by)


def _initial(report: Report) -> dict[str, Any]:
    def amount(minor: int | None, currency: str) -> str:
        known = minor is not None and currency and minor_digits(currency) <= MOST_DIGITS
        return plain(minor, currency) if known and minor is not None else ""

    names = ("summary", "changes", "public_line", "local_currency", "rate")
    return {
        **{name: getattr(report, name) for name in names},
        "received": amount(report.received_minor, report.grant.currency),
        "charges": amount(report.charges_minor, report.grant.currency),
        "spent": amount(report.spent_local_minor, report.local_currency),
    }


class SendBackForm(forms.Form):
    """What the officer still wants to know."""

    reason = forms.CharField(label="What is missing", widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, record: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def save(self, *, by: User) -> Report:
        """Send it back."""
        return send_back_report(report=self.record, reason=self.cleaned_data["reason"], by=by)
