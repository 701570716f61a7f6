"""Worlds: records that take long to make, made once for the tests that ask for them one after the other.

A world is a fixture. Its records stand in a transaction around those of the tests, so each test finds them as they were
made, and takes back only what it did itself. A test that asks for no world finds an empty database. A world can build
on another; then only the difference is made. Clocks: what a world made happened when it was made, not in the test.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key


class World:
    """How a world is made, from the record of the one below, and how its record is read again."""

    def __init__(self, make: Callable[..., Model], below: "World | None", read: Callable[[Any], Any] | None) -> None:
        self.make, self.below = make, below
        self.read = read or (lambda made: type(made)._default_manager.get(pk=made.pk))
        self.made: Model | None = None

    @property
    def chain(self) -> list["World"]:
        """The worlds below, and this one."""
        return [*(self.below.chain if self.below else []), self]

    def open(self) -> None:
        """Make its records in a transaction that stays open."""
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        try:
            self.made = self.make(*([self.below.record()] if self.below else []))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Take its records back."""
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.made = None

    def record(self) -> Any:
        """Return its record, read again."""
        return self.read(self.made)


_open: list[World] = []


def world(make: Callable[..., Model], *, on: Any = None, read: Callable[[Any], Any] | None = None) -> Any:
    """Return a fixture that gives the record which ``make`` makes; ``on`` is the world that it builds on."""
    one = World(make, on.world if on else None, read)

    def given(db: None) -> Any:
        return one.record()

    given.world = one  # type: ignore[attr-defined]
    fixture = pytest.fixture(given)
    fixture.world = one
    return fixture


def _wanted(item: pytest.Item) -> list[World]:
    """Return the longest chain of worlds that a test asks for; two that are none of each other's are a mistake."""
    definitions = item._fixtureinfo.name2fixturedefs.values() if isinstance(item, pytest.Function) else ()
    found = [getattr(those[-1].func, "world", None) for those in definitions]
    chains = sorted((one.chain for one in found if one), key=len)
    longest = chains[-1] if chains else []
    assert all(chain == longest[: len(chain)] for chain in chains), "a test stands in one world"
    return longest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close what the test does not ask for, before a browser starts: in its event loop Django connects anew."""
    wanted = _wanted(item)
    if _open != wanted[: len(_open)]:
        with item.config.stash[blocking_manager_key].unblock():
            while _open != wanted[: len(_open)]:
                _open.pop().close()


@pytest.fixture
def _worlds(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Open what the test asks for and does not stand yet."""
    wanted = _wanted(request.node)
    marker = request.node.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction")
    commits = is_marked or {"transactional_db", "live_server"} & {*request.fixturenames}
    assert not (wanted and commits), "a test that commits makes its own records"
    with django_db_blocker.unblock():
        for one in wanted[len(_open) :]:
            one.open()
            _open.append(one)


@pytest.fixture
def _django_db_helper(_worlds: None, _django_db_helper: None) -> None:
    """Open the transaction of a test inside that of its world."""


@pytest.fixture(scope="session", autouse=True)
def _worlds_end(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Close what is open when the run ends."""
    yield
    with django_db_blocker.unblock():
        while _open:
            _open.pop().close()
        connection.close()
