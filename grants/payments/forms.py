"""Forms of payments: a release, the bank's date and reference, reasons, a bank statement, a match by hand."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.arrivals.actions import answer_missing, confirm_payment, report_missing
from grants.arrivals.models import Arrival
from grants.payments.actions import (
    bounce_payment,
    cancel_payment,
    hold_payment,
    match_line,
    record_payment,
    release_payment,
    upload_statement,
)
from grants.payments.bankstatements import BankLine, BankStatement, LineMatch
from grants.payments.files import file_of
from grants.payments.models import Tranche
from vetting_portal.fields import DayField
from vetting_portal.forms import RecordForm
from vetting_portal.models import User
from vetting_portal.money import is_currency, parse_amount
from vetting_portal.sheets import NoSheet

MAX_STATEMENT = 5_000_000


class ReleaseForm(RecordForm[Tranche]):
    """Releases a payment, after its amount and account were read."""

    def save(self, *, by: User) -> Tranche:
        """Release it."""
        return release_payment(tranche=self.record, by=by)


class PaidForm(RecordForm[Tranche]):
    """What the bank says of a payment that it made."""

    paid_on = DayField(
        label="Paid on",
        error_messages={"required": "Give the day on which the bank paid."},
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


class BounceForm(RecordForm[Tranche]):
    """Records that the bank returned a payment."""

    returned_on = DayField(
        label="Date the money came back",
        error_messages={"required": "Enter the date the money came back."},
    )
    reason = forms.CharField(
        label="What the bank says", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The partner reads this. For example: the account number does not exist.",
        error_messages={"required": "Write what the bank says, for example that the account is closed."},
    )  # fmt: skip

    def save(self, *, by: User) -> Tranche:
        """Record it."""
        given = self.cleaned_data
        return bounce_payment(tranche=self.record, returned_on=given["returned_on"], reason=given["reason"], by=by)


class HoldForm(_ReasonForm):
    """Holds a payment; of one in a file for the bank it asks whether it was stopped there."""

    is_stopped = forms.BooleanField(required=False, label="Finance has confirmed that the bank will not pay it")
    action = hold_payment

    def __init__(self, *args: Any, record: Tranche, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.file = file_of(record)
        if self.file is None:
            del self.fields["is_stopped"]

    def save(self, *, by: User) -> Tranche:
        """Hold it."""
        given = self.cleaned_data
        return hold_payment(
            tranche=self.record, reason=given["reason"], is_stopped=given.get("is_stopped", False), by=by
        )


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
        paid = Tranche.objects.paid_once().filter(grant__currency=record.currency)
        field.queryset = paid.for_list().order_by("-paid_on", "-pk")  # type: ignore[attr-defined]
        field.label_from_instance = _told  # type: ignore[attr-defined]

    def save(self, *, by: User) -> LineMatch:
        """Keep the word."""
        given = self.cleaned_data
        return match_line(line=self.record, tranche=given["tranche"], reason=given["reason"], by=by)


def _told(tranche: Tranche) -> str:
    """Return a payment as a person chooses it."""
    day = f"{tranche.paid_on:%-d %B %Y}" if tranche.paid_on else "returned by the bank"
    return f"{tranche.reference}, {tranche.organisation.legal_name}, {tranche.amount_text}, {day}"


class ArrivalForm(RecordForm[Tranche]):
    """The partner confirms a payment: how much arrived, in its own currency, what banks took, on which day."""

    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    currency = forms.CharField(
        label="Currency of your account", max_length=40, help_text="Three letters, for example THB.",
        error_messages={"required": "Give the three letters of the currency, for example THB."},
    )  # fmt: skip
    amount = forms.CharField(
        label="Amount that arrived", max_length=24, help_text="As your bank statement shows it, after charges.",
        error_messages={"required": "Give the amount that arrived."},
    )  # fmt: skip
    charges = forms.CharField(
        label="Bank charges", max_length=24,
        help_text="What banks took off before it arrived, in the same currency. 0 if nothing.",
        error_messages={"required": "Give the bank charges, 0 if there were none."},
    )  # fmt: skip
    arrived_on = DayField(
        label="It arrived on", help_text="The day in your country.",
        error_messages={"required": "Give the day on which it arrived."},
    )  # fmt: skip
    reason = forms.CharField(
        label="What was wrong before", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("amount", "charges"):
            self.fields[name].widget.attrs["inputmode"] = "decimal"

    def clean_currency(self) -> str:
        """Return the three letters of a currency that is paid with."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if not is_currency(code):
            raise ValidationError(f"We know no currency “{code}”. Give its three letters, for example THB.")
        return code

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the currency that was given; some have no decimals, some have three."""
        given = super().clean() or self.cleaned_data
        for name in ("amount", "charges"):
            if given.get("currency") and given.get(name):
                try:
                    given[name] = parse_amount(given[name], given["currency"])
                except ValidationError as error:
                    self.add_error(name, error)
        return given

    def save(self, *, by: User) -> Arrival:
        """Confirm it."""
        given = self.cleaned_data
        return confirm_payment(
            tranche=self.record, currency=given["currency"], amount_minor=given["amount"],
            charges_minor=given["charges"], arrived_on=given["arrived_on"], reason=given["reason"],
            seen=given["seen"] or 0, by=by,
        )  # fmt: skip


class MissingForm(RecordForm[Tranche]):
    """The partner says that a payment has not arrived."""

    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    text = forms.CharField(
        label="What helps us to find it", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: until which day you looked at your account.",
    )  # fmt: skip

    def save(self, *, by: User) -> Arrival:
        """Report it."""
        given = self.cleaned_data
        return report_missing(tranche=self.record, text=given["text"], seen=given["seen"] or 0, by=by)


class MissingAnswerForm(RecordForm[Tranche]):
    """Finance tells the partner what it found."""

    text = forms.CharField(
        label="What you found, and what happens next", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what you found, and what happens next."},
    )  # fmt: skip

    def save(self, *, by: User) -> Arrival:
        """Answer."""
        return answer_missing(tranche=self.record, text=self.cleaned_data["text"], by=by)
