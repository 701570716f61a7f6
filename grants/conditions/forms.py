"""The forms of a condition: evidence, and the steps that need a reason."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from grants.conditions.actions import (
    accept_evidence,
    ask_waiver,
    refuse_waiver,
    return_evidence,
    show_condition,
    waive_condition,
)
from grants.conditions.models import Condition
from partners.vault.forms import FileField
from partners.vault.models import Document
from vetting_portal.files import put
from vetting_portal.forms import RecordForm
from vetting_portal.models import User

LONGEST = 4000


class EvidenceForm(RecordForm[Condition]):
    """What shows that a condition is met. Only who acts for the partner can add a document."""

    text = forms.CharField(
        label="How the condition is met",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="A few sentences in plain words. Leave it empty if the document says everything.",
    )
    document = forms.ModelChoiceField(
        Document.objects.none(), label="A document in the vault", required=False, empty_label="None"
    )
    title = forms.CharField(
        label="What the new document is", max_length=160, required=False, help_text="For example: Audited accounts 2026"
    )
    file = FileField(
        label="A new document",
        required=False,
        help_text="PDF, Word, Excel, OpenDocument or a clear photo. Up to 25 MB.",
    )

    def __init__(self, *args: Any, may_upload: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.record.grant.submission.organisation
        good = Document.objects.papers_of(organisation).exclude(state=Document.State.REJECTED)
        field = self.fields["document"]
        field.queryset = good.select_related("paper").order_by("-uploaded_at", "-pk")  # type: ignore[attr-defined]
        field.label_from_instance = _named  # type: ignore[attr-defined]
        if not may_upload:
            del self.fields["title"], self.fields["file"]

    def clean(self) -> dict[str, Any]:
        """Ask for one document at a time, and for its name where it is new."""
        given = super().clean() or self.cleaned_data
        if given.get("file") and given.get("document"):
            self.add_error("document", "Choose a document or add a new one, not both.")
        if given.get("file") and not given.get("title", "").strip():
            self.add_error("title", "Say what the new document is.")
        return given

    def ask_file_again(self) -> None:
        """Say next to the field that a chosen file is gone: no browser keeps one when a form comes back."""
        if self.files.get("file") and "file" not in self.errors:
            self.add_error("file", "Choose the file again: it is not kept while something is not right.")

    def save(self, *, by: User) -> Condition:
        """Store a new document, then give the evidence."""
        given = self.cleaned_data
        file = given.get("file")
        upload = (put(file), file.name, given["title"].strip()) if file else None
        return show_condition(
            condition=self.record, text=given["text"], document=given["document"], upload=upload, by=by
        )


def _named(document: Document) -> str:
    return f"{document.paper.title}, version {document.number} ({document.get_state_display().lower()})"


class StepForm(RecordForm[Condition]):
    """A step of a condition that needs a reason."""

    ACTIONS: Mapping[str, Callable[..., Any]] = {
        "return": return_evidence,
        "accept": accept_evidence,
        "ask_waiver": ask_waiver,
        "refuse_waiver": refuse_waiver,
        "waive": waive_condition,
    }
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Reason",
        max_length=2000,
        error_messages={"required": "Write the reason. It stays on record."},
    )

    def __init__(self, *args: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step

    def save(self, *, by: User) -> Condition:
        """Take the step."""
        taken: Condition = self.ACTIONS[self.step](condition=self.record, reason=self.cleaned_data["reason"], by=by)
        return taken
