"""A consent on record, and its withdrawal."""

from typing import Any

from django import forms

from grants.agreements.models import Grant
from grants.reports.actions import record_consent, withdraw_consent
from grants.reports.actions.consents import NOT_YET
from grants.reports.models import Consent, Showing
from partners.vault.models import Document
from vetting_portal.clock import lies_ahead
from vetting_portal.fields import DayField
from vetting_portal.forms import RecordForm
from vetting_portal.models import User


class ConsentForm(forms.Form):
    """Who agreed to what, until when, how, and where the evidence is. Nothing is chosen beforehand."""

    role = forms.ChoiceField(
        label="Who gave it?",
        choices=Consent.Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who gave it."},
    )
    given_by = forms.CharField(
        label="Name, or the name used instead",
        max_length=120,
        help_text="A survivor stands here under another name, never the real one, and without initials.",
    )
    is_pseudonym = forms.BooleanField(label="This is not the real name", required=False)
    covers_words = forms.BooleanField(label="For a story in words", required=False)
    covers_photo = forms.BooleanField(
        label="For a photograph", required=False, help_text="Never of a survivor. Nobody may be recognised on it."
    )
    purpose = forms.CharField(
        label="What for",
        max_length=200,
        help_text="As it was said to the person. For example: the public page of the report of May 2026.",
    )
    given_on = DayField(label="Given on")
    until_on = DayField(label="Until", help_text="The last day on which it may be shown. At most three years.")
    how = forms.ChoiceField(
        label="How was it given?",
        choices=Consent.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was given."},
    )
    evidence = forms.ModelChoiceField(
        Document.objects.none(),
        label="Paper that shows it",
        required=False,
        empty_label="None of these",
        help_text="One of your papers. Not where it holds the real name of a survivor.",
    )
    evidence_note = forms.CharField(
        label="Or: where the evidence is kept",
        max_length=200,
        required=False,
        help_text="For example: signed sheet 14, locked cabinet of the social workers.",
    )

    def __init__(self, *args: Any, record: Grant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        papers = Document.objects.accepted().papers_of(record.submission.organisation)
        rows = papers.select_related("paper").order_by("paper__title", "pk")
        self.fields["evidence"].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say next to its field what does not go together; the action asks the same."""
        given = super().clean() or self.cleaned_data
        if not given.get("covers_words") and not given.get("covers_photo"):
            self.add_error("covers_words", "Say what it is for: the words, a photograph, or both.")
        begins, ends = given.get("given_on"), given.get("until_on")
        if begins and ends and ends < begins:
            self.add_error("until_on", "It cannot end before it was given.")
        if begins and lies_ahead(begins):
            self.add_error("given_on", NOT_YET)
        elif begins and ends and "role" in given and "given_by" in given:
            told = Consent(role=given["role"], given_by=given["given_by"], given_on=begins, until_on=ends)
            for name, wrong in told.wording_errors().items():
                self.add_error(name, wrong)
        if not given.get("evidence") and not given.get("evidence_note", "").strip():
            self.add_error("evidence_note", "Say where the evidence is kept, or choose a paper.")
        return given

    def save(self, *, by: User) -> Consent:
        """Put it on record."""
        return record_consent(grant=self.record, words=self.cleaned_data, by=by)


class WithdrawForm(RecordForm[Consent]):
    """The withdrawal of a consent; nobody has to say why."""

    reason = forms.CharField(
        label="Why, if the person wants to say",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Nobody has to give a reason.",
    )

    def save(self, *, by: User) -> list[Showing]:
        """Withdraw it."""
        return withdraw_consent(consent=self.record, reason=self.cleaned_data["reason"], by=by)
