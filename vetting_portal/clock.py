"""In which zone times are shown: the funder's, or the reader's own. Days, deadlines and what is stored never ask it."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from zoneinfo import ZoneInfo

from django.utils import timezone

_readers: ContextVar[Callable[[], str] | None] = ContextVar("readers_zone", default=None)


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
