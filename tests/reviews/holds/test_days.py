"""US federal holidays by the law, against the days that the Office of Personnel Management published."""

from datetime import date

import pytest

from reviews.holds.days import after_business_days, federal_holidays, is_business_day

PUBLISHED = {
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_holidays_are_those_that_were_published(year: int) -> None:
    assert {day.strftime("%m-%d") for day in federal_holidays(year)} == set(PUBLISHED[year].split())


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 3, 2), date(2026, 3, 16)),
        (date(2026, 6, 26), date(2026, 7, 13)),  # over 3 July, when Independence Day is kept
        (date(2026, 12, 18), date(2027, 1, 5)),  # over Christmas and New Year's Day
        (date(2026, 3, 7), date(2026, 3, 20)),  # from a Saturday
    ],
)
def test_ten_business_days_are_counted_over_holidays(day: date, due: date) -> None:
    assert after_business_days(day, 10) == due
    assert is_business_day(due)


def test_juneteenth_is_one_since_its_law() -> None:
    assert date(2020, 6, 19) not in federal_holidays(2020)
    assert is_business_day(date(2020, 6, 19))
