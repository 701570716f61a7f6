"""Reads a bank statement from the lines of a CSV file, strict about every value."""

import re
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.core.exceptions import ValidationError

from grants.campaigns.rows import RowError
from vetting_portal.money import MINUS, minor_digits, parse_amount
from vetting_portal.sheets import NoSheet, open_sheet

COLUMNS = {name: name for name in ("date", "amount", "currency", "reference", "text")}
LONGEST = {"reference": 200, "text": 500}
MOST_LINES = 20_000
GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
COMMA = re.compile(r"[0-9]{1,3}(?:\.?[0-9]{3})*,[0-9]+")


@dataclass(frozen=True, slots=True)
class BankRow:
    """One line of a statement; ``amount_minor`` is below zero for what left the account."""

    line: int
    booked_on: date
    amount_minor: int
    currency: str
    reference: str
    text: str


def read_statement(file: IO[bytes]) -> tuple[list[BankRow], list[RowError]]:
    """Return the lines of a statement, and every line that cannot be read with why.

    Raises NoSheet where there is no header with the right columns, no line, too many, or the file is no text.
    """
    rows: list[BankRow] = []
    errors: list[RowError] = []
    with open_sheet(file) as sheet:
        places = sheet.places(COLUMNS)
        for line in sheet.lines():
            row = RowError(line.number, line.fault) if line.fault else _row(line.number, line.cells, places)
            (errors if isinstance(row, RowError) else rows).append(row)  # type: ignore[arg-type]
            if len(rows) + len(errors) > MOST_LINES:
                raise NoSheet(f"The file has more than {MOST_LINES:,} lines. Send it in parts.")
    if not rows and not errors:
        raise NoSheet("The file has no line below its first.")
    return rows, errors


def _row(line: int, cells: list[str], places: dict[str, int]) -> BankRow | RowError:
    values = {column: cells[place].strip() for column, place in places.items()}
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
