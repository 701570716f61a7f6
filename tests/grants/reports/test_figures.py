"""What a report says against what was agreed: conversion, and the 10% that may move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.reports.figures import Spending, SpentLine, reached_of, spending_of, told_for
from vetting_portal.money import at_rate

BUDGET = [{"line": "Workers", "amount_minor": 100_000}, {"line": "Training", "amount_minor": 50_000}]


def spending(*spent: int | None, rate: str = "1", local: str = "USD", is_last: bool = False) -> Spending:
    rows = [
        {"line": one["line"], "spent_local_minor": minor, "explanation": ""}
        for one, minor in zip(BUDGET, spent, strict=True)
    ]
    return spending_of(BUDGET, rows, currency="USD", local=local, rate=rate, is_last=is_last)


@pytest.mark.parametrize(
    ("minor", "currency", "rate", "into", "comes_to"),
    [
        (35_100, "THB", "35.10", "USD", 1_000),
        (1, "THB", "2", "USD", 1),  # half a cent is a cent
        (1, "THB", "2.00000001", "USD", 0),
        (1_500, "JPY", "150", "USD", 1_000),  # no decimals there, two here
        (307, "KWD", "0.307", "USD", 100),  # three decimals there
        (0, "THB", "35.10", "USD", 0),
    ],
)
def test_a_sum_is_converted_at_its_rate_half_up(minor: int, currency: str, rate: str, into: str, comes_to: int) -> None:
    assert at_rate(minor, currency, rate, into) == comes_to


@given(st.integers(0, 10**15), st.integers(1, 10**9), st.integers(0, 8))
def test_a_converted_sum_lies_half_a_cent_from_the_exact_one(minor: int, digits: int, places: int) -> None:
    text = f"{digits // 10**places}.{digits % 10**places:0{places}d}" if places else str(digits)

    come = at_rate(minor, "THB", text, "USD")

    assert abs(2 * (come * digits - minor * 10**places)) <= digits


@pytest.mark.parametrize(
    ("spent", "is_last", "needs"),
    [
        (110_000, False, False),  # ten percent to the cent may move
        (110_001, False, True),
        (110_001, True, True),
        (89_999, False, False),  # before the last report it is not spent yet
        (89_999, True, True),
        (90_000, True, False),
        (None, True, False),
    ],
)
def test_a_line_that_differs_by_more_than_ten_percent_needs_agreement(
    *, spent: int | None, is_last: bool, needs: bool
) -> None:
    lines = spending(spent, 50_000, is_last=is_last).needs_agreement

    assert [line.line for line in lines] == (["Workers"] if needs else [])


def test_the_sums_are_those_of_the_lines_as_shown() -> None:
    found = spending(1_755, 1_755, rate="35.1", local="THB")

    assert [line.spent_minor for line in found.lines] == [50, 50]
    assert (found.planned_minor, found.spent_minor) == (150_000, 100)


@pytest.mark.parametrize(
    ("planned", "spent", "words"), [(100, 112, "12.0%"), (1_000, 1_125, "12.5%"), (3, 2, "33.3%"), (0, 5, "–")]
)
def test_percent_has_one_decimal(planned: int, spent: int, words: str) -> None:
    assert SpentLine("One", planned, spent, spent, "").percent == words


def test_what_was_told_stays_with_its_line_when_lines_move() -> None:
    rows = [{"line": "A", "n": 1}, {"line": "B", "n": 2}, {"line": "A", "n": 3}]

    assert told_for(["New", "A", "A", "B"], rows, "line") == [{}, rows[0], rows[2], rows[1]]
    assert reached_of([{"text": "People", "target": "80"}], [])[0].reached == ""


def test_nothing_is_converted_before_rate_and_currency_are_told() -> None:
    assert [line.spent_minor for line in spending(5, 5, rate="").lines] == [None, None]
    assert [line.spent_minor for line in spending(5, 5, local="").lines] == [None, None]
