"""Who may read a submission, and on which side somebody acted for it; written by the acts of upper rooms."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from vetting_portal.constraints import ends_after_start, known
from vetting_portal.models import RoleAssignment


class AccessQuerySet(models.QuerySet["Access"]):
    """Accesses by time."""

    def current(self) -> "AccessQuerySet":
        """Cut to the accesses that hold now, of people who hold the role that they were given for."""
        held = RoleAssignment.objects.current().filter(user=OuterRef("user"), role=OuterRef("as_role"))
        return self.filter(Exists(held), until_at__isnull=True, user__is_active=True)


class Access(models.Model):
    """The right to read one submission, given by an act of an upper room until it is taken back."""

    submission = models.ForeignKey("partners.Submission", on_delete=models.PROTECT, related_name="accesses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="accesses")
    as_role = models.CharField(max_length=24)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    objects = AccessQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "since_at"]
        verbose_name_plural = "accesses"
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "user", "as_role"], condition=Q(until_at__isnull=True), name="access_held_once"
            ),
            ends_after_start("access_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["user", "submission"], name="access_of_user", condition=Q(until_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.user} reads {self.submission_id}"


class Duty(models.Model):
    """The side on which somebody acted for a submission: who assessed it never signs its grant, nor the reverse."""

    class Side(models.TextChoices):
        """The two sides that are kept apart."""

        ASSESS = "assess", "Assessed"
        SIGN = "sign", "Signed"

    submission = models.ForeignKey("partners.Submission", on_delete=models.PROTECT, related_name="duties")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="duties")
    side = models.CharField(max_length=8, choices=Side)
    since_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["submission", "since_at"]
        verbose_name_plural = "duties"
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "user"],
                name="duty_one_side",
                violation_error_message="This person has a part in this submission already. Another must do this.",
            ),
            known("side", ["assess", "sign"], "duty_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_side_display().lower()} {self.submission_id}"


class VersionReading(models.Model):
    """Somebody of the funder, staff or reviewer, has opened a version; written when they open it first."""

    version = models.ForeignKey("partners.SubmissionVersion", on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["version", "read_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="version_read_once")]

    def __str__(self) -> str:
        return f"{self.user} read {self.version_id}"
