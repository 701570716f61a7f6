"""Business days of the United States: its federal holidays by the law that sets them, and days counted over them."""

from calendar import MONDAY, THURSDAY
from datetime import date, timedelta

SATURDAY, SUNDAY = 5, 6
JUNETEENTH_SINCE = 2021  # Public Law 117-17


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """Return the ``number``-th ``weekday`` of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last_monday(year: int, month: int) -> date:
    end = date(year, month, 31)
    return end - timedelta(days=(end.weekday() - MONDAY) % 7)


def _observed(day: date) -> date:
    """Return when a holiday is kept: Friday before a Saturday, Monday after a Sunday (5 U.S.C. 6103(b), E.O. 11582)."""
    return day + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def federal_holidays(year: int) -> frozenset[date]:
    """Return the days of a year on which federal offices are closed by law (5 U.S.C. 6103(a)).

    New Year's Day of the next year is among them where it is kept on 31 December. Inauguration Day, a holiday around
    Washington only, and days that a President gives off are not: a due day counted without them comes no later.
    """
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25), date(year + 1, 1, 1)]
    if year >= JUNETEENTH_SINCE:
        fixed.append(date(year, 6, 19))
    moving = {
        _nth(year, 1, MONDAY, 3),
        _nth(year, 2, MONDAY, 3),
        _last_monday(year, 5),
        _nth(year, 9, MONDAY, 1),
        _nth(year, 10, MONDAY, 2),
        _nth(year, 11, THURSDAY, 4),
    }
    return frozenset(day for day in {*map(_observed, fixed), *moving} if day.year == year)


def is_business_day(day: date) -> bool:
    """Whether federal offices work on a day."""
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year)


def after_business_days(day: date, number: int) -> date:
    """Return the ``number``-th business day after ``day``; the day itself does not count."""
    while number:
        day += timedelta(days=1)
        number -= is_business_day(day)
    return day
