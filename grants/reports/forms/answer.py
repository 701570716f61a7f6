"""What the officer answers: a question, or the words for the public."""

from typing import Any

from django import forms

from grants.reports.actions import accept_report, publish_report, send_back_report
from grants.reports.actions.answering import NOT_AGREED
from grants.reports.models import Report, Story
from vetting_portal.forms import RecordForm
from vetting_portal.models import User

AGREE = "I agree to the lines that differ by more than 10%"
READ = "I have read every word and looked at every photograph. Nobody who was helped can be recognised."


class SendBackForm(RecordForm[Report]):
    """What the officer still wants to know."""

    reason = forms.CharField(label="What is missing", widget=forms.Textarea(attrs={"rows": 4}))

    def save(self, *, by: User) -> Report:
        """Send it back."""
        return send_back_report(report=self.record, reason=self.cleaned_data["reason"], by=by)


class AcceptForm(forms.Form):
    """The officer's word to lines that differ by more than may move; nothing is asked where there are none."""

    agrees = forms.BooleanField(label=AGREE, error_messages={"required": NOT_AGREED})

    def __init__(self, *args: Any, record: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        if not record.budget.needs_agreement:
            del self.fields["agrees"]

    def save(self, *, by: User) -> Report:
        """Accept it."""
        return accept_report(report=self.record, agrees=self.cleaned_data.get("agrees", False), by=by)


class PublishForm(forms.Form):
    """The words for the public, the stories to show, and the officer's word that nobody can be recognised."""

    public_line = forms.CharField(label="One sentence", max_length=200)
    public_summary = forms.CharField(
        label="What was done, for everybody",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="It starts as the partner wrote it. Take out what lets anybody be found.",
    )
    stories = forms.ModelMultipleChoiceField(
        Story.objects.none(),
        label="Stories on the page",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only with a consent that holds. Nothing is chosen for you.",
    )
    is_read = forms.BooleanField(label=READ, error_messages={"required": "Read it first, then say so."})

    def __init__(self, *args: Any, record: Report, **kwargs: Any) -> None:
        words = {"public_line": record.public_line, "public_summary": record.summary}
        super().__init__(*args, **{**kwargs, "initial": words})
        self.record = record
        stories = self.fields["stories"]
        if record.stories.exists():
            stories.queryset = record.stories.for_page().order_by("pk")  # type: ignore[attr-defined]
            stories.label_from_instance = _named  # type: ignore[attr-defined]
        else:
            del self.fields["stories"]

    def save(self, *, by: User) -> Report:
        """Publish it."""
        given = self.cleaned_data
        return publish_report(
            report=self.record,
            public_line=given["public_line"],
            public_summary=given["public_summary"],
            stories=list(given.get("stories", ())),
            by=by,
        )


def _named(story: Story) -> str:
    return f"{story.title}\n{story.consent.said_by}, consent until {story.consent.until_on:%-d %B %Y}"
