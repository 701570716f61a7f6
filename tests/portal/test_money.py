import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from vetting_portal.money import (
    figures,
    format_amount,
    format_public,
    format_whole,
    is_currency,
    minor_digits,
    parse_amount,
    plain,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("25.50", "USD", 2550),
        ("25", "USD", 2500),
        ("25.5", "USD", 2550),
        ("1,234,567.89", "USD", 123456789),
        (" 10 ", "JPY", 10),
        ("4.250", "KWD", 4250),
        ("0", "USD", 0),
    ],
)
def test_parse_amount_reads_major_units(text, currency, minor):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text", ["-1", "−1", "1.234", "1,23", "1e3", "", "abc", "1.2.3", "٣", "12345678901234", "1 000", "+5", "0x10"]
)
def test_parse_amount_refuses_what_is_no_amount(text):
    with pytest.raises(ValidationError):
        parse_amount(text, "USD")


def test_parse_amount_refuses_decimals_a_currency_does_not_have():
    with pytest.raises(ValidationError, match="0 decimals"):
        parse_amount("10.5", "JPY")


@pytest.mark.parametrize("text", ["25", "25.5", "25."])
def test_parse_amount_asks_for_all_decimals_when_exact(text):
    with pytest.raises(ValidationError):
        parse_amount(text, "USD", exact=True)


@given(minor=st.integers(0, 10**13 - 1), currency=st.sampled_from(["USD", "JPY", "KWD", "THB"]))
def test_an_amount_survives_writing_and_reading(minor, currency):
    assert parse_amount(plain(minor, currency), currency) == minor
    assert parse_amount(figures(minor, currency), currency) == minor


def test_amounts_are_written_for_each_reader():
    assert format_amount(1500000, "USD") == "USD 15,000.00"
    assert format_amount(-900, "USD") == "USD −9.00"
    assert format_public(1500000, "USD") == "$15,000"
    assert format_public(1500050, "USD") == "$15,000.50"
    assert format_public(100, "LAK") == "LAK 100"
    assert [format_whole(minor, "USD") for minor in (854_701, 50, 49, -50, 0)] == ["$8,547", "$1", "$0", "−$1", "$0"]
    assert (format_whole(1500, "JPY"), format_whole(1_500, "KWD")) == ("¥1,500", "KWD 2")
    assert plain(-905, "USD") == "-9.05"
    assert [minor_digits(code) for code in ("USD", "JPY", "KWD")] == [2, 0, 3]


def test_a_currency_is_one_that_is_paid_with_now():
    codes = ("THB", "USD", "LAK", "KHR", "XOF", "XYZ", "DEM", "XAU", "XXX", "thb", "")

    assert [code for code in codes if is_currency(code)] == ["THB", "USD", "LAK", "KHR", "XOF"]
