"""The daily round: opened once a day however many workers start, kept going by itself, made up for after a pause."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from tests.factories.portal import FunderFactory
from vetting_portal import daily
from vetting_portal.models import AuditEntry, DailyRound, User
from vetting_portal.tasks import background, drain

pytestmark = pytest.mark.django_db
ran: list[date] = []


@background()
def note_the_day() -> None:
    ran.append(datetime.now(UTC).date())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    ran.clear()
    monkeypatch.setattr(daily, "daily_tasks", lambda: iter([note_the_day]))
    FunderFactory(time_zone="UTC")
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False) as moved:
        yield moved


def test_every_app_may_name_daily_tasks() -> None:
    assert "partners.vault.actions.renewing.remind_everybody" in [task.module_path for task in daily.daily_tasks()]


@pytest.mark.both
def test_a_day_is_opened_once_and_opens_the_next(clock: Any) -> None:
    daily.open_rounds()
    daily.open_rounds()
    drain()
    assert ran == [date(2026, 11, 25)]
    for day in range(1, 4):
        clock.move_to(datetime(2026, 11, 25, 12, tzinfo=UTC) + timedelta(days=day))
        drain()
    assert ran == [date(2026, 11, day) for day in range(25, 29)]
    assert DailyRound.objects.count() == 5


def test_nothing_runs_before_six_by_the_funders_clock(clock: Any) -> None:
    clock.move_to(datetime(2026, 11, 26, 1, tzinfo=UTC))
    daily.open_rounds()
    drain()
    assert ran == []
    clock.move_to(datetime(2026, 11, 26, 6, tzinfo=UTC))
    drain()
    assert ran == [date(2026, 11, 26)]


def test_a_pause_is_made_up_for_once(clock: Any) -> None:
    """A worker that was away finds the old round ready, and opens today's: the work is done, and twice is harmless."""
    daily.open_rounds()
    drain()
    ran.clear()
    clock.move_to(datetime(2026, 12, 20, 12, tzinfo=UTC))
    daily.open_rounds()
    drain()
    assert set(ran) == {date(2026, 12, 20)}
    assert DailyRound.objects.filter(day_on=date(2026, 12, 21)).exists()
    assert not DailyRound.objects.filter(day_on=date(2026, 12, 10)).exists()


def test_a_round_that_is_opened_twice_is_opened_once(clock: Any) -> None:
    system, day = User.objects.system("background"), date(2026, 11, 25)
    made = daily.open_round(day=day, by=system)
    assert daily.open_round(day=day, by=system) is None
    assert AuditEntry.objects.about(made).count() == 1
    assert DBTaskResult.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_worker_opens_the_rounds_when_it_starts(clock: Any) -> None:
    call_command("work", batch=True, interval=0)
    assert list(DailyRound.objects.values_list("day_on", flat=True)) == [date(2026, 11, 26), date(2026, 11, 25)]
    assert ran == [date(2026, 11, 25)]
