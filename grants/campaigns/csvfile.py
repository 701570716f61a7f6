"""Reads gifts from a CSV file: streaming, tolerant of BOM, semicolons and CRLF, strict about every value."""

import csv
import io
from collections.abc import Iterator
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from grants.campaigns.rows import GiftRow, RowError
from grants.matching.events import EventRefused, read_time
from vetting_portal.money import parse_amount

COLUMNS = ("key", "received_at", "donor", "donor_email", "currency", "gross", "fee")
HEAD = 4096
FIRST_LONE, LAST_LONE = "\udc80", "\udcff"
NO_TEXT = "This is not UTF-8. Save the sheet as CSV (UTF-8) and send that."


class NoGiftsFile(ValidationError):
    """The file as a whole cannot be read as gifts."""


def read_gifts(file: IO[bytes], currency: str) -> Iterator[GiftRow | RowError]:
    """Yield each row as a gift, or as why it is none; the file is read as it goes and is not closed.

    Raises NoGiftsFile where there is no header with the right columns, or the file is no text.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if b"\0" in head:
        message = "This is no CSV file. Save the sheet as CSV (UTF-8) and send that."
        raise NoGiftsFile(message)
    first = head.split(b"\n", 1)[0]
    # What is no UTF-8 becomes lone surrogates, so that the row with it can be named and the others be read.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        reader = csv.reader(text, delimiter=";" if first.count(b";") > first.count(b",") else ",", strict=True)
        yield from _rows(reader, currency)
    finally:
        text.detach()


def _rows(reader: Any, currency: str) -> Iterator[GiftRow | RowError]:
    places = _header(reader)
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
        if any(cell.strip() for cell in cells):
            yield _row(line, cells, places, currency)


def _is_text(cells: list[str]) -> bool:
    return not any(FIRST_LONE <= character <= LAST_LONE for cell in cells for character in cell)


def _header(reader: Any) -> dict[str, int]:
    """Return where each column stands. Raises NoGiftsFile when one is missing or named twice."""
    try:
        names = [cell.strip().casefold() for cell in next(reader)]
    except StopIteration:
        message = "The file is empty."
        raise NoGiftsFile(message) from None
    except csv.Error as error:
        message = f"The first line cannot be read as CSV: {error}."
        raise NoGiftsFile(message) from None
    if not _is_text(names):
        raise NoGiftsFile(NO_TEXT)
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        message = f"The first line has no column {', '.join(missing)}. It needs: {', '.join(COLUMNS)}."
        raise NoGiftsFile(message)
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if twice:
        message = f"The first line names the column {', '.join(twice)} more than once."
        raise NoGiftsFile(message)
    return {"": len(names), **{column: names.index(column) for column in COLUMNS}}


def _row(line: int, cells: list[str], places: dict[str, int], currency: str) -> GiftRow | RowError:
    if not _is_text(cells):
        return RowError(line, NO_TEXT)
    if len(cells) != places[""]:
        return RowError(line, f"The line has {len(cells)} cells, the first line {places['']}.")
    values = {column: cells[places[column]].strip() for column in COLUMNS}
    reasons: list[str] = []
    row = GiftRow(
        key=values["key"],
        gross_minor=_amount(values["gross"], currency, "gross", reasons),
        fee_minor=_amount(values["fee"], currency, "fee", reasons) if values["fee"] else 0,
        currency=values["currency"],
        received_at=_time(values["received_at"], reasons),
        donor_name=values["donor"],
        donor_email=_address(values["donor_email"], reasons),
        line=line,
    )
    # A gross that could not be read is said once, not again as "more than zero".
    said = any(reason.startswith("gross:") for reason in reasons)
    reasons += [fault for fault in row.faults(currency) if not (said and fault == "A gift is more than zero.")]
    return RowError(line, " ".join(reasons)) if reasons else row


def _amount(text: str, currency: str, name: str, reasons: list[str]) -> int:
    try:
        return parse_amount(text, currency, exact=True)
    except ValidationError as error:
        reasons.append(f"{name}: {' '.join(error.messages)}")
        return 0


def _time(text: str, reasons: list[str]) -> Any:
    try:
        return read_time(text)
    except EventRefused as error:
        reasons.append(f"received_at: {error}")
        return None


def _address(text: str, reasons: list[str]) -> str:
    try:
        if text:
            validate_email(text)
    except ValidationError:
        reasons.append(f"donor_email: '{text}' is no e-mail address.")
    return text
