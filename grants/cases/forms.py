"""What staff fill in on the page of an application."""

from typing import Any
from uuid import UUID, uuid4

from django import forms

from grants.cases.actions import add_note
from grants.cases.models import CaseNote
from partners.submissions.models import Submission
from reviews.panels.actions import hand_over
from vetting_portal.forms import RecordForm
from vetting_portal.models import Role, User


class NoteForm(RecordForm[Submission]):
    """A note; the key makes that a form sent twice adds one note."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)
    text = forms.CharField(
        label="Note",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Type @ and a colleague’s full name to mention them. It appears in their work.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean_key(self) -> UUID:
        """Return the form's own key, a fresh one for a form that lost it."""
        try:
            return UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid4()

    def save(self, *, by: User) -> CaseNote:
        """Add the note."""
        return add_note(submission=self.record, key=self.cleaned_data["key"], text=self.cleaned_data["text"], by=by)


class OfficerForm(RecordForm[Submission]):
    """Which programme officer looks after the application from now on."""

    officer = forms.ModelChoiceField(
        label="Programme officer",
        queryset=User.objects.none(),
        empty_label="Choose a programme officer",
        error_messages={"required": "Choose a programme officer."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].queryset = User.objects.with_role(Role.PROGRAMME_OFFICER)  # type: ignore[attr-defined]

    def save(self, *, by: User) -> Submission:
        """Hand the application over."""
        return hand_over(submission=self.record, officer=self.cleaned_data["officer"], by=by)
