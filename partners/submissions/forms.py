"""The forms of submissions: a section's answers, papers for criteria, and moves that want a reason."""

from typing import Any, cast

from django import forms

from partners.checklists.models import Criterion
from partners.organisations.forms import lines
from partners.organisations.models import Organisation
from partners.places.models import Embargo
from partners.programmes.forms import PrescreenForm
from partners.programmes.models import Programme, Question
from partners.programmes.questions import LONGEST_TEXT, QuestionKind, count_words, is_blank, label_of, values_of
from partners.submissions.actions import (
    Opened,
    Saved,
    add_evidence,
    decline_submission,
    link_paper,
    name_referee,
    record_licence,
    request_changes,
    save_answers,
    start_submission,
    withdraw_licence,
    withdraw_submission,
)
from partners.submissions.missing import question_problem
from partners.submissions.models import EvidenceLink, Licence, Referee, Submission
from partners.vault.forms import DocumentForm
from partners.vault.kinds import KINDS
from partners.vault.models import Paper
from vetting_portal.fields import DayField
from vetting_portal.files import put
from vetting_portal.forms import RecordForm, at_least, opening_with
from vetting_portal.models import User
from vetting_portal.papers import PaperField

LARGEST_VERSION = 10**9
TOKEN_LENGTH = 32
INPUT_MODES = {QuestionKind.NUMBER: "numeric", QuestionKind.MONEY: "decimal", QuestionKind.URL: "url"}


def control(question: Question) -> forms.Field:
    """Return the form field for a question; nothing is required here: what is missing is asked before sending."""
    hints = [question.hint, at_least(question.min_words)] if question.min_words else [question.hint]
    common: dict[str, Any] = {"label": question.label, "help_text": " ".join(filter(None, hints)), "required": False}
    choices = [(value, label_of(question, value)) for value in values_of(question)]
    if question.kind == QuestionKind.CHOICES:
        return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=choices, **common)
    if question.kind in {QuestionKind.YES_NO, QuestionKind.CHOICE}:
        return forms.ChoiceField(widget=forms.RadioSelect, choices=choices, **common)
    widget: forms.Widget = forms.TextInput()
    if question.kind == QuestionKind.LONG_TEXT:
        widget = forms.Textarea(attrs={"rows": 6})
    elif question.kind == QuestionKind.DATE:
        widget = forms.DateInput(attrs={"type": "date"})
    elif question.kind in INPUT_MODES:
        widget = forms.TextInput(attrs={"inputmode": INPUT_MODES[QuestionKind(question.kind)]})
    return forms.CharField(widget=widget, max_length=LONGEST_TEXT, **common)


class SectionForm(forms.Form):
    """The questions of one section with what was answered; ``<key>-version`` carries what the page was opened with."""

    def __init__(self, *args: Any, submission: Submission, questions: list[Question], **kwargs: Any) -> None:
        self.submission, self.questions = submission, questions
        answers = {question.key: submission.value_of(question) for question in questions}
        super().__init__(*args, **opening_with(answers, kwargs))
        for question in questions:
            self.fields[question.key] = control(question)

    def values(self) -> dict[str, Any]:
        """Return what was typed, by key."""
        return {
            question.key: self.cleaned_data[question.key]
            for question in self.questions
            if question.key in self.cleaned_data
        }

    def versions(self) -> dict[str, int]:
        """Return the version of each answer that the page was opened with, 0 where it says none."""
        found = {}
        for question in self.questions:
            text = str(self.data.get(f"{question.key}-version", "0"))
            short = text.isascii() and text.isdigit() and int(text[:10]) < LARGEST_VERSION
            found[question.key] = int(text[:10]) if short else 0
        return found

    def save(self, *, by: User, is_autosave: bool = False) -> Saved:
        """Save what was typed, complete or not."""
        page = str(self.data.get("page", ""))[:TOKEN_LENGTH]
        opened = Opened(self.versions(), page, is_autosave)
        return save_answers(submission=self.submission, values=self.values(), opened=opened, by=by)


