"""Recurring work: each app says in its ``daily`` module which tasks it wants run once a day.

A worker opens today's round and tomorrow's when it starts, and each round opens the next. A round is a row: however
many workers there are and however often they start, the tasks of a day are enqueued once. After a pause only today's
is made up for: what is recurring looks at the state of things, not at the days that were missed.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.tasks import Task
from django.utils import timezone

from vetting_portal.models import DailyRound, User
from vetting_portal.registry import from_apps
from vetting_portal.sweeping import sweep_storage
from vetting_portal.tasks import background
from vetting_portal.workflow import action, record

DAILY = [sweep_storage]
BEGINS_AT = time(6)  # by the funder's clock


def daily_tasks() -> Iterator[Task[..., Any]]:
    """Yield the tasks that run once a day, from the ground up. They take nothing and are safe to run twice."""
    for listed in from_apps("DAILY", module="daily"):
        yield from listed


@action
def open_round(*, day: date, by: User) -> DailyRound | None:
    """Enqueue the tasks of one day, to run from six in the morning on; None where that was done already."""
    try:
        with transaction.atomic():
            made = DailyRound.objects.create(day_on=day, enqueued_at=timezone.now())
    except IntegrityError:
        return None
    begins = datetime.combine(day, BEGINS_AT, tzinfo=timezone.get_current_timezone())
    for task in [open_next_round, *daily_tasks()]:
        task.using(run_after=begins).enqueue()
    record("round_opened", made, by=by, facts={"day": day.isoformat()})
    return made


def open_rounds() -> None:
    """Open the rounds of today and tomorrow, where nobody has."""
    today = timezone.localdate()
    system = User.objects.system("background")
    for day in (today, today + timedelta(days=1)):
        if not DailyRound.objects.filter(day_on=day).exists():
            open_round(day=day, by=system)


@background()
def open_next_round() -> None:
    """Keep the days going: called by each round, it opens the next."""
    open_rounds()
