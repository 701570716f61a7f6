"""The referee's form, and the officer's word on how it was verified."""

from typing import Any

from django import forms

from reviews.references.actions import answer_request, save_draft, verify_reference
from reviews.references.models import Reference, ReferenceCheck, ReferenceRequest
from vetting_portal.forms import RecordForm
from vetting_portal.models import User

YES_NO = [("no", "No"), ("yes", "Yes")]
LONGEST = 4000
CHOOSE = {"required": "Choose one answer."}


def choice(label: str, choices: Any, help_text: str = "") -> forms.ChoiceField:
    """Return a plain question with a few answers, none chosen."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, error_messages=CHOOSE, help_text=help_text
    )


class ReferenceForm(forms.Form):
    """What a referee is asked. Pressed with ``keep`` nothing is required: it is kept as a draft."""

    knows_how = forms.CharField(
        label="How do you know them?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you did together, in a sentence or two.",
    )
    known_since = forms.CharField(label="Since when?", max_length=60, help_text="A year is enough, for example 2018.")
    related = choice(
        "Are you, or is somebody of your family, on their staff or board?", YES_NO, "We ask everybody this."
    )
    would_again = choice("Would you work with them again?", Reference.Said.choices)
    handles_money_well = choice("Do they handle money well, as far as you know?", Reference.Said.choices)
    has_concern = choice(
        "Do you know of a concern about the safety of children or adults in their work?",
        YES_NO,
        "For example abuse, exploitation, or a report that was not followed up.",
    )
    concern = forms.CharField(
        label="What is the concern?",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Only if you answered yes. Do not name the person who was harmed. An officer reads it today.",
    )
    words = forms.CharField(
        label="What else should we know?", max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    is_true = forms.BooleanField(
        label="What I say here is true, as far as I know.", error_messages={"required": "Confirm this to send it."}
    )

    def __init__(self, *args: Any, token: str, request: ReferenceRequest, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": request.draft})
        self.token = token
        self.keeps = "keep" in (self.data or {})
        if self.keeps:
            for field in self.fields.values():
                field.required = False

    def clean(self) -> dict[str, Any]:
        """Ask what the concern is, where there is one."""
        data = super().clean() or self.cleaned_data
        if data.get("has_concern") == "yes" and not data.get("concern") and not self.keeps:
            self.add_error("concern", "Say in a few words what the concern is.")
        return data

    def save(self, *, by: User) -> None:
        """Keep it as a draft, or send it."""
        if self.keeps:
            save_draft(token=self.token, words=self.cleaned_data, by=by)
            return
        said = {name: value for name, value in self.cleaned_data.items() if name not in {"is_true", "related"}}
        said["is_related"] = self.cleaned_data["related"] == "yes"
        said["has_concern"] = self.cleaned_data["has_concern"] == "yes"
        said["concern"] = said["concern"] if said["has_concern"] else ""
        answer_request(token=self.token, by=by, **said)


class VerifyForm(RecordForm[ReferenceRequest]):
    """How the officer made sure of it."""

    how = forms.ChoiceField(
        label="How did you make sure?",
        choices=ReferenceCheck.How.choices,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    note = forms.CharField(
        label="What did you find?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="With whom you spoke, or which page you looked at; and whether it agrees.",
        error_messages={"required": "Say what you found, in a sentence."},
    )

    def save(self, *, by: User) -> ReferenceCheck:
        """Record it."""
        return verify_reference(reference=self.record.reference, by=by, **self.cleaned_data)
