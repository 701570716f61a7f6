"""Licences: what lets the funder work in a place under comprehensive sanctions, for whom and until when."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.organisations.models import READERS_OF_ALL, Organisation
from partners.places.models import Embargo
from partners.submissions.models.submission import Submission
from vetting_portal.constraints import ends_after_start, known, pair
from vetting_portal.models import StoredFile, User


class LicenceQuerySet(models.QuerySet["Licence"]):
    """Licences by what they are good for."""

    def visible_to(self, user: User) -> "LicenceQuerySet":
        """Cut to what ``user`` may read: staff who read everything."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()

    def good_on(self, day: date) -> "LicenceQuerySet":
        """Cut to those that hold on a day and were not withdrawn; the first and the last day count."""
        unended = Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=day)
        return self.filter(unended, granted_on__lte=day, withdrawn_at__isnull=True)

    def for_submission(self, submission: Submission) -> "LicenceQuerySet":
        """Cut to those of the whole organisation, and of this submission."""
        return self.filter(Q(submission__isnull=True) | Q(submission=submission.pk))

    def for_any_submission(self) -> "LicenceQuerySet":
        """Cut to those of the whole organisation: a new submission has no licence of its own yet."""
        return self.filter(submission__isnull=True)

    def for_page(self) -> "LicenceQuerySet":
        """Load what the organisation's page shows."""
        return self.select_related("embargo", "submission", "recorded_by", "withdrawn_by")


class Licence(models.Model):
    """A general or specific licence for one closed place, for all of an organisation or for one submission."""

    class Kind(models.TextChoices):
        """A general licence is published for everybody; a specific one was given on request."""

        GENERAL = "general", "General licence"
        SPECIFIC = "specific", "Specific licence"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="licences")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="licences", null=True, blank=True)
    embargo = models.ForeignKey(Embargo, on_delete=models.PROTECT, related_name="licences")
    kind = models.CharField(max_length=12, choices=Kind)
    number = models.CharField(max_length=80)
    authority = models.CharField(max_length=120)
    scope = models.TextField()
    granted_on = models.DateField()
    valid_until_on = models.DateField(null=True, blank=True)
    paper = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    paper_name = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    withdrawal_reason = models.TextField(blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        ordering = ["-granted_on", "-pk"]
        constraints = [
            known("kind", ["general", "specific"], "licence_kind_known"),
            ends_after_start("licence_ends_after_start", "granted_on", "valid_until_on"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(scope=""), name="licence_says_what"),
            pair("withdrawn_at", "withdrawn_by", "licence_withdrawn_pair"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawal_reason=""), name="licence_withdrawal_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.number}"

    def opens(self, embargo: Embargo) -> bool:
        """Whether it is about this closed place, or an earlier row of the same place."""
        own = self.embargo
        return (own.country, own.region) == (embargo.country, embargo.region)

    def is_good(self, on: date) -> bool:
        """Whether it holds on a day."""
        ended = self.valid_until_on is not None and self.valid_until_on < on
        return self.withdrawn_at is None and self.granted_on <= on and not ended
