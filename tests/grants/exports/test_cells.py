"""How values stand in a file: harmless texts, exact amounts, every script; and that no rows are read ahead."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from grants.exports.cells import BATCH, Amount, cell, csv_text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+66 2 123", "-5", "@SUM(A1)", "\tcmd", "\rcmd", "\n=1", "  =HYPERLINK(1)", "\uff1d1", "\u00a0=1"],
)
def test_what_begins_a_formula_becomes_plain_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ann", "ศูนย์ช่วยเหลือ", "3 = 2 + 1", "a@b.org", "'quoted'"])
def test_other_texts_stand_as_they_are(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Amount(2_550, "USD"), "25.50"),
        (Amount(-2_550, "USD"), "-25.50"),
        (Amount(0, "USD"), "0.00"),
        (Amount(700, "JPY"), "700"),
        (Amount(1_234, "KWD"), "1.234"),
        (Amount(None, "USD"), ""),
        (None, ""),
        (12, "12"),
        (date(2026, 3, 9), "2026-03-09"),
        (datetime(2026, 3, 9, 12, tzinfo=UTC), "2026-03-09T12:00:00+00:00"),
    ],
)
def test_values_stand_as_a_machine_reads_them(value: object, text: str) -> None:
    assert cell(value) == text


def test_a_file_is_read_back_with_every_script_and_line_break() -> None:
    names = ["สมชาย ใจดี", "ນາງ", "مؤسسة", 'says "no"', "two\nlines", "a,b;c", "=cmd|' /C calc'!A0"]

    content = "".join(csv_text(["name"], ([name] for name in names)))

    assert content.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    assert rows == [["name"], *[[name] for name in names[:-1]], [f"'{names[-1]}"]]


def test_no_more_is_read_than_is_sent() -> None:
    read = 0

    def endless() -> Iterator[list[int]]:
        nonlocal read
        while True:
            read += 1
            yield [read]

    pieces = csv_text(["number"], endless())

    assert (next(pieces), read) == ("\ufeffnumber\r\n", 0)
    assert (next(pieces).count("\r\n"), read) == (BATCH, BATCH)
