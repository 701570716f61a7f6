"""Reads a bank statement from a CSV file: tolerant of BOM, semicolons and CRLF, strict about every value."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from grants.campaigns.rows import RowError
from vetting_portal.money import MINUS, minor_digits, parse_amount

COLUMNS = ("date", "amount", "currency", "reference", "text")
LONGEST = {"reference": 200, "text": 500}
MOST_LINES = 20_000
NO_CSV = "This is no CSV file. Save the sheet as CSV (UTF-8) and send that."
NO_TEXT = "This is not UTF-8. Save the sheet as CSV (UTF-8) and send that."
GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
COMMA = re.compile(r"[0-9]{1,3}(?:\.?[0-9]{3})*,[0-9]+")


class NoStatement(ValidationError):
    """The file as a whole cannot be read as a bank statement."""


@dataclass(frozen=True, slots=True)
class BankRow:
    """One line of a statement; ``amount_minor`` is below zero for what left the account."""

    line: int
    booked_on: date
    amount_minor: int
    currency: str
    reference: str
    text: str


def read_statement(content: bytes) -> tuple[list[BankRow], list[RowError]]:
    """Return the lines of a statement, and every line that cannot be read with why.

    Raises NoStatement where there is no header with the right columns, no line, too many, or the file is no text.
    """
    if b"\0" in content:
        raise NoStatement(NO_CSV)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoStatement(NO_TEXT) from None
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    places = _header(reader)
    rows: list[BankRow] = []
    errors: list[RowError] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            errors.append(RowError(line, f"The line cannot be read as CSV: {error}."))
            break
        if any(cell.strip() for cell in cells):
            row = _row(line, cells, places)
            (errors if isinstance(row, RowError) else rows).append(row)  # type: ignore[arg-type]
    if len(rows) > MOST_LINES:
        raise NoStatement(f"The file has more than {MOST_LINES:,} lines. Send it in parts.")
    if not rows and not errors:
        raise NoStatement("The file has no line below its first.")
    return rows, errors


def _header(reader: Any) -> dict[str, int]:
    try:
        names = [cell.strip().casefold() for cell in next(reader, [])]
    except csv.Error as error:
        raise NoStatement(f"The first line cannot be read as CSV: {error}.") from None
    if not names:
        raise NoStatement("The file is empty.")
    if missing := [column for column in COLUMNS if column not in names]:
        message = f"The first line has no column {', '.join(missing)}. It needs: {', '.join(COLUMNS)}."
        raise NoStatement(message)
    if twice := [column for column in COLUMNS if names.count(column) > 1]:
        raise NoStatement(f"The first line names the column {', '.join(twice)} more than once.")
    return {"": len(names), **{column: names.index(column) for column in COLUMNS}}


def _row(line: int, cells: list[str], places: dict[str, int]) -> BankRow | RowError:
    if len(cells) != places[""]:
        return RowError(line, f"The line has {len(cells)} cells, the first line {places['']}.")
    values = {column: cells[places[column]].strip() for column in COLUMNS}
    reasons = [
        f"{column}: at most {longest} characters."
        for column, longest in LONGEST.items()
        if len(values[column]) > longest
    ]
    currency = values["currency"].upper()
    booked_on, amount = _day(values["date"], reasons), 0
    if re.fullmatch(r"[A-Z]{3}", currency):
        amount = _amount(values["amount"], currency, reasons)
    else:
        reasons.append("currency: Give three letters, for example USD.")
    if reasons or booked_on is None:
        return RowError(line, " ".join(reasons))
    return BankRow(line, booked_on, amount, currency, values["reference"], values["text"])


def _day(text: str, reasons: list[str]) -> date | None:
    if found := GERMAN_DAY.fullmatch(text):
        text = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    try:
        if ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    reasons.append("date: Give a day as 2026-11-25 or 25.11.2026.")
    return None


def _amount(text: str, currency: str, reasons: list[str]) -> int:
    """Return minor units; a minus before or after the figures is money that left. ``1.234,50`` is read as ``1234.50``.

    A comma with three figures behind it stands between thousands, so ``1,234`` is 1234 whatever the file's delimiter.
    """
    bare = text.replace(" ", "").replace("\u00a0", "")
    is_out = bare.startswith(("-", MINUS)) or bare.endswith(("-", MINUS))
    bare = bare.strip(f"-{MINUS}+")
    digits = minor_digits(currency)
    if COMMA.fullmatch(bare) and len(bare.rpartition(",")[2]) == digits != 3:  # noqa: PLR2004 figures of a thousand
        bare = bare.replace(".", "").replace(",", ".")
    try:
        amount = parse_amount(bare, currency)
    except ValidationError as error:
        reasons.append(f"amount: {' '.join(error.messages)}")
        return 0
    if not amount:
        reasons.append("amount: It is zero.")
    return -amount if is_out else amount
