"""What reviewers, officers and directors fill in; each form calls one action."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.previews.actions import count_pages
from partners.submissions.models import Submission
from partners.vault.models import Document
from reviews.panels.actions import (
    add_citation,
    assign_reviewer,
    declare,
    declare_as_officer,
    moderate,
    override,
    recommend,
    recuse_review,
    reopen_review,
    resolve_related_party,
    return_to_review,
    save_advice,
    save_score,
    submit_review,
    write_panel_message,
)
from reviews.panels.actions.assignments import ANSWER_WORDS
from reviews.panels.actions.assignments import REASON_WORDS as WARNED_WORDS
from reviews.panels.actions.panel import REASON_WORDS
from reviews.panels.actions.reviewing import SHORTEST_REASON
from reviews.panels.condition_rows import condition_rows, given_conditions
from reviews.panels.conflicts import Finding, soft_findings
from reviews.panels.models import Citation, ConflictDeclaration, Moderation, PanelMessage, Recommendation, Review, Score
from reviews.panels.models.reviewing import LONGEST_PASSAGE
from reviews.panels.proposing import Candidate, ranked
from reviews.panels.queries import candidates_of, documents_of, languages_of
from vetting_portal.fields import DayField
from vetting_portal.forms import RecordForm, at_least
from vetting_portal.models import User

NOT_APPLICABLE = "na"
CONDITION_ROWS, OPEN_ROWS = 6, 2
INTEREST_SENTENCE = (
    "In the last three years I have not worked, volunteered or been paid there, sat on its board, "
    "given to it above USD 250, "
    "or been related to anyone named above."
)


class _AnswersForm(forms.Form):
    """A declaration that also asks about what the records show, one question each."""

    findings: list[Finding]

    def ask(self, findings: list[Finding]) -> None:
        """Add a question for each finding; who has no interest answers all of them."""
        self.findings = findings
        for finding in findings:
            widget = forms.Textarea(attrs={"rows": 2})
            field = forms.CharField(label=finding.question, required=False, max_length=1000, widget=widget)
            field.help_text = at_least(ANSWER_WORDS)
            self.fields[f"answer_{finding.key}"] = field

    @property
    def questions(self) -> list[forms.BoundField]:
        """The questions as they stand on the page."""
        return [self[f"answer_{finding.key}"] for finding in self.findings]

    def answers(self) -> dict[str, str]:
        """Return the answers by the key of the finding."""
        return {finding.key: self.cleaned_data[f"answer_{finding.key}"] for finding in self.findings}


class GateForm(_AnswersForm):
    """The reviewer's declaration; nothing is preselected."""

    interest = forms.ChoiceField(
        label="Choose one",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
        choices=[
            ("none", f"I have no interest\n{INTEREST_SENTENCE}"),
            (
                "some",
                "I have one, or I am not sure\nYou step aside now. The officer sees only that you did, and your note.",
            ),
        ],
    )
    note = forms.CharField(
        label="A short note, if you like", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    keeps_confidence = forms.BooleanField(
        label="I keep what I read here to myself, and I do not try to identify any survivor.", required=False
    )

    def __init__(self, *args: Any, record: Review, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review = record
        self.ask(soft_findings(record.submission.organisation, record.reviewer))

    def save(self, *, by: User) -> Review:
        """Write the declaration."""
        return declare(
            review=self.review,
            has_interest=self.cleaned_data["interest"] == "some",
            note=self.cleaned_data["note"],
            keeps_confidence=self.cleaned_data["keeps_confidence"],
            answers=self.answers(),
            by=by,
        )


class OfficerDeclarationForm(_AnswersForm):
    """The officer's own declaration; nothing is preselected."""

    interest = forms.ChoiceField(
        label="Choose one",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
        choices=[
            ("none", f"I have no interest\n{INTEREST_SENTENCE}"),
            (
                "some",
                "I have one, or I am not sure\nAnother programme officer takes over. The partner is not told why.",
            ),
        ],
    )
    note = forms.CharField(
        label="A short note, if you like", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, record: Submission, officer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submission = record
        self.ask(soft_findings(record.organisation, officer))

    def save(self, *, by: User) -> ConflictDeclaration:
        """Write the declaration."""
        return declare_as_officer(
            submission=self.submission,
            has_interest=self.cleaned_data["interest"] == "some",
            note=self.cleaned_data["note"],
            answers=self.answers(),
            by=by,
        )


class AssignForm(forms.Form):
    """Whom to ask, best fit first, and by when; nobody is chosen beforehand."""

    reviewer = forms.TypedChoiceField(
        label="Reviewer", widget=forms.RadioSelect, error_messages={"required": "Choose a reviewer."}
    )
    due_on = DayField(label="Due on")
    reason = forms.CharField(
        label="Why all the same?",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=f"Only where the records show something of the reviewer you choose. {at_least(WARNED_WORDS)}",
    )

    def __init__(self, *args: Any, record: Submission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submission = record
        self.languages = languages_of(record.latest_version)
        self.known: list[Candidate] = candidates_of(record, self.languages)
        self.candidates = ranked(self.known)
        people = {str(one.user.pk): one.user for one in self.candidates}
        field = self.fields["reviewer"]
        field.choices = [(str(one.user.pk), f"{one.user.name}\n{one.summary}") for one in self.candidates]  # type: ignore[attr-defined]
        field.coerce = people.__getitem__  # type: ignore[attr-defined]
        self.fields["due_on"].initial = timezone.localdate() + timedelta(days=14)
        if not any(one.warnings for one in self.candidates) and not self.is_bound:
            del self.fields["reason"]

    def save(self, *, by: User) -> Review:
        """Ask the reviewer."""
        return assign_reviewer(
            submission=self.submission,
            reviewer=self.cleaned_data["reviewer"],
            due_on=self.cleaned_data["due_on"],
            reason=self.cleaned_data.get("reason", ""),
            by=by,
        )


class ScoreForm(forms.Form):
    """One criterion of one review: the score, or "not applicable", and why. Saved complete or not."""

    score = forms.ChoiceField(required=False, label="Score")
    justification = forms.CharField(
        label="Why this score, and not one higher?", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, record: Review, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review, self.criterion = record, criterion
        values = [str(value) for value in range(len(criterion.anchors))]
        if criterion.applies_when:
            values.append(NOT_APPLICABLE)
        self.fields["score"].choices = [("", ""), *((value, value) for value in values)]  # type: ignore[attr-defined]

    def save(self, *, by: User) -> Score:
        """Save what stands there."""
        chosen = self.cleaned_data["score"]
        not_applicable = chosen == NOT_APPLICABLE
        return save_score(
            review=self.review,
            criterion=self.criterion,
            value=None if not_applicable or chosen == "" else int(chosen),
            not_applicable=not_applicable,
            justification=self.cleaned_data["justification"],
            edition=self.cleaned_data["edition"],
            by=by,
        )


class CiteForm(forms.Form):
    """A page of a document that the score rests on: the one that is open."""

    document = forms.ModelChoiceField(
        queryset=Document.objects.none(),
        label="Document",
        error_messages={"invalid_choice": "This document was not sent with the submission."},
    )
    page = forms.IntegerField(
        label="Page",
        min_value=1,
        error_messages={"min_value": "Pages start at 1."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    passage = forms.CharField(
        label="Passage",
        required=False,
        max_length=LONGEST_PASSAGE,
        error_messages={
            "max_length": f"A passage has at most {LONGEST_PASSAGE} characters. Cite the part that counts."
        },
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, record: Review, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review, self.criterion = record, criterion
        self.fields["document"].queryset = documents_of(record.submission)  # type: ignore[attr-defined]
        self.fields["document"].label_from_instance = lambda document: document.paper.title  # type: ignore[attr-defined]

    def save(self, *, by: User) -> Citation:
        """Cite the page; its document's pages are counted first, where nobody has yet."""
        count_pages(self.cleaned_data["document"])
        return add_citation(
            review=self.review,
            criterion=self.criterion,
            document=self.cleaned_data["document"],
            page=self.cleaned_data["page"],
            passage=self.cleaned_data["passage"],
            by=by,
        )


class SubmitForm(forms.Form):
    """The advice to the directors, and handing in."""

    advice = forms.CharField(
        label="What would you tell the directors?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One or two sentences. The directors read them beside the score.",
    )
    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, record: Review, only_save: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review, self.only_save = record, only_save

    def save(self, *, by: User) -> Review:
        """Save the advice; then hand the review in, where that was asked."""
        review = self.review
        if self.cleaned_data["advice"].strip() != review.advice:
            review = save_advice(
                review=review, advice=self.cleaned_data["advice"], edition=self.cleaned_data["edition"], by=by
            )
        return review if self.only_save else submit_review(review=review, by=by)


class ReopenForm(RecordForm[Review]):
    """Why a submitted review is taken up again."""

    reason = forms.CharField(
        label="Why do you reopen it?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"At least {SHORTEST_REASON} characters.",
        error_messages={"required": "Say why you reopen it."},
    )

    def save(self, *, by: User) -> Review:
        """Reopen it."""
        return reopen_review(review=self.record, reason=self.cleaned_data["reason"], by=by)


class StepAsideForm(RecordForm[Review]):
    """Stepping aside at a later moment."""

    note = forms.CharField(
        label="A short note, if you like", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    sure = forms.BooleanField(
        label="I have an interest in this partner, or I am not sure.",
        error_messages={"required": "Say that this is why you step aside."},
    )

    def save(self, *, by: User) -> Review:
        """Step aside."""
        return recuse_review(review=self.record, note=self.cleaned_data["note"], by=by)


class ModerateForm(forms.Form):
    """What the reviewers agreed."""

    resolution = forms.CharField(
        label="What did the reviewers agree, and why?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Scores stay as given. The agreed reading is recorded beside them. {at_least(REASON_WORDS)}",
        error_messages={"required": "Write what was agreed."},
    )
    concerns = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: Submission, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submission, self.criterion = record, criterion

    def save(self, *, by: User) -> Moderation:
        """Record the resolution."""
        return moderate(
            submission=self.submission,
            criterion=self.criterion,
            resolution=self.cleaned_data["resolution"],
            concerns=self.cleaned_data["concerns"],
            by=by,
        )


class PanelMessageForm(RecordForm[Submission]):
    """A message to the other reviewers."""

    text = forms.CharField(
        label="Your message to the other reviewers",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write your message."},
    )

    def save(self, *, by: User) -> PanelMessage:
        """Send it."""
        return write_panel_message(submission=self.record, text=self.cleaned_data["text"], by=by)


class RelatedPartyForm(RecordForm[Submission]):
    """How the related party that the partner names is dealt with."""

    resolution = forms.CharField(
        label="How is the relation dealt with?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=at_least(REASON_WORDS),
        error_messages={"required": "Write how it is dealt with."},
    )

    def save(self, *, by: User) -> Moderation:
        """Record the resolution."""
        return resolve_related_party(submission=self.record, resolution=self.cleaned_data["resolution"], by=by)


class _WithConditions(RecordForm[Submission]):
    """A word to the directors that may hold conditions, a row each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = condition_rows(self.data if self.is_bound else None, extra=CONDITION_ROWS)

    def is_valid(self) -> bool:
        """Whether the form and each row are right; what is wrong with a row stands at the row."""
        return all([super().is_valid(), self.rows.is_valid()])

    @property
    def first_rows(self) -> list[Any]:
        """The rows that are always open."""
        return list(self.rows)[:OPEN_ROWS]

    @property
    def more_rows(self) -> list[Any]:
        """The rows that open on demand."""
        return list(self.rows)[OPEN_ROWS:]


class RecommendForm(_WithConditions):
    """What is recommended to the directors."""

    outcome = forms.ChoiceField(
        label="What do you recommend?",
        widget=forms.RadioSelect,
        choices=Recommendation.Outcome.choices,
        error_messages={"required": "Choose what you recommend."},
    )
    reason = forms.CharField(
        label="What should the directors know?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=at_least(REASON_WORDS),
        error_messages={"required": "Write what the directors should know."},
    )

    def save(self, *, by: User) -> Recommendation:
        """Recommend, or decline."""
        return recommend(
            submission=self.record,
            outcome=self.cleaned_data["outcome"],
            reason=self.cleaned_data["reason"],
            conditions=given_conditions(self.rows),
            by=by,
        )


class OverrideForm(_WithConditions):
    """A director's word against the panel's result."""

    reason = forms.CharField(
        label="Why against the panel's result?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=at_least(REASON_WORDS),
        error_messages={"required": "Write why."},
    )

    def save(self, *, by: User) -> Recommendation:
        """Override."""
        return override(
            submission=self.record,
            reason=self.cleaned_data["reason"],
            conditions=given_conditions(self.rows),
            by=by,
        )


class ReturnForm(RecordForm[Submission]):
    """Why a recommended submission goes back to the reviewers."""

    reason = forms.CharField(
        label="What should be looked at again?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=at_least(REASON_WORDS),
        error_messages={"required": "Write what should be looked at."},
    )

    def save(self, *, by: User) -> Submission:
        """Give it back."""
        return return_to_review(submission=self.record, reason=self.cleaned_data["reason"], by=by)
