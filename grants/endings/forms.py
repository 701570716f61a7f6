"""The forms of an ending: asking for it, confirming it, saying no, and what comes back."""

from typing import Any

from django import forms
from django.forms import ModelChoiceField

from grants.agreements.forms.signing import ReasonStepForm, SignForm
from grants.agreements.models import Grant, Signature
from grants.endings.actions import (
    ask_for_ending,
    close_file,
    confirm_ending,
    decline_ending,
    finish_grant,
    record_return,
    withdraw_ending,
    write_off_return,
)
from grants.endings.actions.asking import FEWEST_WORDS
from grants.endings.letters import Asked
from grants.endings.models import Ending, MoneyReturned
from grants.endings.readiness import seconds_for
from vetting_portal.fields import AmountField, DayField
from vetting_portal.forms import RecordForm
from vetting_portal.models import User

REASONS = {
    Ending.Reason.AGREED: "Both sides agreed in writing.",
    Ending.Reason.PARTNER: "You have their letter or message.",
    Ending.Reason.CONDITIONS: "They had 30 days’ notice.",
    Ending.Reason.MISUSE: "Suspend the grant first. It can end at once.",
    Ending.Reason.UNREACHABLE: "Messages, calls and referees brought no answer.",
}


class DirectorField(ModelChoiceField):
    """A director, shown by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name and the role."""
        return f"{obj.name}, director"


class AskForm(RecordForm[Grant]):
    """Asks that a grant ends; no reason is chosen beforehand."""

    reason = forms.ChoiceField(
        label="Reason",
        widget=forms.RadioSelect,
        choices=[(one.value, f"{one.label}\n{REASONS[one]}") for one in Ending.Reason],
        error_messages={"required": "Choose why the grant ends."},
    )
    words = forms.CharField(
        label="In your words",
        help_text=f"The partner reads this in the letter. At least {FEWEST_WORDS} words.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        error_messages={"required": "Say to the partner why the grant ends."},
    )
    public_reason = forms.CharField(
        label="What anybody may read",
        help_text="Donors read it on the campaign page. One sentence, without names.",
        max_length=200,
        error_messages={"required": "Enter one sentence that anybody may read."},
    )
    ends_on = DayField(
        label="Ends on",
        help_text="Until that day the grant is suspended, once a director confirmed.",
        error_messages={"required": "Enter the day on which the grant ends."},
    )
    second = DirectorField(
        User.objects.none(),
        label="Second person",
        help_text="A director who may sign for this grant. You cannot confirm it yourself.",
        empty_label="Choose a director",
        error_messages={
            "required": "Choose who is asked to confirm.",
            "invalid_choice": "Choose a director who may sign for this grant, and who is not you.",
        },
    )

    def __init__(self, *args: Any, asker: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second"].queryset = seconds_for(self.record, asker)  # type: ignore[attr-defined]

    def save(self, *, by: User) -> Ending:
        """Ask for it."""
        return ask_for_ending(grant=self.record, asked=Asked(**self.cleaned_data), by=by)


class EndingSignForm(SignForm):
    """The signature of a director under the closing letter."""

    def save(self, *, by: User) -> Signature:
        """Confirm the end."""
        return confirm_ending(ending=self.record, by=by, **self._given())


class EndingReasonForm(ReasonStepForm):
    """A step of a request that asks for a reason: decline, withdraw, write off."""

    ACTIONS = {"decline": decline_ending, "withdraw": withdraw_ending, "write_off": write_off_return}
    argument = "ending"


class ReturnForm(RecordForm[Ending]):
    """What the bank says of money that the partner sent back."""

    received_on = DayField(
        label="Received on",
        error_messages={"required": "Enter the day on which it arrived."},
    )
    bank_reference = forms.CharField(
        label="The bank’s reference",
        max_length=80,
        help_text="As it stands on the bank statement.",
        error_messages={"required": "Enter the reference under which the money arrived."},
    )

    def __init__(self, *args: Any, record: Ending, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.fields["amount"] = AmountField(
            currency=record.currency,
            label=f"Amount in {record.currency}",
            error_messages={"required": "Enter the amount that arrived."},
        )
        self.order_fields(["amount"])

    def save(self, *, by: User) -> MoneyReturned:
        """Record it."""
        given = self.cleaned_data
        return record_return(
            ending=self.record,
            amount_minor=given["amount"],
            received_on=given["received_on"],
            bank_reference=given["bank_reference"],
            by=by,
        )


class FinishForm(RecordForm[Grant]):
    """Completes a grant, after what happens then was read."""

    def save(self, *, by: User) -> Grant:
        """Complete it."""
        return finish_grant(grant=self.record, by=by)


class CloseFileForm(RecordForm[Grant]):
    """Closes the file of a completed grant."""

    def save(self, *, by: User) -> Grant:
        """Close it."""
        return close_file(grant=self.record, by=by)
