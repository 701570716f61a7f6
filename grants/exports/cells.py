"""How a value stands in a file for a spreadsheet: amounts in major units, and no text that could run as a formula."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from vetting_portal.csvlines import Echo, plain_text
from vetting_portal.money import plain

BATCH = 500  # lines that are sent together
BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else


class Amount(NamedTuple):
    """Minor units of a currency; None is unknown."""

    minor: int | None
    currency: str


type Value = str | int | date | datetime | Amount | None


def cell(value: Value) -> str:
    """Return a value as its cell: times in UTC with their offset, amounts as ``-25.50``, texts made harmless."""
    if value is None:
        return ""
    if isinstance(value, Amount):
        return "" if value.minor is None else plain(value.minor, value.currency)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, int) else plain_text(value)


def csv_text(head: Iterable[str], rows: Iterable[Iterable[Value]]) -> Iterator[str]:
    """Yield the file piece by piece, its head at once; no more rows are read ahead than one piece holds."""
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK + writer.writerow(list(head))
    lines: list[str] = []
    for row in rows:
        lines.append(writer.writerow([cell(value) for value in row]))
        if len(lines) == BATCH:
            yield "".join(lines)
            lines.clear()
    if lines:
        yield "".join(lines)
