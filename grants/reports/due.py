"""Which reports a partner is to be reminded of now: 30 and 7 days before, on the day, and once it is late."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from grants.reports.models import Report
from grants.reports.models.parts import OVERDUE

MARKS = (0, 7, 30)


@dataclass(frozen=True)
class Due:
    """A report, the nearest mark that it has passed, and the days left until it is due (below zero when late)."""

    report: Report
    mark: int
    days_left: int

    @property
    def days_late(self) -> int:
        """How many days have passed since it was due."""
        return max(0, -self.days_left)


def nearest_mark(days_left: int) -> int | None:
    """Return the nearest mark that has been reached, -1 for a late report, None before the first."""
    return OVERDUE if days_left < 0 else next((mark for mark in MARKS if days_left <= mark), None)


def reached_marks(today: date) -> Q:
    """Return a condition on reports that holds for all that have reached a mark."""
    return Q(due_on__lte=today + timedelta(days=max(MARKS)))
