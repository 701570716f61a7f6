"""What terms would pay: gifts of a pattern and their card fees against goal, cap, ratio and basis, in closed form."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grants.matching.matching import MatchRule

DATA = Path(__file__).parent / "data" / "outlook.json"
WHOLE = 10_000  # a fee's share is in hundredths of a percent


@dataclass(frozen=True, slots=True)
class FeeModel:
    """What a payment service keeps of each gift: a share in hundredths of a percent, and a fixed part."""

    per_10000: int
    fixed_minor: int

    def of(self, gross: int) -> int:
        """Return the fee of one gift in minor units, rounded half up."""
        return (gross * self.per_10000 * 2 + WHOLE) // (WHOLE * 2) + self.fixed_minor


@dataclass(frozen=True, slots=True)
class NamedFee:
    """A fee of the dated table."""

    key: str
    title: str
    model: FeeModel


@dataclass(frozen=True, slots=True)
class Pattern:
    """How gifts come: their sizes in minor units, again and again, each from another donor."""

    key: str
    title: str
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a pattern of gifts comes to, in minor units. ``reached_*``: the gift that uses up the cap; None: none does.

    ``reached_at`` is the sum of all gifts up to that one, it included.
    """

    gifts: int
    gross: int
    fees: int
    matched: int
    unused: int
    top_up: int
    payable: int
    gap: int
    reached_after: int | None
    reached_at: int | None


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return table


def as_of() -> str:
    """Return the day of the table, as ``2026-05-01``."""
    return str(_table()["as_of"])


def source() -> str:
    """Return where the table is from, in a sentence."""
    return str(_table()["source"])


def fees(unit: int) -> list[NamedFee]:
    """Return the fees of the table; ``unit`` is how many minor units a major one has."""
    return [
        NamedFee(row["key"], row["title"], FeeModel(row["per_10000"], row["fixed_hundredths"] * unit // 100))
        for row in _table()["fees"]
    ]


def patterns(currency: str, unit: int) -> list[Pattern]:
    """Return the patterns of gifts in a currency whose major unit has ``unit`` minor ones."""
    scale = _table()["scale"].get(currency, 1) * unit
    return [
        Pattern(row["key"], row["title"], tuple(size * scale for size in row["gifts"])) for row in _table()["patterns"]
    ]


def sizes_up_to(total: int, sizes: Sequence[int]) -> tuple[int, list[int]]:
    """Return how often all ``sizes`` fit into ``total``, and the gifts that make up the rest; the last may be smaller.

    Raises ValueError for a size that is not above zero.
    """
    if not sizes or min(sizes) <= 0:
        message = "A gift is more than zero."
        raise ValueError(message)
    rounds, rest = divmod(max(0, total), sum(sizes))
    last: list[int] = []
    for size in sizes:
        if rest:
            last.append(min(size, rest))
            rest -= last[-1]
    return rounds, last


def outlook(
    rule: MatchRule, *, goal: int, cap: int, gifts: int, sizes: Sequence[int], fee: FeeModel, top_up: int = 0
) -> Outlook:
    """Return what gifts that come to ``gifts`` in all would pay; each is another donor's and inside the window.

    Payable = net gifts + match + top-up, and the top-up is at most the fees (R8). Takes the same time for any sum.
    """
    rounds, last = sizes_up_to(gifts, sizes)

    def sums(row: Sequence[int]) -> tuple[int, int, int]:
        fees = [fee.of(size) for size in row]
        return sum(row), sum(fees), sum(_entitled(rule, size, kept) for size, kept in zip(row, fees, strict=True))

    once, rest = sums(sizes), sums(last)
    gross, kept, entitled = (rounds * one + other for one, other in zip(once, rest, strict=True))
    matched = min(cap, entitled)
    added = min(top_up, kept)
    payable = gross - kept + matched + added
    after, at = _reached(rule, cap, sizes, fee, once) if 0 < cap <= entitled else (None, None)
    return Outlook(
        gifts=rounds * len(sizes) + len(last),
        gross=gross,
        fees=kept,
        matched=matched,
        unused=cap - matched,
        top_up=added,
        payable=payable,
        gap=goal - payable,
        reached_after=after,
        reached_at=None if at is None else min(at, gross),
    )


def _entitled(rule: MatchRule, gross: int, fee: int) -> int:
    entitled = rule.entitled(gross=gross, fee=fee, refunded=0)
    room = rule.donor_room(0)
    return entitled if room is None else min(entitled, room)


def _reached(
    rule: MatchRule, cap: int, sizes: Sequence[int], fee: FeeModel, once: tuple[int, int, int]
) -> tuple[int, int]:
    """Return the number of the gift that uses up the cap, and the sum of the gifts up to it."""
    rounds = max(0, -(-cap // once[2]) - 1) if once[2] else 0
    number, gross, earned = rounds * len(sizes), rounds * once[0], rounds * once[2]
    for size in sizes:
        if earned >= cap:
            break
        number, gross, earned = number + 1, gross + size, earned + _entitled(rule, size, fee.of(size))
    return number, gross
