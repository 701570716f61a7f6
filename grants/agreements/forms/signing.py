"""The forms around a signature: declaration, way to prove who you are, code, reason; and the public check of a file."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from grants.agreements.actions import (
    begin_signing,
    countersign_agreement,
    declare_as_director,
    decline_grant,
    discard_draft,
    revoke_agreement,
    send_back_grant,
    sign_agreement,
    suspend_grant,
)
from grants.agreements.models import Signature, SigningChallenge
from grants.agreements.models.signing import Method
from partners.submissions.models import Submission
from reviews.panels.models import ConflictDeclaration
from vetting_portal.models import User


class GrantActionForm(forms.Form):
    """A form about one grant, or an amendment of one."""

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record


class DeclarationForm(GrantActionForm):
    """What a director declares before the brief opens; nothing is preselected."""

    has_interest = forms.ChoiceField(
        label="Do you have an interest in this partner?",
        widget=forms.RadioSelect,
        choices=[
            ("no", "No, none\nNo family, money, work or friendship ties me to this organisation or its people."),
            ("yes", "Yes, or I am not sure\nAnother director signs. Nobody asks you more than you want to say."),
        ],
        error_messages={"required": "Choose one of the two."},
    )
    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What is it?",
        max_length=500,
        help_text="Optional.",
    )

    def save(self, *, by: User) -> ConflictDeclaration:
        """Record the declaration."""
        interest = self.cleaned_data["has_interest"] == "yes"
        return declare_as_director(grant=self.record, has_interest=interest, note=self.cleaned_data["note"], by=by)


class MethodForm(GrantActionForm):
    """Opens a challenge for one signature."""

    method = forms.ChoiceField(
        choices=Method, error_messages={"required": "Choose a way.", "invalid_choice": "Choose a way."}
    )
    document_sha256 = forms.CharField(max_length=64)

    def save(self, *, by: User) -> SigningChallenge:
        """Open the challenge; an e-mail code is sent."""
        return begin_signing(
            grant=self.record,
            method=self.cleaned_data["method"],
            document_sha256=self.cleaned_data["document_sha256"],
            by=by,
        )


class SignForm(GrantActionForm):
    """The signature: the file's hash, the open challenge, the consent, the code or what a passkey answered."""

    document_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    nonce = forms.CharField(max_length=64, widget=forms.HiddenInput)
    consent = forms.BooleanField(error_messages={"required": "Tick the box: it is the sentence you sign."})
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)
    code = forms.CharField(
        required=False,
        max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, record: Any, consent_text: str = "", origin: str = "", **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.fields["consent"].label = consent_text
        self.origin = origin

    def clean(self) -> dict[str, Any]:
        """Ask for a code where no passkey answered. Never one that is shown again."""
        given = super().clean() or {}
        if not given.get("credential") and not given.get("code") and "code" not in self.errors:
            self.add_error("code", "Type the code.")
        return given

    def _given(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in ("document_sha256", "nonce", "code")}
        return {**given, "credential": self.cleaned_data["credential"] or None, "origin": self.origin}

    def save(self, *, by: User) -> Signature:
        """Sign as director."""
        return sign_agreement(grant=self.record, by=by, **self._given())


class CountersignForm(SignForm):
    """The same for the partner."""

    def save(self, *, by: User) -> Signature:
        """Sign for the partner."""
        return countersign_agreement(grant=self.record, by=by, **self._given())


class ReasonStepForm(GrantActionForm):
    """A step that asks for a reason; ``ACTIONS`` are the actions by step, ``argument`` what they call the record."""

    ACTIONS: Mapping[str, Callable[..., Any]]
    argument: str
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        label="The reason",
        max_length=2000,
        error_messages={"required": "Say why. The reason stays on record."},
    )

    def __init__(self, *args: Any, record: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.step = step

    def save(self, *, by: User) -> Any:
        """Take the step."""
        return self.ACTIONS[self.step](by=by, **{self.argument: self.record}, **self.cleaned_data)


class ReasonForm(ReasonStepForm):
    """A step of a grant: send back, decline, discard, suspend, revoke. Who discards a draft says what becomes of its
    application; what is revoked is told in public.
    """

    ACTIONS = {
        "send_back": send_back_grant,
        "decline": decline_grant,
        "lapse": discard_draft,
        "suspend": suspend_grant,
        "revoke": revoke_agreement,
    }
    argument = "grant"
    then = forms.ChoiceField(
        label="What becomes of the application?",
        widget=forms.RadioSelect,
        choices=[
            ("draft", "Another grant can be drafted\nIts recommendation stands. Nobody outside is notified."),
            ("decline", "The application is declined\nThe partner is notified, with the reason that you give."),
        ],
        error_messages={"required": "Choose what becomes of the application."},
    )
    public_reason = forms.CharField(
        label="What anybody reads who verifies the agreement",
        help_text="One sentence, without names. For example: The partner ended its work in this country.",
        max_length=200,
        error_messages={"required": "Say in one sentence what anybody may read."},
    )

    def __init__(self, *args: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, step=step, **kwargs)
        if step != "revoke":
            del self.fields["public_reason"]
        if step != "lapse" or self.record.submission.state != Submission.State.RECOMMENDED:
            del self.fields["then"]  # an application that is declined or withdrawn stays so


class VerifyForm(forms.Form):
    """A file to check; it is compared and not kept."""

    file = forms.FileField(
        label="Agreement (PDF)",
        error_messages={"required": "Choose the PDF.", "empty": "The file is empty. Choose the PDF you got."},
        allow_empty_file=False,
    )

    def clean_file(self) -> UploadedFile:
        """Return what is left of the file, its scan; any file may be checked."""
        return self.cleaned_data["file"]
