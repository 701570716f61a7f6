"""The form fields that every app shares: dates and amounts, as people type them."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError

from vetting_portal.fields import AmountField, DayField


class Asked(forms.Form):
    """One of each."""

    paid_on = DayField(label="Paid on")
    amount = AmountField(currency="USD", required=False)


def test_the_browser_offers_its_date_control_and_gets_the_day_back_as_it_reads_it():
    page = str(Asked(initial={"paid_on": date(2026, 3, 7)}))

    assert 'type="date"' in page
    assert 'value="2026-03-07"' in page
    assert 'inputmode="decimal"' in page


@pytest.mark.parametrize("typed", ["7.3.2026", "2026-02-30", "soon", "๒๕๖๙-03-07x"])
def test_what_is_no_date_is_refused_with_an_example_and_stays_in_the_field(typed):
    form = Asked({"paid_on": typed, "amount": ""})

    assert form.errors == {"paid_on": ["Enter a date, for example 2026-03-27."]}
    assert f'value="{typed}"' in str(form)


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [("USD", "15,000.50", 1_500_050), ("JPY", "15000", 15_000), ("KWD", "1.005", 1_005), ("USD", " 7 ", 700)],
)
def test_an_amount_becomes_minor_units_of_its_currency(currency, typed, minor):
    assert AmountField(currency=currency).clean(typed) == minor


def test_an_amount_that_may_be_empty_is_none_and_one_that_may_not_is_asked_for():
    assert AmountField(currency="USD", required=False).clean("") is None
    with pytest.raises(ValidationError):
        AmountField(currency="USD").clean(" ")


@pytest.mark.parametrize("typed", ["-1", "1.999", "a lot", "1" * 25])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValidationError):
        AmountField(currency="USD").clean(typed)
