"""Makes the portfolio: every life goes on at its day, in the order of time, under a clock that is set back."""

import heapq
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from grants.example import people as named
from grants.example.loader import load_partners
from grants.example.people import PASSWORD, ExamplePerson
from grants.example.portfolio.clock import MovedClock, moved_clock
from grants.example.portfolio.lives import Life, People, lives
from grants.example.setting import Setting, example_blockers, set_up_funder
from grants.funds.actions import top_up
from partners.previews.actions import draw_document
from vetting_portal.clock import on_the_funders_clock
from vetting_portal.models import User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

BEGAN = 205  # days ago
OPEN_FOR = 250  # days that the call is open from then
FUND_MINOR = 40_000_000
MORNING = time(7, 30, tzinfo=UTC)
APART = timedelta(minutes=11)
LATER = (draw_document.module_path,)
"""Pictures of pages are drawn by the background worker once the portal runs: nobody has opened them yet."""


@transaction.atomic
def load_portfolio() -> Setting:
    """Load the example with its portfolio into an empty database: the LIFT example as ever, and 24 partners besides.

    Raises Refused where the database is not empty. All of it or nothing.
    """
    if reasons := example_blockers():
        raise Refused(reasons)
    today = datetime.now(UTC).date()
    with moved_clock() as clock, _quiet():
        clock.move_to(_moment(today, BEGAN, 0))
        setting = set_up_funder(by=User.objects.system("loader"), open_for=timedelta(days=OPEN_FOR))
        with on_the_funders_clock():
            treasurer = _user(named.FINANCE)
            top_up(fund=setting.fund, amount_minor=FUND_MINOR, key="EX-2", by=treasurer, note="Example money")
            _live(lives(_people(), setting.programme, make_password(PASSWORD)), clock, today)
    with on_the_funders_clock():
        load_partners(setting, later=LATER)
    return setting


@contextmanager
def _quiet() -> Iterator[None]:
    """Log nothing meanwhile: the task that is meant to fail would look like a fault of the portal."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _user(person: ExamplePerson) -> User:
    return User.objects.get(email=person.email)


def _people() -> People:
    return People(
        loader=User.objects.system("loader"),
        officer=_user(named.OFFICER),
        reviewers=tuple(map(_user, named.REVIEWERS)),
        directors=tuple(map(_user, named.DIRECTORS)),
        finance=_user(named.FINANCE),
        administrator=_user(named.ADMINISTRATOR),
    )


def _moment(today: date, days_ago: int, place: int) -> datetime:
    return datetime.combine(today, MORNING) - timedelta(days=days_ago) + place * APART


def _live(courses: Sequence[Life], clock: MovedClock, today: date) -> None:
    """Let each course go on when its day comes, the earliest first; after each step the background work is done."""
    waiting: list[tuple[datetime, int, Iterator[int]]] = []
    for place, life in enumerate(courses):
        _wait(waiting, place, life, today)
    while waiting:
        moment, place, life = heapq.heappop(waiting)
        clock.move_to(moment)
        _wait(waiting, place, life, today)
        drain(later=LATER)


def _wait(waiting: list[tuple[datetime, int, Iterator[int]]], place: int, life: Life, today: date) -> None:
    """Run a life up to its next day, and put it where its turn comes then."""
    if (day := next(life, None)) is not None:
        heapq.heappush(waiting, (_moment(today, day, place), place, life))
