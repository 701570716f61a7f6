"""The days whose recurring work was started."""

from django.db import models


class DailyRound(models.Model):
    """The work of one day, enqueued once however many workers start it."""

    day_on = models.DateField(unique=True)
    enqueued_at = models.DateTimeField()

    class Meta:
        ordering = ["-day_on"]

    def __str__(self) -> str:
        return f"Round of {self.day_on:%-d %B %Y}"
