"""The forms of the vault: a file with what is said of it, and a judgement on one."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from partners.organisations.models import Organisation
from partners.programmes.forms import DayField
from partners.vault.actions import Dates, accept_document, add_paper, add_version, reject_document
from partners.vault.kinds import CHOICES
from partners.vault.models import Document, Paper
from vetting_portal.files import put
from vetting_portal.inspection.policy import MAX_BYTES
from vetting_portal.models import User

ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.docx,.xlsx,.odt,.ods"
TOO_LARGE = "This file is too large: at most 25 MB. Send a smaller scan, or split it."
EMPTY = "This file is empty. Choose it again, or scan it again."


class FileField(forms.FileField):
    """A file, refused in plain words where it is missing, empty or too large; what it is, is checked later."""

    default_error_messages = {
        "required": "Choose a file.",
        "empty": EMPTY,
        "missing": "Choose a file.",
        "invalid": "Choose a file.",
    }

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the file. Raises ValidationError where it is missing, empty or too large."""
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile) and (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file


class DocumentForm(forms.Form):
    """One file and its dates."""

    file = FileField(
        label="File",
        help_text="PDF, Word, Excel, OpenDocument or a clear photo. Up to 25 MB. "
        "Any language is fine: a simple English translation helps us.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )
    issued_on = DayField(
        required=False, label="Date on the paper", help_text="For accounts: the last day of the year they cover."
    )
    expires_on = DayField(required=False, label="Good until", help_text="Only if an end date stands on it.")
    language = forms.CharField(required=False, max_length=16, label="Language", help_text="For example Thai.")

    def clean(self) -> dict[str, Any]:
        """Check that the dates are in order."""
        given = super().clean() or {}
        issued, ends = given.get("issued_on"), given.get("expires_on")
        if issued and ends and ends < issued:
            self.add_error("expires_on", "The paper cannot end before its own date.")
        return given

    @property
    def dates(self) -> Dates:
        """Return what was said of the file."""
        given = self.cleaned_data
        return Dates(given["issued_on"], given["expires_on"], given["language"].strip())


class PaperForm(DocumentForm):
    """A new paper."""

    kind = forms.ChoiceField(label="What is it?", choices=[("", "Choose"), *CHOICES])
    title = forms.CharField(
        required=False, max_length=160, label="Name of the paper", help_text="Leave it empty to take the kind's name."
    )
    field_order = ["kind", "title", "file", "issued_on", "expires_on", "language"]

    def __init__(self, *args: Any, record: Organisation, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)

    def save(self, *, by: User) -> Document:
        """Store the bytes, then take the paper in."""
        file = self.cleaned_data["file"]
        return add_paper(
            organisation=self.record,
            blob=put(file),
            original_name=file.name,
            kind=self.cleaned_data["kind"],
            title=self.cleaned_data["title"],
            dates=self.dates,
            by=by,
        )


class VersionForm(DocumentForm):
    """A newer version of a paper."""

    def __init__(self, *args: Any, record: Paper, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)

    def save(self, *, by: User) -> Document:
        """Store the bytes, then take the version in."""
        file = self.cleaned_data["file"]
        return add_version(paper=self.record, blob=put(file), original_name=file.name, dates=self.dates, by=by)


class RejectForm(forms.Form):
    """Why a paper is not accepted, and what to send instead."""

    reason = forms.CharField(
        label="What is wrong with it?",
        help_text="The partner reads this sentence. For example: The certificate ended on 31 October 2025.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    send_instead = forms.CharField(
        required=False,
        label="What to send instead, and what to do if they cannot",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, record: Document, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)

    def save(self, *, by: User) -> Document:
        """Reject the document."""
        return reject_document(document=self.record, by=by, **self.cleaned_data)


class AcceptForm(forms.Form):
    """Why a rejection is taken back."""

    reason = forms.CharField(label="Why is it accepted after all?", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, record: Document, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)

    def save(self, *, by: User) -> Document:
        """Accept the document."""
        return accept_document(document=self.record, note=self.cleaned_data["reason"], by=by)
