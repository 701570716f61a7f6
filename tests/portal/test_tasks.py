from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from vetting_portal.tasks import LEASE, background, drain, failed_for_good, reap, reap_all

pytestmark = [pytest.mark.django_db, pytest.mark.both]

calls: list[str] = []


@background(attempts=3)
def greet(name):
    calls.append(name)


@background(attempts=3)
def stumble(name):
    calls.append(name)
    raise ConnectionError(name)


@pytest.fixture(autouse=True)
def fresh():
    calls.clear()


def test_a_task_runs_once():
    greet.enqueue("a")
    drain()
    drain()
    assert calls == ["a"]


def test_a_rolled_back_change_leaves_no_task():
    def change_and_fail():
        with transaction.atomic():
            greet.enqueue("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    drain()
    assert calls == []


def test_a_failing_task_is_tried_again_with_growing_pauses_and_then_shown():
    start = timezone.now()
    with time_machine.travel(start) as clock:
        stumble.enqueue("b")
        drain()
        assert (calls, failed_for_good()) == (["b"], [])
        drain()
        assert calls == ["b"]  # its pause is not over
        clock.shift(timedelta(seconds=6))
        drain()
        clock.shift(timedelta(seconds=6))
        drain()
        assert calls == ["b", "b"]  # the second pause is longer
        clock.shift(timedelta(seconds=6))
        drain()
        clock.shift(timedelta(days=1))
        drain()
    assert calls == ["b", "b", "b"]
    assert [task.exception_class_path for task in failed_for_good()] == ["builtins.ConnectionError"]


def test_the_task_of_a_killed_worker_is_handed_out_again():
    greet.enqueue("c")
    row = DBTaskResult.objects.get()
    row.claim("killed worker")
    drain()
    assert calls == []
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        assert reap() == 1
        drain()
    assert calls == ["c"]


def test_a_running_task_keeps_its_lease():
    greet.enqueue("d")
    DBTaskResult.objects.get().claim("busy worker")
    assert reap() == 0
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING
    assert reap_all() == 1
