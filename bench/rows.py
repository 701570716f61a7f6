"""One measured row: a value, its floor, and the bound on what lies between them."""

import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """``ok`` says whether ``ratio`` is within ``bound``; without a floor the value itself is bounded.

    ``is_least`` turns the bound round: the more the better.
    """

    name: str
    value: float
    floor: float | None
    ratio: float | None
    unit: str
    bound: float
    ok: bool
    is_least: bool = False


def against_floor(name: str, value: float, floor: float, *, unit: str, bound: float) -> Row:
    """Return a row that compares a time with the floor's, measured in the same run."""
    ratio = value / floor
    return Row(name, round(value, 4), round(floor, 4), round(ratio, 3), unit, bound, ratio <= bound)


def least_against_floor(name: str, value: float, floor: float, *, unit: str, bound: float) -> Row:
    """Return a row that compares how many with the floor's, measured in the same run: at least ``bound`` of it."""
    ratio = value / floor
    return Row(name, round(value, 1), round(floor, 1), round(ratio, 3), unit, bound, ratio >= bound, is_least=True)


def at_most(name: str, value: float, *, unit: str, bound: float) -> Row:
    """Return a row whose value is a count or a size."""
    return Row(name, value, None, None, unit, bound, value <= bound)


def at_least(name: str, value: float, *, unit: str, bound: float) -> Row:
    """Return a row whose value is how many, with the least it may be."""
    return Row(name, round(value, 1), None, None, unit, bound, value >= bound, is_least=True)


def seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes once, garbage collected before and not meanwhile."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    finally:
        gc.enable()


def in_turn(ours: Sequence[Callable[[], object]], floor: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """Return the medians of two series in milliseconds, one of each after the other: both meet the same noise."""
    pairs = [(seconds(mine), seconds(least)) for mine, least in zip(ours, floor, strict=True)]
    return (
        statistics.median(mine for mine, _ in pairs) * 1000,
        statistics.median(least for _, least in pairs) * 1000,
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table for people."""
    head = ("", "value", "floor", "ratio", "bound", "")
    lines = [head]
    for row in rows:
        floor, ratio = ("", "") if row.floor is None else (f"{row.floor:.2f} {row.unit}", f"{row.ratio:.2f} ×")
        side = "≥" if row.is_least else "≤"
        bound = f"{side} {row.bound:g} {'×' if row.floor is not None else row.unit}"
        lines.append((row.name, f"{row.value:.2f} {row.unit}", floor, ratio, bound, "ok" if row.ok else "NOT MET"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in cells).rstrip()
        for cells in (list(enumerate(zip(line, widths, strict=True))) for line in lines)
    )


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
