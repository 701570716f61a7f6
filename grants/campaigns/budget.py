"""Schedule B as the money stands: below the goal every line shrinks, above it nothing grows (R11)."""

from collections.abc import Sequence
from typing import Any


def scaled(lines: Sequence[int], *, goal: int, payable: int) -> list[int]:
    """Return what each budget line comes to where less than the goal is payable; sums in minor units.

    The lines shrink in proportion; where a minor unit cannot be divided, the last line gives way first. Nothing grows
    above the goal: what is over goes to the project beside the lines. Lines that do not sum to the goal stay.
    """
    if goal <= 0 or sum(lines) != goal:
        return list(lines)
    payable = min(max(0, payable), goal)
    floors = [line * payable // goal for line in lines]
    over = payable - sum(floors)
    found = []
    for line, floor in zip(lines, floors, strict=True):
        takes_one = over > 0 and line * payable % goal != 0
        found.append(floor + takes_one)
        over -= takes_one
    return found


def budget_of(grant: Any, payable: int) -> list[dict[str, Any]]:
    """Return the lines of Schedule B: ``line``, ``agreed_minor`` and ``scaled_minor`` as payable stands."""
    lines = grant.plan.get("budget", [])
    sums = scaled([line["amount_minor"] for line in lines], goal=grant.goal_minor, payable=payable)
    return [
        {"line": line["line"], "agreed_minor": line["amount_minor"], "scaled_minor": minor}
        for line, minor in zip(lines, sums, strict=True)
    ]
