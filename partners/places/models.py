"""Countries and regions under comprehensive sanctions: dated rows that only begin and end, each with its source."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vetting_portal.constraints import pair
from vetting_portal.models import User

EMBARGO_READERS = frozenset({"programme_officer", "director", "finance_officer", "auditor", "administrator"})


class EmbargoQuerySet(models.QuerySet["Embargo"]):
    """Closed places by time."""

    def in_force(self, on: date) -> "EmbargoQuerySet":
        """Cut to what holds on a day; the first and the last day count."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), since_on__lte=on)

    def visible_to(self, user: User) -> "EmbargoQuerySet":
        """Cut to what ``user`` may read: staff who read everything read the list."""
        return self.all() if EMBARGO_READERS & user.role_keys else self.none()


class Embargo(models.Model):
    """A country, or a region of one, that a programme of sanctions closes from a day on, until another or for now.

    Rows that came with the portal have nobody in ``recorded_by``; an ended one stays: a decision of last year is read
    with the law of last year.
    """

    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    region = models.SlugField(max_length=24, blank=True)
    since_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)
    checked_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    end_reason = models.TextField(blank=True)

    objects = EmbargoQuerySet.as_manager()

    class Meta:
        ordering = ["name", "since_on"]
        verbose_name = "closed place"
        constraints = [
            models.UniqueConstraint(fields=["country", "region", "since_on"], name="embargo_begins_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(source=""), name="embargo_says_what"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("since_on")), name="embargo_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=True) | ~Q(reason=""), name="embargo_recorded_says_why"
            ),
            pair("ended_at", "ended_by", "embargo_ended_pair"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | (Q(until_on__isnull=False) & ~Q(end_reason="")),
                name="embargo_ended_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds(self, on: date) -> bool:
        """Whether it holds on a day; the first and the last day count."""
        return self.since_on <= on and (self.until_on is None or on <= self.until_on)

    def closes(self, country: str, region: str) -> bool:
        """Whether it closes a place. A region counts whatever country is named."""
        return self.region == region if self.region else self.country == country
