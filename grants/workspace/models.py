"""Who was written to about work that is late."""

from django.db import models

from vetting_portal.models import User


class WorkReminder(models.Model):
    """Somebody was written to about everything of theirs that is late: on this day, and not again within a week."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    day_on = models.DateField()
    reminded_at = models.DateTimeField()

    class Meta:
        ordering = ["user", "day_on"]
        constraints = [models.UniqueConstraint(fields=["user", "day_on"], name="work_reminded_once_a_day")]

    def __str__(self) -> str:
        return f"{self.user}, {self.day_on:%-d %B %Y}"
