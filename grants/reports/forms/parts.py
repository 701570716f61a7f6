"""Papers and stories that the partner puts to a report."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.reports.actions import add_report_paper, add_story, change_story
from grants.reports.actions.telling import WORDS_TOO
from grants.reports.models import Consent, Report, ReportPaper, Story
from grants.reports.models.story import photo_errors
from partners.vault.forms import FileField
from vetting_portal.files import put
from vetting_portal.forms import RecordForm
from vetting_portal.inspection.names import ending
from vetting_portal.inspection.policy import HEIC, JPEG, PNG
from vetting_portal.models import User

PICTURE_ENDINGS = {each for kind in (JPEG, PNG, HEIC) for each in kind.endings}


class PaperForm(RecordForm[Report]):
    """A paper or photograph for the funder's eyes."""

    title = forms.CharField(label="What is it?", max_length=160, help_text="For example: attendance lists, May.")
    file = FileField(
        label="File",
        help_text="PDF, Word, Excel, OpenDocument or a clear photo. Up to 25 MB. No photograph of a survivor.",
    )

    def save(self, *, by: User) -> ReportPaper:
        """Store the bytes, then put the paper to the report."""
        file, title = self.cleaned_data["file"], self.cleaned_data["title"]
        return add_report_paper(report=self.record, blob=put(file), original_name=file.name, title=title, by=by)


class StoryForm(forms.Form):
    """A story with its consent; ``record`` is the open report, ``story`` the one to change."""

    title = forms.CharField(label="Heading", max_length=120)
    text = forms.CharField(
        label="The story",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Under the name of the consent. No place, date or detail that lets a survivor be found.",
    )
    consent = forms.ModelChoiceField(
        Consent.objects.none(), label="Consent", empty_label="Choose a consent that is on record"
    )
    photo = FileField(
        label="Photograph",
        required=False,
        help_text="JPEG, PNG or HEIC. Hands, work, a place. No face, and never a survivor.",
        widget=forms.ClearableFileInput(attrs={"accept": ".jpg,.jpeg,.png,.heic"}),
    )
    photo_shows = forms.CharField(
        label="What the photograph shows", max_length=200, required=False, help_text="For who cannot see it."
    )
    nobody_recognisable = forms.BooleanField(label="Nobody can be recognised on the photograph", required=False)

    def __init__(self, *args: Any, record: Report, story: Story | None = None, **kwargs: Any) -> None:
        self.record, self.story = record, story
        names = ("title", "text", "consent", "photo_shows", "nobody_recognisable")
        initial = {name: getattr(story, name) for name in names} if story else {}
        super().__init__(*args, **{**kwargs, "initial": initial})
        consents = Consent.objects.in_force(timezone.localdate()).filter(grant=record.grant_id)
        field = self.fields["consent"]
        field.queryset = consents  # type: ignore[attr-defined]
        field.label_from_instance = _named  # type: ignore[attr-defined]

    def clean_photo(self) -> Any:
        """Return the photograph. Raises ValidationError for a file that cannot be one."""
        file = self.cleaned_data["photo"]
        if file and ending(file.name) not in PICTURE_ENDINGS:
            raise ValidationError("Send a photograph as JPEG, PNG or HEIC.")
        return file

    def clean(self) -> dict[str, Any]:
        """Ask everything about the photograph in the same round as the words; the action asks the same."""
        given = super().clean() or self.cleaned_data
        consent, has_photo = given.get("consent"), given.get("photo") or (self.story and self.story.photo_id)
        if has_photo or "photo" in self.errors:
            shows, is_nobody = given.get("photo_shows", ""), given.get("nobody_recognisable", False)
            for name, wrong in photo_errors(consent, shows, is_nobody_recognisable=is_nobody).items():
                self.add_error(name, wrong)
        elif consent is not None and not consent.covers_words:
            self.add_error("consent", WORDS_TOO)
        return given

    def ask_photo_again(self) -> None:
        """Say next to the field that a chosen file is gone: no browser keeps one when a form comes back."""
        if self.files.get("photo") and "photo" not in self.errors:
            self.add_error("photo", "Choose the photograph again: it is not kept while something is not right.")

    def save(self, *, by: User) -> Story:
        """Store the photograph, then keep the story."""
        words, file = self.cleaned_data, self.cleaned_data["photo"]
        photo = (put(file), file.name) if file else None
        if self.story is not None:
            return change_story(story=self.story, words=words, photo=photo, by=by)
        return add_story(report=self.record, words=words, photo=photo, by=by)


def _named(consent: Consent) -> str:
    return f"{consent.said_by}, {consent.get_role_display().lower()}, until {consent.until_on:%-d %B %Y}"