class ShownSectionForm(SectionForm):
    """A section as it stands: bound to what is kept, with what is missing as its errors."""

    def __init__(self, *, submission: Submission, questions: list[Question]) -> None:
        kept = {question.key: submission.value_of(question) for question in questions}
        data = {key: value for key, value in kept.items() if value is not None}
        super().__init__(data, submission=submission, questions=questions)
        self.is_begun = any(not is_blank(value) for value in kept.values())

    def _clean_fields(self) -> None:
        """Ask the questions what is wrong instead of the controls; a section not begun has nothing wrong."""
        self.cleaned_data = {}
        if not self.is_begun:
            return
        for question in self.questions:
            if wrong := question_problem(self.submission, question):
                self.add_error(question.key, wrong)


def words_so_far(question: Question, value: Any) -> str:
    """Return ``51 of 120 words`` where the question has a limit."""
    limit = question.max_words
    if not limit or question.kind not in {QuestionKind.TEXT, QuestionKind.LONG_TEXT}:
        return ""
    return f"{count_words(str(value or ''))} of {limit} words"


class StartForm(PrescreenForm):
    """The pre-screen's questions once more, and for which organisation."""

    organisation = forms.ModelChoiceField(label="For which organisation?", queryset=Organisation.objects.none())
    field_order = ["organisation"]

    def __init__(self, *args: Any, organisations: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, programme=programme, **kwargs)
        cast("forms.ModelChoiceField[Any]", self.fields["organisation"]).queryset = organisations
        if organisations.count() == 1:
            self.fields["organisation"].initial = organisations.first()

    def save(self, *, by: User) -> Submission:
        """Start the submission."""
        chosen = self.cleaned_data["organisation"]
        return start_submission(organisation=chosen, programme=self.programme, answers=self.answers(), by=by)


class LinkForm(forms.Form):
    """A paper of the vault as evidence for a criterion."""

    criterion = forms.ModelChoiceField(queryset=Criterion.objects.none(), to_field_name="code")
    paper = forms.ModelChoiceField(
        queryset=Paper.objects.none(), label="A paper you have sent", empty_label="Choose a paper"
    )

    def __init__(self, *args: Any, submission: Submission, **kwargs: Any) -> None:
        self.submission = submission
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Any]", self.fields["criterion"]).queryset = submission.checklist.criteria.all()
        cast("forms.ModelChoiceField[Any]", self.fields["paper"]).queryset = submission.organisation.papers.originals()

    def save(self, *, by: User) -> EvidenceLink:
        """Link the paper."""
        return link_paper(submission=self.submission, by=by, **self.cleaned_data)


class EvidenceForm(DocumentForm):
    """A new paper that is evidence for a criterion at once."""

    title = forms.CharField(max_length=160, required=False, label="Name of the paper")
    kind = forms.ChoiceField(label="What is it?")
    field_order = ["kind", "title", "file", "issuer", "issued_on", "expires_on", "language"]

    def __init__(self, *args: Any, record: Submission, criterion: Criterion, **kwargs: Any) -> None:
        self.submission, self.criterion = record, criterion
        super().__init__(*args, **kwargs)
        own = [(kind.key, kind.label) for kind in KINDS if kind.code == criterion.lineage]
        rest = [(kind.key, kind.label) for kind in KINDS if kind.code != criterion.lineage]
        cast("forms.ChoiceField", self.fields["kind"]).choices = [*own, *rest]

    def save(self, *, by: User) -> EvidenceLink:
        """Store the bytes, then take the paper in and link it."""
        file = self.cleaned_data["file"]
        return add_evidence(
            submission=self.submission,
            criterion=self.criterion,
            blob=put(file),
            original_name=file.name,
            kind=self.cleaned_data["kind"],
            title=self.cleaned_data["title"],
            dates=self.dates,
            by=by,
        )


