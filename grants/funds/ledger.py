"""A fund's ledger as its page shows it: transactions of one kind that follow each other on a day stand as one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from grants.funds.models import LedgerTransaction
from vetting_portal.clock import shown


@dataclass(frozen=True)
class Run:
    """Transactions of one kind, for one grant, by one person on one day, that stand next to each other.

    The figures are the sums over them, in minor units; ``gifts`` are those that they moved, each once.
    """

    first: LedgerTransaction
    count: int
    free_minor: int
    reserved_minor: int
    matched_minor: int
    gifts: tuple[Any, ...]


def _alike(entry: LedgerTransaction) -> tuple[str, str, str, int, date]:
    return entry.kind, entry.reference, entry.note, entry.by_id, shown(entry.at).date()


def runs(entries: Iterable[LedgerTransaction]) -> Iterator[Run]:
    """Yield a page of the ledger, as ``for_page`` loads it, in runs of what is alike; their order stays."""
    for _, alike in groupby(entries, key=_alike):
        same: list[Any] = list(alike)
        gifts = {moved.gift_id: moved.gift for entry in same for moved in entry.gift_entries.all()}
        yield Run(
            first=same[0],
            count=len(same),
            free_minor=sum(entry.free_minor for entry in same),
            reserved_minor=sum(entry.reserved_minor for entry in same),
            matched_minor=sum(entry.matched_minor for entry in same),
            gifts=tuple(gifts.values()),
        )
