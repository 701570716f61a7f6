"""What arrived against what was paid: sums that add up in currencies with 0, 2 and 3 decimals."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.arrivals.figures import Comparison, rate_between, received_so_far
from vetting_portal.money import at_rate

DAY = date(2026, 11, 25)


def compared(paid=100_000, local="USD", amount=98_500, charges=1_500, days=2, currency="USD"):
    return Comparison(currency, paid, DAY, local, amount, charges, DAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("local", "amount", "charges", "rate", "received", "taken"),
    [
        ("USD", 98_500, 1_500, "1", 98_500, 1_500),
        ("THB", 3_500_000, 10_000, "35.1", 99_715, 285),
        ("JPY", 149_000, 1_000, "150", 99_333, 667),
        ("KWD", 305_000, 2_000, "0.307", 99_349, 651),
    ],
)
def test_a_payment_in_each_kind_of_currency(local, amount, charges, rate, received, taken):
    one = compared(local=local, amount=amount, charges=charges)
    assert (one.rate, one.received_minor, one.taken_minor) == (rate, received, taken)


@given(
    paid=st.integers(1, 10**12), amount=st.integers(1, 10**12), charges=st.integers(0, 10**9),
    local=st.sampled_from(["THB", "JPY", "KWD", "ETB"]),
)  # fmt: skip
def test_in_another_currency_received_and_charges_come_to_what_was_paid(paid, amount, charges, local):
    one = compared(paid=paid, local=local, amount=amount, charges=charges)
    assert one.received_minor + one.taken_minor == paid
    assert 0 <= one.received_minor <= paid
    assert one.missing_minor == 0


@given(paid=st.integers(1, 10**12), amount=st.integers(1, 10**12), charges=st.integers(0, 10**9))
def test_in_the_same_currency_what_is_missing_is_told(paid, amount, charges):
    one = compared(paid=paid, amount=amount, charges=charges)
    assert one.received_minor + one.taken_minor + one.missing_minor == paid
    assert bool(one.missing_minor) == any("arrived than was paid" in text for text in one.differences)


@pytest.mark.parametrize(("days", "told"), [(-1, []), (0, []), (7, []), (8, ["It took 8 days."])])
def test_a_slow_payment_is_a_difference(days, told):
    assert compared(days=days).differences == told


def test_more_than_was_paid_is_a_difference():
    assert compared(amount=99_000, charges=1_500).differences == [
        "USD 5.00 more arrived than was paid, bank charges included."
    ]


def test_a_report_begins_with_the_sums_of_all_confirmed_payments():
    rows = [compared(local="THB", amount=3_500_000, charges=10_000), compared(50_000, "THB", 1_790_000, 0)]
    told = received_so_far(rows)
    assert told is not None
    assert (told.received_minor, told.charges_minor, told.local, told.payments) == (149_715, 285, "THB", 2)
    assert told.rate == rate_between(150_000, "USD", 5_300_000, "THB") == "35.333333"
    assert at_rate(5_300_000, "THB", told.rate, "USD") == 150_000


def test_several_currencies_have_no_one_rate():
    told = received_so_far([compared(), compared(local="THB", amount=3_500_000, charges=0)])
    assert told is not None
    assert (told.local, told.rate) == ("", "")


def test_nothing_confirmed_is_nothing():
    assert received_so_far([]) is None
