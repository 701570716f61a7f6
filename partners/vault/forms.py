"""The forms of the vault: a file with what is said of it, and a judgement on one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from partners.organisations.models import Organisation
from partners.vault.actions import (
    Dates,
    accept_document,
    add_paper,
    add_translation,
    add_version,
    describe_document,
    reject_document,
    verify_document,
    withdraw_verification,
)
from partners.vault.kinds import CHOICES
from partners.vault.models import Document, Paper, Verification
from partners.vault.said import check_said
from vetting_portal.fields import DayField
from vetting_portal.files import put
from vetting_portal.forms import RecordForm, opening_with
from vetting_portal.inspection.names import ending
from vetting_portal.inspection.policy import KINDS, MAX_BYTES, TAKEN
from vetting_portal.models import User

SAID = ("issuer", "issued_on", "expires_on", "language")
ENDINGS = {each for kind in KINDS for each in kind.endings}
LONGEST_NUMBER = 5

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
        """Return the file. Raises ValidationError where it is missing, empty, too large, or of a kind we never take."""
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile) and (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        kind = ending(file.name or "") if isinstance(file, UploadedFile) else ""
        if kind and kind not in ENDINGS:
            raise forms.ValidationError(f"We cannot take a .{kind} file. Send it as {TAKEN}.")
        return file


class SaidForm(forms.Form):
    """What is said of a file: who issued it, its dates, its language."""

    issuer = forms.CharField(
        required=False, max_length=160, label="Issued by", help_text="Who made or signed it, for example a ministry."
    )
    issued_on = DayField(
        required=False, label="Date on the paper", help_text="For accounts: the last day of the year they cover."
    )
    expires_on = DayField(required=False, label="Good until", help_text="Only if an end date stands on it.")
    language = forms.CharField(
        required=False, max_length=80, label="Language", help_text="For example Thai, or Thai and English."
    )

    def clean(self) -> dict[str, Any]:
        """Check what was said, before a file is stored; each error stands next to its field."""
        given = super().clean() or {}
        try:
            check_said(Dates(**{name: given[name] for name in SAID if given.get(name)}))
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(name, messages)
        return given

    @property
    def dates(self) -> Dates:
        """Return what was said of the file."""
        return Dates(**{name: self.cleaned_data[name] for name in SAID})


def said_of(document: Document | None, *names: str) -> dict[str, Any]:
    """Return what was said of a version, as the form shows it."""
    if document is None:
        return {}
    return {name: document.language_words if name == "language" else getattr(document, name) for name in names}


class DocumentForm(SaidForm):
    """One file and what is said of it."""

    file = FileField(
        label="File",
        help_text="PDF, Word, Excel, OpenDocument or a clear photo. Up to 25 MB. "
        "Any language is fine: a simple English translation helps us.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )
    field_order = ["file", *SAID]


class PaperForm(DocumentForm):
    """A new paper."""

    kind = forms.ChoiceField(label="What is it?", choices=[("", "Choose"), *CHOICES])
    title = forms.CharField(
        required=False, max_length=160, label="Name of the paper", help_text="Leave it empty to take the kind's name."
    )
    field_order = ["kind", "title", "file", *SAID]

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
    """A newer version of a paper; ``seen`` carries the number of the newest version when the page was opened."""

    def __init__(self, *args: Any, record: Paper, **kwargs: Any) -> None:
        self.record = record
        initial = said_of(record.newest, "issuer", "language")
        super().__init__(*args, **opening_with(initial, kwargs))

    @property
    def seen(self) -> int | None:
        """Return the newest version that the page showed, None where it says none."""
        text = str(self.data.get("seen", ""))
        return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None

    def save(self, *, by: User) -> Document:
        """Store the bytes, then take the version in."""
        file = self.cleaned_data["file"]
        return add_version(
            paper=self.record, blob=put(file), original_name=file.name, dates=self.dates, by=by, seen=self.seen
        )


class TranslationForm(forms.Form):
    """A translation of one version."""

    language = forms.CharField(max_length=80, label="Into which language?", help_text="For example English.")
    translator = forms.CharField(
        required=False, max_length=160, label="Who translated it?", help_text="You may have done it yourselves."
    )
    file = FileField(
        label="File",
        help_text="PDF, Word, OpenDocument or a clear photo. Up to 25 MB. An unofficial translation is fine.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )

    def __init__(self, *args: Any, record: Document, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **opening_with({"language": "English"}, kwargs))

    def clean_language(self) -> str:
        """Return what was typed. Raises ValidationError for a language that we do not know."""
        typed = str(self.cleaned_data["language"])
        try:
            check_said(Dates(language=typed))
        except ValidationError as error:
            # Django takes no dictionary where a single field is cleaned.
            raise ValidationError(error.messages) from error
        return typed

    def save(self, *, by: User) -> Document:
        """Store the bytes, then take the translation in."""
        file, given = self.cleaned_data["file"], self.cleaned_data
        return add_translation(
            document=self.record,
            blob=put(file),
            original_name=file.name,
            language=given["language"],
            translator=given["translator"],
            by=by,
        )


class DescribeForm(SaidForm):
    """What was said of a version, to be corrected."""

    def __init__(self, *args: Any, record: Document, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **{**kwargs, "initial": said_of(record, *SAID)})

    def save(self, *, by: User) -> Document:
        """Correct it."""
        return describe_document(document=self.record, dates=self.dates, by=by)


class VerifyForm(RecordForm[Document]):
    """How a version was verified, and where."""

    how = forms.ChoiceField(label="How did you verify it?", choices=Verification.How, widget=forms.RadioSelect)
    source = forms.CharField(
        max_length=200,
        label="Where, or with whom?",
        help_text="For example: register of the Department of Business Development, number 0105556. "
        "The partner and every reader of the paper see this.",
    )

    def save(self, *, by: User) -> Verification:
        """Write it down."""
        return verify_document(document=self.record, by=by, **self.cleaned_data)


class WithdrawVerificationForm(RecordForm[Verification]):
    """Why a verification is taken back."""

    reason = forms.CharField(label="Why?", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)

    def save(self, *, by: User) -> Verification:
        """Take it back."""
        return withdraw_verification(verification=self.record, by=by, **self.cleaned_data)


class RejectForm(RecordForm[Document]):
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

    def save(self, *, by: User) -> Document:
        """Reject the document."""
        return reject_document(document=self.record, by=by, **self.cleaned_data)


class AcceptForm(RecordForm[Document]):
    """Why a version is accepted after all, or again."""

    reason = forms.CharField(label="Why do you accept it?", widget=forms.Textarea(attrs={"rows": 3}))

    def save(self, *, by: User) -> Document:
        """Accept the document."""
        return accept_document(document=self.record, note=self.cleaned_data["reason"], by=by)
