"""A run over every known name, in the background, with how far it is."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.organisations.models import READERS_OF_ALL
from vetting_portal.constraints import known
from vetting_portal.models import User


class RescreeningQuerySet(models.QuerySet["Rescreening"]):
    """Runs over everybody by who may look and what is under way."""

    def running(self) -> "RescreeningQuerySet":
        """Cut to the one that is under way, if any."""
        return self.filter(outcome=Rescreening.Outcome.RUNNING)

    def visible_to(self, user: User) -> "RescreeningQuerySet":
        """Cut to what ``user`` may read: staff who read everything."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()


class Rescreening(models.Model):
    """Every known name screened again in the background: how far it is and what failed. Never two at once.

    ``cursor`` is the key of the last organisation that is done; ``failures`` are ``{organisation, name, reason}``.
    """

    class Cause(models.TextChoices):
        """What started it."""

        IMPORT = "import", "a list was imported"
        ASKED = "asked", "asked for"

    class Outcome(models.TextChoices):
        """How it stands."""

        RUNNING = "running", "Under way"
        DONE = "done", "Finished"
        REPLACED = "replaced", "Begun again with a newer list"
        STOPPED = "stopped", "Stopped: the lists are out of date"

    cause = models.CharField(max_length=8, choices=Cause)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.RUNNING)
    lists = models.JSONField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    name_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    failures = models.JSONField(default=list, blank=True)
    cursor = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    last_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RescreeningQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            known("cause", ["import", "asked"], "rescreening_cause_known"),
            known("outcome", ["running", "done", "replaced", "stopped"], "rescreening_outcome_known"),
            models.UniqueConstraint(fields=["outcome"], condition=Q(outcome="running"), name="rescreening_one_at_once"),
            models.CheckConstraint(
                condition=Q(outcome="running", finished_at__isnull=True)
                | (~Q(outcome="running") & Q(finished_at__isnull=False)),
                name="rescreening_ends_with_outcome",
            ),
            models.CheckConstraint(condition=Q(total__gte=1), name="rescreening_has_organisations"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.done} of {self.total}"

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self.outcome == self.Outcome.RUNNING
