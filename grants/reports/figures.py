"""What a report says against what was agreed: each indicator, and each line of the budget with how much may move."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vetting_portal.money import at_rate

FLEXIBLE_PERCENT = 10  # of a line may move to another without asking (clause 1.7 of the agreement)
TENTHS = 1_000


@dataclass(frozen=True)
class Reached:
    """An indicator of the terms: what was planned and what was reached, in the partner's words."""

    text: str
    target: str
    reached: str
    note: str


@dataclass(frozen=True)
class SpentLine:
    """A line of the budget: planned and spent to date, in minor units of the grant's currency and of the local one.

    ``spent_minor`` is None before it is told. In the last report of the schedule money that is left over counts too.
    """

    line: str
    planned_minor: int
    spent_local_minor: int | None
    spent_minor: int | None
    explanation: str
    is_last: bool = False

    @property
    def difference_minor(self) -> int:
        """Spent less planned: above zero where more was spent."""
        return (self.spent_minor or 0) - self.planned_minor

    @property
    def needs_agreement(self) -> bool:
        """Whether it differs by more than 10% of the line: more spent at any time, less spent in the last report."""
        if self.spent_minor is None:
            return False
        difference = self.difference_minor if not self.is_last else abs(self.difference_minor)
        return difference * 100 > self.planned_minor * FLEXIBLE_PERCENT

    @property
    def is_over(self) -> bool:
        """Whether more was spent than planned."""
        return self.difference_minor > 0

    @property
    def percent(self) -> str:
        """How far spent lies from planned, in percent with one decimal (half up): ``12.5%``; – for a line of zero."""
        if not self.planned_minor:
            return "–"
        tenths = (2 * abs(self.difference_minor) * TENTHS + self.planned_minor) // (2 * self.planned_minor)
        return f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True)
class Spending:
    """The lines of a report, with their sums; ``spent_minor`` sums the lines that were told."""

    lines: tuple[SpentLine, ...]

    @property
    def planned_minor(self) -> int:
        """The whole budget."""
        return sum(line.planned_minor for line in self.lines)

    @property
    def spent_minor(self) -> int:
        """What was spent, in the grant's currency: the sum of the lines as they are shown."""
        return sum(line.spent_minor or 0 for line in self.lines)

    @property
    def needs_agreement(self) -> list[SpentLine]:
        """The lines that differ by more than may move."""
        return [line for line in self.lines if line.needs_agreement]


def told_for(names: Sequence[str], rows: Sequence[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return for each name the row that was told about it, an empty one where there is none; equal names in order.

    An amendment can add or move lines while a report is written: what was told stays with its line.
    """
    left, found = list(rows), []
    for name in names:
        row = next((row for row in left if row.get(key) == name), None)
        if row is not None:
            left.remove(row)
        found.append(row or {})
    return found


def reached_of(planned: Sequence[dict[str, Any]], told: Sequence[dict[str, Any]]) -> list[Reached]:
    """Return each indicator of the terms with what was told of it."""
    rows = told_for([str(one["text"]) for one in planned], told, "text")
    return [
        Reached(str(one["text"]), str(one["target"]), row.get("reached", ""), row.get("note", ""))
        for one, row in zip(planned, rows, strict=True)
    ]


def spending_of(
    planned: Sequence[dict[str, Any]],
    told: Sequence[dict[str, Any]],
    *,
    currency: str,
    local: str,
    rate: str,
    is_last: bool,
) -> Spending:
    """Return each line of the budget with what was spent: in ``local``, and in ``currency`` at ``rate`` (half up).

    ``rate`` is how much of ``local`` one unit of ``currency`` gave.
    """
    rows = told_for([str(one["line"]) for one in planned], told, "line")
    lines = []
    for one, row in zip(planned, rows, strict=True):
        spent = row.get("spent_local_minor")
        known = spent is not None and local and rate
        lines.append(
            SpentLine(
                line=str(one["line"]),
                planned_minor=int(one["amount_minor"]),
                spent_local_minor=spent,
                spent_minor=at_rate(spent, local, rate, currency) if known and spent is not None else None,
                explanation=row.get("explanation", ""),
                is_last=is_last,
            )
        )
    return Spending(tuple(lines))
