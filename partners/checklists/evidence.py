"""How long a paper is good for: its own end date where it has one, else the criterion's rule."""

import calendar
from datetime import MAXYEAR, date

from django.db import models

MONTHS_IN_YEAR = 12


class ValidityRule(models.TextChoices):
    """From which day the months of a criterion are counted."""

    OWN_DATE = "own_date", "The paper's own end date, else months from its date"
    FROM_ISSUE = "from_issue", "Months from the paper's date"
    YEAR_END = "year_end", "Months from the end of the financial year"
    SUBMISSION = "submission", "This submission"
    RECORDS = "records", "As the records say"


def add_months(day: date, months: int) -> date:
    """Return the day ``months`` later; the last day of a shorter month where the day does not exist. No day lies after
    the year 9999, which stands for “without end”.
    """
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + months, MONTHS_IN_YEAR)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def good_until(*, own_end: date | None, dated: date, rule: str, months: int | None) -> date | None:
    """Return the last day on which a paper counts as evidence, or None where it does not run out.

    ``own_end`` is the end date that stands on the paper. It wins for certificates; elsewhere the earlier day counts.
    ``dated`` is the paper's date (for accounts: the last day of the year they cover), or the day it was sent.
    """
    if rule in {ValidityRule.SUBMISSION, ValidityRule.RECORDS} or months is None:
        return own_end
    by_rule = add_months(dated, months)
    if own_end is None:
        return by_rule
    return own_end if rule == ValidityRule.OWN_DATE else min(own_end, by_rule)
