"""Whose clocks count: days and deadlines are the funder's, the times on a page may be the reader's own.

Requests, background work and commands each begin with ``on_the_funders_clock``; in them ``timezone.localdate()`` is the
funder's day, wherever the machine stands. What people tell of the world (a visit, a payment) has its own place, so
only a day that has begun nowhere on earth lies ahead.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from zoneinfo import ZoneInfo

from django.utils import timezone

from vetting_portal.models import Funder

FIRST_TO_BEGIN = dt.timedelta(hours=14)  # Kiritimati, UTC+14: no place has a later date
_readers: ContextVar[Callable[[], str] | None] = ContextVar("readers_zone", default=None)


@contextmanager
def on_the_funders_clock() -> Iterator[Funder | None]:
    """Count days as the clocks of the funder do, which is yielded; before there is one, in UTC.

    Raises DatabaseError where there is no installation yet.
    """
    funder = Funder.objects.current_or_none()
    with timezone.override(funder.time_zone if funder else "UTC"):
        yield funder


def lies_ahead(day: dt.date) -> bool:
    """Return whether a day has begun nowhere on earth yet: nothing can have happened on it."""
    return day > (timezone.now() + FIRST_TO_BEGIN).astimezone(dt.UTC).date()


@contextmanager
def shown_in(zone: Callable[[], str]) -> Iterator[None]:
    """Show times in the zone whose name ``zone`` returns, once for all; an empty name leaves them in the funder's."""
    before = _readers.set(cache(zone))
    try:
        yield
    finally:
        _readers.reset(before)


def shown_zone() -> dt.tzinfo:
    """Return the zone that times are shown in now."""
    readers = _readers.get()
    name = readers() if readers else ""
    return ZoneInfo(name) if name else timezone.get_current_timezone()


def shown(moment: dt.datetime) -> dt.datetime:
    """Return an instant as the clocks of its reader show it."""
    return timezone.localtime(moment, shown_zone())
