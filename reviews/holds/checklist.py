"""Counsel's checklist of one hold: what is to be done, by when, and what was done.

31 CFR 501.603 (property that is blocked: an initial report within 10 business days, and by 30 September of each year a
report of what was blocked on 30 June), 501.604 (transactions that are rejected: within 10 business days) and 501.601
(records: ten years since 12 March 2025). It is data for counsel, not advice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from partners.organisations.models import Hold
from reviews.holds.days import after_business_days
from reviews.holds.models import CounselStep

REPORT_WITHIN = 10  # business days
RECORD_YEARS = 10

Kind, Outcome = CounselStep.Kind, CounselStep.Outcome
WORDS = {
    Kind.DECISION: (
        "Is the property blocked, or is the transaction rejected?",
        "Counsel decides. Until then nothing moves, in neither direction.",
    ),
    Kind.AMOUNTS: (
        "Which amounts are involved?",
        "Asked for, granted, reserved, received as gifts, paid; and where the money is now.",
    ),
    Kind.REPORT: (
        "Report to OFAC",
        "Within 10 business days: 31 CFR 501.603 for blocked property, 501.604 for a rejected transaction.",
    ),
    Kind.ANNUAL: (
        "Annual report of blocked property",
        "By 30 September, of what was blocked on 30 June (31 CFR 501.603).",
    ),
    Kind.RECORDS: (
        "Keep the records for ten years",
        "31 CFR 501.601: from the transaction, and for blocked property from its unblocking. Say where they are.",
    ),
}


@dataclass(frozen=True)
class Item:
    """One line of the checklist: ``step`` is what was done, ``due_on`` the last day where the law sets one."""

    kind: str
    year: int | None
    title: str
    hint: str
    step: CounselStep | None
    due_on: date | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was done."""
        return self.step is not None

    @property
    def days_late(self) -> int:
        """How many days ago it was due; 0 where it is done, not due, or has no day."""
        if self.is_done or self.due_on is None:
            return 0
        return max((timezone.localdate() - self.due_on).days, 0)

    @property
    def days_left(self) -> int | None:
        """How many days are left; None where it is done or has no day."""
        return None if self.is_done or self.due_on is None else max((self.due_on - timezone.localdate()).days, 0)


def report_due(hold: Hold) -> date:
    """Return the last day of the initial report.

    Counted from the day of the hold, on which the property stopped moving: the earliest day that counsel could name.
    """
    return after_business_days(timezone.localdate(hold.placed_at), REPORT_WITHIN)


def annual_years(hold: Hold, steps: Sequence[CounselStep], today: date) -> list[int]:
    """Return the years whose annual report is to be written: property was blocked on 30 June of each.

    None where counsel decided that nothing is blocked. The next one is shown from 1 July on; before that nobody knows
    whether the property will still be blocked.
    """
    decided = _newest(steps, Kind.DECISION)
    if decided is None or decided.outcome != Outcome.BLOCKED:
        return []
    begins = timezone.localdate(hold.placed_at)
    ends = timezone.localdate(hold.released_at) if hold.released_at else today
    return [year for year in range(begins.year, ends.year + 1) if begins <= date(year, 6, 30) <= ends]


def _newest(steps: Sequence[CounselStep], kind: str, year: int | None = None) -> CounselStep | None:
    found = [step for step in steps if step.kind == kind and step.year == year]
    return max(found, key=lambda step: step.pk, default=None)


def checklist(hold: Hold) -> list[Item]:
    """Return the lines of a hold's checklist in order; reads ``hold.steps``, which a list loads beforehand."""
    steps = list(hold.steps.all())
    decided = _newest(steps, Kind.DECISION)
    items = [_item(steps, Kind.DECISION), _item(steps, Kind.AMOUNTS)]
    if decided is None or decided.outcome != Outcome.NEITHER:
        items.append(_item(steps, Kind.REPORT, due_on=report_due(hold)))
    items += [
        _item(steps, Kind.ANNUAL, year=year, due_on=date(year, 9, 30))
        for year in annual_years(hold, steps, timezone.localdate())
    ]
    return [*items, _item(steps, Kind.RECORDS)]


def _item(
    steps: Sequence[CounselStep], kind: CounselStep.Kind, *, year: int | None = None, due_on: date | None = None
) -> Item:
    title, hint = WORDS[kind]
    return Item(kind, year, f"{title} {year}" if year else title, hint, _newest(steps, kind, year), due_on)


def next_due(items: Sequence[Item]) -> Item | None:
    """Return the open line that is due first, else the first open one, or None where all is done."""
    waiting = [item for item in items if not item.is_done]
    return min(waiting, key=lambda item: item.due_on or date.max, default=None)