class ReasonForm(RecordForm[Submission]):
    """Why a move is made."""

    reason = forms.CharField(label="Why?", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class RequestChangesForm(ReasonForm):
    """What is to be changed, and why."""

    items = forms.CharField(
        label="What is to be changed?",
        help_text="One thing a line. The partner gets this list.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=4000,
    )

    def save(self, *, by: User) -> Submission:
        """Ask for the changes."""
        wanted = lines(self.cleaned_data["items"])
        return request_changes(submission=self.record, reason=self.cleaned_data["reason"], items=wanted, by=by)


class DeclineForm(ReasonForm):
    """Why the answer is no."""

    def save(self, *, by: User) -> Submission:
        """Decline."""
        return decline_submission(submission=self.record, reason=self.cleaned_data["reason"], by=by)


class WithdrawForm(ReasonForm):
    """Why the partner takes it back; they need not say."""

    reason = forms.CharField(label="Why?", widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False)

    def save(self, *, by: User) -> Submission:
        """Withdraw."""
        return withdraw_submission(submission=self.record, reason=self.cleaned_data["reason"], by=by)


class LicenceForm(forms.Form):
    """A licence for work in one place under comprehensive sanctions."""

    embargo = forms.ModelChoiceField(Embargo.objects.none(), label="For which place?", empty_label="Choose a place")
    kind = forms.ChoiceField(
        label="Which kind?",
        choices=[
            (Licence.Kind.GENERAL, "General licence\nPublished for everybody who does what it says."),
            (Licence.Kind.SPECIFIC, "Specific licence\nGiven to us on request."),
        ],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(max_length=80, label="Number", help_text="For example 31 CFR 515.575, or GL 25.")
    authority = forms.CharField(max_length=120, label="Given by", initial="OFAC")
    scope = forms.CharField(
        label="What it allows", widget=forms.Textarea(attrs={"rows": 3}), help_text="In its own words, with its limits."
    )
    submission = forms.ModelChoiceField(
        Submission.objects.none(), required=False, label="For one application only", empty_label="All of them"
    )
    granted_on = DayField(label="Good from")
    valid_until_on = DayField(required=False, label="Last day")
    paper = PaperField(required=False, label="The licence itself", help_text="PDF or a clear scan. Up to 25 MB.")

    def __init__(self, *args: Any, record: Organisation, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Embargo]", self.fields["embargo"]).queryset = Embargo.objects.order_by("name")
        mine = Submission.objects.of_organisation(record)
        cast("forms.ModelChoiceField[Submission]", self.fields["submission"]).queryset = mine

    def save(self, *, by: User) -> Licence:
        """Record the licence."""
        return record_licence(organisation=self.record, by=by, **self.cleaned_data)


class LicenceWithdrawForm(RecordForm[Licence]):
    """Why a licence no longer counts."""

    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}))

    def save(self, *, by: User) -> Licence:
        """Withdraw it."""
        return withdraw_licence(licence=self.record, by=by, **self.cleaned_data)


class RefereeForm(RecordForm[Submission]):
    """Somebody who knows the work and stands outside."""

    name = forms.CharField(max_length=200, label="Name")
    organisation = forms.CharField(max_length=200, label="Organisation", help_text="Where they work, or “private”.")
    relation = forms.CharField(
        max_length=300, label="How do they know your work?", help_text="For example: a past funder, since 2022."
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="Their own, best at their work. We write to it, and to nobody else.",
        error_messages={"invalid": "Give an e-mail address, for example name@example.org."},
    )
    language = forms.CharField(max_length=40, label="Language", help_text="In which they like to answer.")
    is_outside = forms.BooleanField(
        label="This person is not family, staff or board of ours, and knows that you will write.",
        error_messages={"required": "Confirm this, or name somebody else."},
    )

    def save(self, *, by: User) -> Referee:
        """Name the referee."""
        fields = {name: value for name, value in self.cleaned_data.items() if name != "is_outside"}
        return name_referee(submission=self.record, by=by, **fields)
