"""Background work: tasks enqueued in the transaction that causes them, retried, taken back from dead workers."""

import functools
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.tasks import Task, TaskResultStatus, task
from django.utils import timezone
from django.utils.text import capfirst
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from vetting_portal.clock import on_the_funders_clock

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)


class GaveUpError(Exception):
    """A task failed as often as it may; staff see it under background work."""


def background(attempts: int = 8) -> Callable[[Callable[..., Any]], Task[..., Any]]:
    """Make a module-level function a task that is tried ``attempts`` times, with growing pauses.

    In it days are the funder's. The function takes ids, is safe to run twice, and calls one action. What fails for
    good stays as a failed result.
    """

    def decorate(function: Callable[..., Any]) -> Task[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, attempt: int = 1, **kwargs: Any) -> Any:
            try:
                with on_the_funders_clock():
                    return function(*args, **kwargs)
            except Exception as error:
                if attempt >= attempts:
                    raise
                pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
                logger.warning(
                    "%s failed (%s), try %s of %s; again in %s",
                    function.__name__,
                    error,
                    attempt,
                    attempts,
                    pause,
                )
                made.using(run_after=timezone.now() + pause).enqueue(*args, attempt=attempt + 1, **kwargs)
                return {"retried": f"{type(error).__name__}: {error}"}

        made = task(run)
        return made

    return decorate


def reap() -> int:
    """Hand the tasks of killed workers out again; returns how many. A task runs at most ``LEASE``."""
    dead = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LEASE)
    return dead.update(status=TaskResultStatus.READY, started_at=None)


def reap_all() -> int:
    """Hand every running task out again: only where this is the one worker of the installation, at its start."""
    return DBTaskResult.objects.running().update(status=TaskResultStatus.READY, started_at=None)


# What tasks do whose names would not say it to somebody who has not written them.
IN_WORDS = {
    "send_mail_task": "Send a message",
    "check_document": "Check an uploaded document",
    "draw_document": "Prepare the pages of a document",
    "draw_first_pages": "Prepare the first pages of documents",
    "note_the_day": "Record the start of a day",
    "open_next_round": "Start the daily work",
    "apply_event_task": "Apply a message of the payment service",
    "tend_endings": "Check the grants that are ending",
    "tend_ending": "Check a grant that is ending",
    "rescreen": "Screen again after a new list",
}


def in_words(task_path: str) -> str:
    """Return what a task does, as a page says it: ``Send a message``; else the words of its name."""
    name = task_path.rpartition(".")[2]
    return IN_WORDS.get(name) or capfirst(name.removesuffix("_task").replace("_", " "))


def failed_for_good() -> list[DBTaskResult]:
    """Return the tasks that failed as often as they may, newest first, at most 50."""
    return list(DBTaskResult.objects.failed().order_by("-finished_at")[:50])


class PortalWorker(Worker):
    """The library's worker; between tasks it takes back what killed workers left."""

    def run_task(self, db_task_result: DBTaskResult) -> None:
        """Run one task, then look for tasks of the dead."""
        super().run_task(db_task_result)
        reap()


def worker(*, batch: bool, interval: float = 1.0, worker_id: str = "portal") -> PortalWorker:
    """Return a worker; ``batch`` ends when nothing is ready any more."""
    return PortalWorker(
        queue_names=["*"],
        interval=interval,
        batch=batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )


def drain(*, later: Sequence[str] = ()) -> None:
    """Run every task that is ready, here and now, on the connection at hand: for the walk and the tests.

    Tasks whose path is in ``later`` stay, for the worker.
    """
    runner = worker(batch=True, interval=0, worker_id="drain")
    while True:
        with transaction.atomic():
            ready = DBTaskResult.objects.ready().exclude(task_path__in=later).get_locked()
            if ready is None:
                return
            ready.claim(runner.worker_id)
        runner.run_task(ready)
