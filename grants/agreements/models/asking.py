"""Who is asked to sign: the reminders that were sent, and directors who are away."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from grants.agreements.models.agreement import Agreement
from vetting_portal.constraints import pair
from vetting_portal.models import User


class SigningReminder(models.Model):
    """Somebody was reminded of a document that waits for their signature, once for each fixed day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="reminders")
    mark = models.PositiveSmallIntegerField()
    reminded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agreement", "mark"], name="reminded_once_a_mark")]

    def __str__(self) -> str:
        return f"{self.user}, {self.agreement}, day {self.mark}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences by time."""

    def standing(self) -> "AbsenceQuerySet":
        """Cut to those that were not taken back and are not over."""
        return self.filter(ended_at__isnull=True, until_on__gte=timezone.localdate()).order_by("from_on", "pk")

    def on(self, day: date) -> "AbsenceQuerySet":
        """Cut to those of a day."""
        return self.filter(ended_at__isnull=True, from_on__lte=day, until_on__gte=day)


class Absence(models.Model):
    """A director is away, and another director is asked in their place, who signs in the own name and by the own right.

    Both days count. Nobody acts for the absent one, and the absent one loses nothing.
    """

    director = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    stand_in = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in")
    from_on = models.DateField()
    until_on = models.DateField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(director=F("stand_in")), name="absence_another_stands_in"),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="absence_in_order",
                violation_error_message="The last day is not before the first.",
            ),
            pair("ended_at", "ended_by", "absence_ended_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.director} until {self.until_on:%-d %B %Y}"
