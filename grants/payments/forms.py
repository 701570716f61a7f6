"""Forms of payments: a release, the bank's date and reference, reasons, a bank statement, a match by hand."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.payments.actions import (
    cancel_payment,
    hold_payment,
    match_line,
    record_payment,
    release_payment,
    upload_statement,
)
from grants.payments.bankstatements import BankLine, BankStatement, LineMatch
from grants.payments.models import Tranche
from vetting_portal.forms import RecordForm
from vetting_portal.models import User
from vetting_portal.sheets import NoSheet

MAX_STATEMENT = 5_000_000


class ReleaseForm(RecordForm[Tranche]):
    """Releases a payment, after its amount and account were read."""

    def save(self, *, by: User) -> Tranche:
        """Release it."""
        return release_payment(tranche=self.record, by=by)


class PaidForm(RecordForm[Tranche]):
    """What the bank says of a payment that it made."""

    paid_on = forms.DateField(
        label="Paid on",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give the day on which the bank paid.", "invalid": "Give a day as 2026-11-25."},
    )
    bank_reference = forms.CharField(
        label="The bank’s reference",
        max_length=80,
        help_text="As it stands on the statement, so that the two find each other.",
        error_messages={"required": "Give the reference under which the bank has paid it."},
    )

    def save(self, *, by: User) -> Tranche:
        """Record it."""
        given = self.cleaned_data
        return record_payment(
            tranche=self.record, paid_on=given["paid_on"], bank_reference=given["bank_reference"], by=by
        )


class _ReasonForm(RecordForm[Tranche]):
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    action: Callable[..., Tranche]

    def save(self, *, by: User) -> Tranche:
        """Do it, with the reason."""
        return type(self).action(tranche=self.record, reason=self.cleaned_data["reason"], by=by)


class HoldForm(_ReasonForm):
    """Holds a payment."""

    action = hold_payment


class CancelForm(_ReasonForm):
    """Cancels a payment."""

    action = cancel_payment


class StatementForm(forms.Form):
    """A bank statement as a CSV file."""

    file = forms.FileField(label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))

    def clean_file(self) -> Any:
        """Refuse a file that is too large to be a statement."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_STATEMENT:
            raise ValidationError("The file is larger than 5 MB. Send it in parts.")
        return upload

    def save(self, *, by: User) -> tuple[BankStatement, bool]:
        """Keep it. Raises ValidationError with every bad line."""
        upload = self.cleaned_data["file"]
        try:
            return upload_statement(name=upload.name, content=upload.read(), by=by)
        except NoSheet as error:
            raise ValidationError({"file": error.messages}) from None


class LineForm(forms.Form):
    """Matches a line of a statement by hand."""

    tranche = forms.ModelChoiceField(
        Tranche.objects.none(), label="Which payment is it?", required=False, empty_label="None of ours"
    )
    reason = forms.CharField(
        label="How do you know?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say how you know."},
    )

    def __init__(self, *args: Any, record: BankLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        field = self.fields["tranche"]
        paid = Tranche.objects.filter(state=Tranche.State.PAID, grant__currency=record.currency)
        field.queryset = paid.for_list().order_by("-paid_on", "-pk")  # type: ignore[attr-defined]
        field.label_from_instance = _told  # type: ignore[attr-defined]

    def save(self, *, by: User) -> LineMatch:
        """Keep the word."""
        given = self.cleaned_data
        return match_line(line=self.record, tranche=given["tranche"], reason=given["reason"], by=by)


def _told(tranche: Tranche) -> str:
    """Return a payment as a person chooses it."""
    return f"{tranche.reference}, {tranche.organisation.legal_name}, {tranche.amount_text}, {tranche.paid_on:%-d %B %Y}"
