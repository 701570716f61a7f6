"""Reads gifts from the lines of a CSV file as it comes, strict about every value."""

from collections.abc import Iterator
from datetime import datetime, time
from functools import lru_cache
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from grants.campaigns.rows import GiftRow, RowError
from grants.intake.mapping import COMMA, DAY_FIRST, ISO, MINOR, OWN, TEXTS, ColumnMapping
from grants.matching.events import EventRefused, read_time
from vetting_portal.money import parse_amount
from vetting_portal.sheets import open_sheet

FORMULA = ("=", "+", "-", "@")
SWAPPED = str.maketrans(",.", ".,")
NOON = time(12)
CUT = "The file stops in the middle of this line. Export it again."


def read_headings(file: IO[bytes]) -> list[str]:
    """Return the headings of the first line. Raises NoSheet where the file is no text or is empty."""
    with open_sheet(file) as sheet:
        return sheet.headings


def read_gifts(file: IO[bytes], currency: str, mapping: ColumnMapping = OWN) -> Iterator[GiftRow | RowError]:
    """Yield each row as a gift, or as why it is none; the file is read as it goes and is not closed.

    Raises NoSheet where there is no header with the right columns, or the file is no text.
    """
    with open_sheet(file) as sheet:
        row = _Row(sheet.places(mapping.named), currency, mapping)
        for line in sheet.lines():
            if fault := CUT if line.is_open else line.fault:
                yield RowError(line.number, fault)
            else:
                yield row.read(line.number, line.cells)


class _Row:
    """Reads rows of one file: where each column stands, and how amounts and times are written."""

    def __init__(self, places: dict[str, int], currency: str, mapping: ColumnMapping) -> None:
        self.mapping, self.currency, self.places = mapping, currency, places
        self.zone = ZoneInfo(mapping.time_zone) if mapping.time_zone else None

    def read(self, line: int, cells: list[str]) -> GiftRow | RowError:
        """Return the gift of one line, or everything that is wrong with it."""
        values = {name: cells[place].strip() for name, place in self.places.items()}
        reasons = [
            f"{name}: a cell that begins with {values[name][0]} is a formula to a spreadsheet."
            for name in TEXTS
            if values.get(name, "").startswith(FORMULA)
        ]
        if not reasons and any(cell.lstrip().startswith("=") for cell in cells):
            reasons.append("A cell of this line holds a formula. Export values, not formulas.")
        row = self._gift(line, values, reasons)
        # A gross that could not be read is said once, not again as "more than zero".
        said = any(reason.startswith("gross:") for reason in reasons)
        reasons += [fault for fault in row.faults(self.currency) if not (said and fault == "A gift is more than zero.")]
        return RowError(line, " ".join(reasons)) if reasons else row

    def _gift(self, line: int, values: dict[str, str], reasons: list[str]) -> GiftRow:
        original = values.get("original_currency", "").upper()
        is_foreign = bool(original) and original != self.currency
        fee = values.get("fee", "")
        if self.mapping.minus_fees:
            fee = fee.removeprefix("-").removeprefix("\u2212")
        return GiftRow(
            key=values["key"],
            gross_minor=self._amount(values["gross"], self.currency, "gross", reasons),
            fee_minor=self._amount(fee, self.currency, "fee", reasons) if fee else 0,
            currency=values.get("currency", self.currency),
            received_at=self._time(values["received_at"], reasons),
            donor_name=values.get("donor", ""),
            donor_email=_address(values.get("donor_email", ""), reasons),
            original_currency=original if is_foreign else "",
            original_minor=self._amount(values["original_amount"], original, "original_amount", reasons)
            if is_foreign
            else None,
            rate=values.get("rate", "") if is_foreign else "",
            line=line,
        )

    def _amount(self, text: str, currency: str, name: str, reasons: list[str]) -> int:
        try:
            if self.mapping.amounts == MINOR:
                return _whole(text)
            point = text.translate(SWAPPED) if self.mapping.amounts == COMMA else text
            return parse_amount(point, currency, exact=self.mapping.is_exact)
        except ValidationError as error:
            reasons.append(f"{name}: {' '.join(error.messages)}")
            return 0

    def _time(self, text: str, reasons: list[str]) -> Any:
        try:
            return read_time(text) if self.zone is None else self._local(text)
        except EventRefused as error:
            reasons.append(f"received_at: {error}")
            return None

    def _local(self, text: str) -> datetime:
        """Return a time that may have no offset: it is then one of the mapping's zone; a bare day means noon."""
        try:
            at = datetime.fromisoformat(text if self.mapping.times == ISO else _as_iso(text, self.mapping.times))
        except ValueError:
            message = f"'{text}' is not a time as the columns say."
            raise EventRefused(message) from None
        if ":" not in text and at.time() == time():
            at = datetime.combine(at, NOON, tzinfo=at.tzinfo)
        return at if at.tzinfo else at.replace(tzinfo=self.zone)


def _whole(text: str) -> int:
    if text.startswith("-"):
        raise ValidationError("An amount cannot be negative.")
    if not (text.isascii() and text.isdecimal() and len(text) <= len("1234567890123")):
        raise ValidationError("Give a whole number of the smallest unit, for example 2550.")
    return int(text)


def _as_iso(text: str, times: str) -> str:
    """Return 23/11/2026 09:12 (or, month first, 11/23/2026 09:12) as ISO 8601. Raises ValueError for anything else."""
    day, _, clock = text.replace(".", "/").replace("-", "/").partition(" ")
    first, second, year = day.split("/")
    month, date = (second, first) if times == DAY_FIRST else (first, second)
    clock = clock.strip()
    if clock and clock.partition(":")[0].isdecimal():
        hour, _, rest = clock.partition(":")
        clock = f"{hour.rjust(2, '0')}:{rest}"
    return f"{year}-{month.rjust(2, '0')}-{date.rjust(2, '0')}{'T' if clock else ''}{clock}"


@lru_cache(maxsize=1024)
def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _address(text: str, reasons: list[str]) -> str:
    if text and not _is_address(text):
        reasons.append(f"donor_email: '{text}' is no e-mail address.")
    return text
