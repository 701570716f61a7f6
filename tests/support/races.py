"""Runs things at the same time, for the tests of locks."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.db import connections, models

from vetting_portal import workflow

PATIENCE = 20.0


@dataclass
class Outcome:
    """What one of the contenders got: a result or an exception."""

    result: Any = None
    error: BaseException | None = None

    @property
    def went_through(self) -> bool:
        return self.error is None


def run_together(*contenders: Callable[[], Any]) -> list[Outcome]:
    """Run each callable in a thread of its own, all let off at once; return what each of them got."""
    gate = threading.Barrier(len(contenders))
    outcomes = [Outcome() for _ in contenders]

    def contend(number: int) -> None:
        try:
            gate.wait(PATIENCE)
            outcomes[number].result = contenders[number]()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            outcomes[number].error = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=contend, args=(n,), daemon=True) for n in range(len(contenders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        if thread.is_alive():
            message = f"a contender was still running after {PATIENCE:.0f} seconds"
            raise AssertionError(message)
    return outcomes


@dataclass
class Meeting:
    """Where contenders wait for each other between their check and their write."""

    parties: int
    seconds: float = 1.0
    arrived: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._barrier = threading.Barrier(self.parties)

    def wait(self) -> None:
        """Wait for the others. With the lock in place they cannot come, so the wait ends by itself."""
        self.arrived.append(threading.get_ident())
        try:
            self._barrier.wait(self.seconds)
        except threading.BrokenBarrierError:
            return


@contextmanager
def paused_before(owner: Any, name: str, *, parties: int = 2, seconds: float = 1.0) -> Iterator[Meeting]:
    """Make every caller of ``owner.name`` meet the others first: put it between the check and the save.

    Without a lock both contenders pass the check, meet, and both write. With it the second waits at the lock.
    """
    original = getattr(owner, name)
    meeting = Meeting(parties, seconds)

    def patient(*args: Any, **kwargs: Any) -> Any:
        meeting.wait()
        return original(*args, **kwargs)

    with mock.patch.object(owner, name, patient):
        yield meeting
    assert meeting.arrived, f"nobody passed {name}: this race pauses in the wrong place"


def unlocked(rows: Any) -> Any:
    """Stand for ``lock`` without locking: fresh copies, that is all."""
    if isinstance(rows, models.QuerySet):
        return list(rows.order_by("pk"))
    return type(rows)._base_manager.get(pk=rows.pk)


@contextmanager
def without_locks() -> Iterator[None]:
    """Take the lock out of the one door and of every action: a race that is still won then shows nothing."""
    users = [module for module in list(sys.modules.values()) if getattr(module, "lock", None) is workflow.lock]
    with ExitStack() as stack:
        for module in users:
            stack.enter_context(mock.patch.object(module, "lock", unlocked))
        yield
