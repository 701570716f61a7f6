"""Stories of a report, and where each of them was shown: both rest on a consent."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from grants.agreements.models import Grant
from grants.reports.models.consent import Consent
from grants.reports.models.report import Report
from partners.previews.models import PageImage
from partners.vault.models import Document
from vetting_portal.constraints import pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker

PICTURES = frozenset({"image/jpeg", "image/png", "image/heic"})


def photo_errors(consent: Consent | None, shows: str, *, is_nobody_recognisable: bool) -> dict[str, str]:
    """Return by field what a photograph lacks: a consent for it, words for who cannot see it, the word for nobody."""
    errors = {}
    if consent is not None and consent.role == Consent.Role.SURVIVOR:
        errors["photo"] = "No photograph of a survivor is ever shown."
    elif consent is not None and not consent.covers_photo:
        errors["photo"] = "This consent is not for a photograph."
    if not shows.strip():
        errors["photo_shows"] = "Say what the photograph shows."
    if not is_nobody_recognisable:
        errors["nobody_recognisable"] = "Look at it again: nobody may be recognised on it."
    return errors


class StoryQuerySet(models.QuerySet["Story"]):
    """Stories by whether they stand on a public page."""

    def for_page(self) -> "StoryQuerySet":
        """Load what the pages of a report show of its stories."""
        return self.select_related("consent", "photo__file", "photo__paper", "report__grant")

    def shown(self, today: date) -> "StoryQuerySet":
        """Cut to what the public sees on ``today``: published, and its consent in force at this moment."""
        consented = Consent.objects.in_force(today).filter(pk=models.OuterRef("consent"))
        standing = Showing.objects.filter(story=models.OuterRef("pk"), until_at__isnull=True)
        drawn = PageImage.objects.filter(preview__file=models.OuterRef("photo__file"), number=1, failure="")
        rows = self.for_page().filter(models.Exists(consented), models.Exists(standing))
        return rows.annotate(is_drawn=models.Exists(drawn)).order_by("pk")


class Story(models.Model):
    """A story in words, with or without a photograph on which nobody can be recognised."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="stories")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="stories")
    title = models.CharField(max_length=120)
    text = models.TextField()
    photo = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    photo_shows = models.CharField(max_length=200, blank=True)
    nobody_recognisable = models.BooleanField(default=False)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = StoryQuerySet.as_manager()

    class Meta:
        ordering = ["report", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="story_has_words"),
            models.CheckConstraint(
                condition=Q(photo__isnull=True) | (Q(nobody_recognisable=True) & ~Q(photo_shows="")),
                name="story_photo_shows_nobody",
                violation_error_message="Say what the photograph shows, and that nobody can be recognised on it.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address where the partner changes it."""
        return reverse("grants:report_story", args=[self.report_id, self.pk])

    @property
    def grant(self) -> Grant:
        """The grant it is about."""
        return self.report.grant

    def consent_blockers(self, today: date) -> list[Blocker]:
        """Return why its consent does not carry it on ``today``."""
        consent, url = self.consent, self.consent.get_absolute_url()
        why = {
            "withdrawn": "The consent was withdrawn.",
            "lapsed": "The consent has ended.",
            "planned": "The consent begins later.",
        }.get(consent.state_on(today))
        reasons = [why] if why else []
        if self.photo_id is None and not consent.covers_words:
            reasons.append("The consent is for a photograph only.")
        if self.photo_id is not None and not consent.covers_photo:
            reasons.append("The consent is not for a photograph.")
        return [Blocker(f"“{self.title}”: {reason}", url=url) for reason in reasons]

    def show_blockers(self, today: date) -> list[Blocker]:
        """Return why it cannot be shown to the public on ``today``."""
        reasons = self.consent_blockers(today)
        if self.photo is not None and (self.photo.checked_at is None or self.photo.state != Document.State.ACCEPTED):
            reasons.append(Blocker(f"“{self.title}”: The photograph has not passed its checks."))
        elif self.photo is not None and self.photo.media_type not in PICTURES:
            reasons.append(Blocker(f"“{self.title}”: What is attached as the photograph is no picture."))
        return reasons


class Showing(models.Model):
    """A story stood on a public page, from when until when, and why it went: kept, whatever happens to the page."""

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="showings")
    page = models.CharField(max_length=200)
    since_at = models.DateTimeField()
    since_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    until_at = models.DateTimeField(null=True, blank=True)
    until_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    until_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["story", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["story", "page"], condition=Q(until_at__isnull=True), name="showing_stands_once"
            ),
            pair("until_at", "until_by", "showing_until_pair"),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | ~Q(until_reason=""), name="showing_ended_says_why"
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at")), name="showing_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.page
