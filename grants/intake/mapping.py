"""Which column of a file is what, and how its amounts and times are written: remembered for each source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

REQUIRED = ("key", "received_at", "gross")
COLUMNS = ("key", "received_at", "donor", "donor_email", "currency", "gross", "fee")
ORIGINAL = ("original_currency", "original_amount", "rate")
TEXTS = ("key", "donor", "donor_email", "currency", "original_currency")

POINT, COMMA, MINOR = "point", "comma", "minor"
AMOUNTS = {POINT: "1,234.50", COMMA: "1.234,50", MINOR: "123450 (the smallest unit)"}
ISO, DAY_FIRST, MONTH_FIRST = "iso", "dmy", "mdy"
TIMES = {ISO: "2026-11-23 09:12", DAY_FIRST: "23/11/2026 09:12", MONTH_FIRST: "11/23/2026 09:12"}


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """Our names of columns with their headings in the file. ``time_zone`` empty: every time has its offset.

    ``is_exact`` asks for all decimals, as the portal's own form of a file does.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: {name: name for name in COLUMNS})
    amounts: str = POINT
    times: str = ISO
    time_zone: str = ""
    minus_fees: bool = False
    is_exact: bool = True

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "ColumnMapping":
        """Return the mapping that was kept as JSON."""
        return cls(**kept)

    def kept(self) -> dict[str, Any]:
        """Return the mapping as the JSON that is kept."""
        return {
            "columns": dict(self.columns),
            "amounts": self.amounts,
            "times": self.times,
            "time_zone": self.time_zone,
            "minus_fees": self.minus_fees,
            "is_exact": self.is_exact,
        }

    @property
    def named(self) -> dict[str, str]:
        """Return the columns that have a heading."""
        return {name: heading for name, heading in self.columns.items() if heading}

    def missing(self, headings: Sequence[str]) -> list[str]:
        """Return the headings that it names and a file does not have; capitals do not matter."""
        there = {heading.casefold() for heading in headings}
        return [heading for heading in self.named.values() if heading.casefold() not in there]

    def problems(self) -> dict[str, str]:
        """Return what does not make sense, by our name of the part."""
        found = {name: "Say which column this is." for name in REQUIRED if not self.columns.get(name)}
        given = [name for name in ORIGINAL if self.columns.get(name)]
        if 0 < len(given) < len(ORIGINAL):
            missing = next(name for name in ORIGINAL if name not in given)
            found[missing] = "Another currency needs all three: the currency, the amount in it and the rate."
        if self.time_zone and self.time_zone not in available_timezones():
            found["time_zone"] = "Give a time zone by its name, for example America/Los_Angeles."
        if self.times != ISO and not self.time_zone:
            found["time_zone"] = "Such times have no offset: say in which time zone they are."
        return found


OWN = ColumnMapping()
