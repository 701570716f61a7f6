"""Reads gifts from a CSV file as it comes: tolerant of BOM, delimiters and line ends, strict about every value."""

import csv
import hashlib
import io
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

HEAD, PIECE = 4096, 256 * 1024
LONGEST_LINE = 100_000
DELIMITERS = ",;\t"
FORMULA = ("=", "+", "-", "@")
FIRST_LONE, LAST_LONE = "\udc80", "\udcff"
NO_TEXT = "This is not UTF-8. Save the sheet as CSV (UTF-8) and send that."
SWAPPED = str.maketrans(",.", ".,")
NOON = time(12)


class NoGiftsFile(ValidationError):
    """The file as a whole cannot be read as gifts."""


class _Lines:
    """The lines of a text as a CSV reader takes them: none is kept, none is longer than allowed; the last is known."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self.last = text, ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE:
            message = f"it is longer than {LONGEST_LINE} characters"
            raise csv.Error(message)
        self.last = line
        return line

    @property
    def ends_openly(self) -> bool:
        """Whether the line that was read last has no line end: the file stops in it."""
        return bool(self.last) and not self.last.endswith(("\n", "\r"))


def fingerprint(file: IO[bytes]) -> str:
    """Return the SHA-256 of a whole file, read in pieces; it stands at its start again afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def read_headings(file: IO[bytes]) -> list[str]:
    """Return the headings of the first line. Raises NoGiftsFile where the file is no text or is empty."""
    text, delimiter = _open(file)
    try:
        return _headings(csv.reader(_Lines(text), delimiter=delimiter, strict=True))
    finally:
        text.detach()


def read_gifts(file: IO[bytes], currency: str, mapping: ColumnMapping = OWN) -> Iterator[GiftRow | RowError]:
    """Yield each row as a gift, or as why it is none; the file is read as it goes and is not closed.

    Raises NoGiftsFile where there is no header with the right columns, or the file is no text.
    """
    text, delimiter = _open(file)
    try:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        headings = _headings(reader)
        yield from _rows(reader, lines, _Row(headings, currency, mapping))
    finally:
        text.detach()


def _open(file: IO[bytes]) -> tuple[io.TextIOWrapper, str]:
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if b"\0" in head:
        message = "This is no CSV file. Save the sheet as CSV (UTF-8) and send that."
        raise NoGiftsFile(message)
    first = head.split(b"\n", 1)[0]
    # What is no UTF-8 becomes lone surrogates, so that the row with it can be named and the others be read.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    return text, max(DELIMITERS, key=lambda delimiter: first.count(delimiter.encode()))


def _headings(reader: Any) -> list[str]:
    try:
        names = [cell.strip() for cell in next(reader)]
    except StopIteration:
        message = "The file is empty."
        raise NoGiftsFile(message) from None
    except csv.Error as error:
        message = f"The first line cannot be read as CSV: {error}."
        raise NoGiftsFile(message) from None
    if not _is_text(names):
        raise NoGiftsFile(NO_TEXT)
    return names


def _rows(reader: Any, lines: _Lines, row: "_Row") -> Iterator[GiftRow | RowError]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # After this nothing in the file can be trusted to be a row.
            yield RowError(line, f"The line cannot be read as CSV: {error}.")
            return
        if not any(cell.strip() for cell in cells):
            continue
        if lines.ends_openly and not cells[-1].strip():
            yield RowError(line, "The file stops in the middle of this line. Export it again.")
        else:
            yield row.read(line, cells)


def _is_text(cells: list[str]) -> bool:
    return not any(FIRST_LONE <= character <= LAST_LONE for cell in cells for character in cell)


class _Row:
    """Reads rows of one file: where each column stands, and how amounts and times are written."""

    def __init__(self, headings: list[str], currency: str, mapping: ColumnMapping) -> None:
        self.mapping, self.currency, self.width = mapping, currency, len(headings)
        self.places = self._places([heading.casefold() for heading in headings])
        self.zone = ZoneInfo(mapping.time_zone) if mapping.time_zone else None

    def _places(self, headings: list[str]) -> dict[str, int]:
        """Return where each column stands. Raises NoGiftsFile when one is missing or named twice."""
        wanted = {name: heading for name, heading in self.mapping.columns.items() if heading}
        if missing := self.mapping.missing(headings):
            needs = ", ".join(wanted.values())
            message = f"The first line has no column {', '.join(missing)}. It needs: {needs}."
            raise NoGiftsFile(message)
        if twice := [heading for heading in wanted.values() if headings.count(heading.casefold()) > 1]:
            message = f"The first line names the column {', '.join(twice)} more than once."
            raise NoGiftsFile(message)
        return {name: headings.index(heading.casefold()) for name, heading in wanted.items()}

    def read(self, line: int, cells: list[str]) -> GiftRow | RowError:
        """Return the gift of one line, or everything that is wrong with it."""
        if not _is_text(cells):
            return RowError(line, NO_TEXT)
        if len(cells) != self.width:
            return RowError(line, f"The line has {len(cells)} cells, the first line {self.width}.")
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
