"""The report of a visit, and the reason of a correction."""

from typing import Any, cast

from django import forms

from partners.submissions.models import Submission
from partners.vault.models import Document
from reviews.visits.actions import FIELDS, change_visit, correct_visit, write_visit
from reviews.visits.models import Visit
from vetting_portal.fields import DayField
from vetting_portal.forms import RecordForm
from vetting_portal.models import User

LONGEST = 20_000


class VisitForm(forms.Form):
    """Who looked, when, whom they met and what they found; ``record`` is the submission, or the draft to change."""

    kind = forms.ChoiceField(
        label="What kind of visit?",
        choices=Visit.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the kind."},
    )
    visited_on = DayField(label="On which day?", help_text="The last one, where it took several.")
    visitors = forms.CharField(label="Who looked?", max_length=300, help_text="Name and role of each.")
    people_met = forms.CharField(
        label="Whom did they meet?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="By role. Name nobody who was helped.",
    )
    findings = forms.CharField(
        label="What did they find?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="What was seen and checked, what is good, what is not. No photographs, no stories of survivors.",
    )
    papers = forms.TypedMultipleChoiceField(
        label="Papers that were looked at", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, record: Submission | Visit, **kwargs: Any) -> None:
        self.record = record
        initial = {name: getattr(record, name) for name in FIELDS} if isinstance(record, Visit) else {}
        super().__init__(*args, **{**kwargs, "initial": initial})
        documents = Document.objects.filter(
            paper__organisation_id=record.organisation_id, state=Document.State.ACCEPTED
        ).select_related("paper")
        choices = [(one.pk, f"{one.paper.title}, version {one.number}") for one in documents.order_by("paper__title")]
        cast("forms.TypedMultipleChoiceField", self.fields["papers"]).choices = choices

    def save(self, *, by: User) -> Visit:
        """Begin the report, or change the draft."""
        if isinstance(self.record, Visit):
            return change_visit(visit=self.record, words=self.cleaned_data, by=by)
        return write_visit(submission=self.record, words=self.cleaned_data, by=by)


class CorrectForm(RecordForm[Visit]):
    """Why a report that was handed in needs another version."""

    reason = forms.CharField(
        label="What was wrong?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The report as it was handed in stays readable.",
        error_messages={"required": "Say what was wrong, in a sentence."},
    )

    def save(self, *, by: User) -> Visit:
        """Begin the correction."""
        return correct_visit(visit=self.record, reason=self.cleaned_data["reason"], by=by)
