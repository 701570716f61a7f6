"""The forms of holds: a hold at counsel's word, a word to release one, a step that was done, messages that waited."""

from typing import Any, cast

from django import forms

from partners.organisations.actions import discard_messages, send_messages
from partners.organisations.models import Hold, Organisation
from reviews.holds.actions import Told, hold_for_counsel, record_step, release_hold
from reviews.holds.checklist import Item
from reviews.holds.models import CounselStep
from vetting_portal.fields import DayField
from vetting_portal.forms import RecordForm
from vetting_portal.models import User
from vetting_portal.papers import PaperField


def _long(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, widget=forms.Textarea(attrs={"rows": 4}))


class PlaceForm(RecordForm[Organisation]):
    """Why everything of an organisation stops."""

    note = _long("Reason", "What counsel said, and when. An auditor reads this in ten years.")

    def save(self, *, by: User) -> Hold:
        """Place the hold."""
        return hold_for_counsel(organisation=self.record, by=by, **self.cleaned_data)


class ReleaseForm(RecordForm[Hold]):
    """Why a hold may be released."""

    reason = _long("Reason", "What it rests on: the mistake, or counsel's advice with its date.")

    def save(self, *, by: User) -> Hold:
        """Give the word."""
        return release_hold(hold=self.record, by=by, **self.cleaned_data)


class StepForm(forms.Form):
    """What was done for one line of the checklist."""

    outcome = forms.ChoiceField(
        label="What did counsel decide?",
        choices=[
            (CounselStep.Outcome.BLOCKED, "Blocked\nThe property stays where it is and is reported each year."),
            (CounselStep.Outcome.REJECTED, "Rejected\nThe transaction was not carried out; nothing is kept."),
            (CounselStep.Outcome.NEITHER, "Neither\nThere is no property and no transaction to report."),
        ],
        widget=forms.RadioSelect,
    )
    done_on = DayField(label="Done on")
    note = _long("Note", "What was done, by whom, with which reference.")
    paper = PaperField(required=False, label="A paper", help_text="The report or the advice itself, up to 25 MB.")

    def __init__(self, *args: Any, record: Hold, item: Item, **kwargs: Any) -> None:
        self.record, self.item = record, item
        super().__init__(*args, **kwargs)
        if item.kind != CounselStep.Kind.DECISION:
            del self.fields["outcome"]

    def save(self, *, by: User) -> CounselStep:
        """Record the step."""
        given = self.cleaned_data
        told = Told(given["done_on"], given["note"], given.get("outcome", ""), self.item.year, given["paper"])
        return record_step(hold=self.record, kind=self.item.kind, told=told, by=by)


class MessagesForm(forms.Form):
    """Which of the messages that waited go, or never go."""

    messages = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label="Which ones?",
        error_messages={"required": "Choose at least one.", "invalid_choice": "Choose messages that still wait."},
    )
    act = forms.ChoiceField(
        choices=[("send", "Send"), ("discard", "Discard")],
        error_messages={"required": "Choose send or discard.", "invalid_choice": "Choose send or discard."},
    )

    def __init__(self, *args: Any, record: Organisation, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)
        waiting = record.held_messages.waiting()
        choices = [(one.pk, f"{one.subject}\nto {one.address}, kept since {one.held_at:%-d %B %Y}") for one in waiting]
        cast("forms.TypedMultipleChoiceField", self.fields["messages"]).choices = choices

    def save(self, *, by: User) -> int:
        """Send or discard them."""
        act = send_messages if self.cleaned_data["act"] == "send" else discard_messages
        return act(organisation=self.record, messages=self.cleaned_data["messages"], by=by)
