"""A clock that is set back while the portfolio is made, so that its records are spread over months in true order."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

from django.utils import timezone


class MovedClock:
    """What ``timezone.now`` answers from: the time of now, moved by an offset. It never goes back."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._last: datetime | None = None

    def now(self, tz: tzinfo | None = None) -> datetime:
        """Return the moved time; it runs on as the true one does."""
        return datetime.now(tz) + self._offset

    def move_to(self, moment: datetime) -> None:
        """Set the clock to ``moment``: never back behind what it showed, never ahead of the true time."""
        true = datetime.now(moment.tzinfo)
        shown = self.now(moment.tzinfo) if self._last else moment
        self._last = min(max(moment, shown), true)
        self._offset = self._last - true


@contextmanager
def moved_clock() -> Iterator[MovedClock]:
    """Let everything that asks ``django.utils.timezone`` for the time ask this clock, in this process only."""
    clock = MovedClock()

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain instant
            return clock.now(tz)

    timezone.datetime = Moved  # type: ignore[attr-defined]
    try:
        yield clock
    finally:
        timezone.datetime = datetime  # type: ignore[attr-defined]
