"""Counsel's checklist under a hold: each step as it was done, by whom, with what it rests on."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.organisations.models import READERS_OF_ALL, Hold
from vetting_portal.constraints import known
from vetting_portal.models import StoredFile, User


class StepQuerySet(models.QuerySet["CounselStep"]):
    """Steps by who may read them."""

    def visible_to(self, user: User) -> "StepQuerySet":
        """Cut to what ``user`` may read: staff who read everything."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()


class CounselStep(models.Model):
    """One step that was done. A row never changes: what is corrected is recorded again, and the newest one counts."""

    class Kind(models.TextChoices):
        """What counsel goes through, in this order."""

        DECISION = "decision", "Block or reject"
        AMOUNTS = "amounts", "Amounts involved"
        REPORT = "report", "Report to OFAC"
        ANNUAL = "annual", "Annual report of blocked property"
        RECORDS = "records", "Records for ten years"

    class Outcome(models.TextChoices):
        """What counsel decided about the property or the transaction."""

        BLOCKED = "blocked", "Blocked"
        REJECTED = "rejected", "Rejected"
        NEITHER = "neither", "Neither"

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    done_on = models.DateField()
    note = models.TextField()
    paper = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    paper_name = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [
            known("kind", ["decision", "amounts", "report", "annual", "records"], "counsel_step_kind_known"),
            known("outcome", ["", "blocked", "rejected", "neither"], "counsel_step_outcome_known"),
            models.CheckConstraint(
                condition=Q(kind="decision") & ~Q(outcome="") | ~Q(kind="decision") & Q(outcome=""),
                name="counsel_step_decides_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="annual", year__isnull=False) | ~Q(kind="annual") & Q(year__isnull=True),
                name="counsel_step_year_of_annual",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="counsel_step_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.done_on}"
