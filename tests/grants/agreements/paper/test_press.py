"""A press that hangs, breaks or eats memory ends alone: an error says so, nothing is written, the next one works."""

import sys
import threading
import time
from pathlib import Path

import pytest

from grants.agreements import rendering
from grants.agreements.actions import freeze_terms
from grants.agreements.models import Terms
from grants.agreements.rendering import RenderBlocked, RenderFailed, borrowed_press, render
from tests.factories import grants
from tests.support.races import run_together
from vetting_portal.workflow import Refused

HTML = '<html lang="en"><head><meta name="dcterms.created" content="2026-01-01T00:00:00+00:00"></head><body><p>Text'
REAL = rendering.Press.command
GREEDY = """
import sys
from grants.agreements.press import __main__ as press
press.set_pdf = lambda *asked, **more: bytearray(4 << 30)
sys.exit(press.main())
"""
FAULTS = {
    "hangs": ("import time; time.sleep(600)", "The document was not ready after 2 seconds."),
    "is silent": ("import sys, time; sys.stdin.buffer.readline(); time.sleep(600)", "not ready after 2 seconds"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "The press broke off."),
    "crashes": ("import os, signal, sys; sys.stdin.buffer.readline(); os.kill(os.getpid(), 11)", "broke off"),
    "babbles": ("print('no frame', flush=True); import sys; sys.stdin.read()", "The press broke off."),
    "cuts off": ('print(\'{"pages": 1, "sizes": [9000]}\', flush=True)', "The press broke off."),
    "claims too much": ("print('{\"sizes\": [99999999999]}', flush=True); input()", "The press broke off."),
    "eats memory": (GREEDY, "The document needs too much memory."),
}
QUICK = {"hangs", "crashes", "eats memory"}


@pytest.fixture
def broken(monkeypatch):
    """Return a function that puts a program in the place of the press; what was warm before is ended."""

    def put(program):
        rendering.presses.close()
        monkeypatch.setattr(rendering.Press, "command", (sys.executable, "-c", program))

    yield put
    rendering.presses.close()


@pytest.mark.parametrize(
    "fault", [fault if fault in QUICK else pytest.param(fault, marks=pytest.mark.long) for fault in FAULTS]
)
def test_a_press_that_fails_is_told_and_the_next_one_works(broken, monkeypatch, fault):
    program, said = FAULTS[fault]
    broken(program)
    # What eats memory has to start first, on a busy machine too.
    monkeypatch.setattr(rendering, "SECONDS", 60 if fault == "eats memory" else 2)
    begun = time.monotonic()
    with pytest.raises(RenderFailed, match=said):
        render(HTML)
    assert time.monotonic() - begun < 60
    assert rendering.presses.idle == []
    monkeypatch.setattr(rendering.Press, "command", REAL)
    monkeypatch.setattr(rendering, "SECONDS", 60)
    assert render(HTML).pages == 1


def test_what_goes_wrong_inside_is_said_and_the_press_stays(monkeypatch):
    with pytest.raises(RenderBlocked, match=r"file:///etc/passwd"):
        render(HTML + '<img src="file:///etc/passwd">')
    with borrowed_press() as press:
        assert press.documents >= 1
        with pytest.raises(RenderFailed, match="could not set the document: "):
            press.print(HTML.replace("2026-01-01T00:00:00+00:00", "some day"), [])
        assert press.is_usable
        assert press.print(HTML, []).pages == 1


@pytest.mark.django_db
def test_freezing_tells_a_failed_press_and_writes_nothing(broken, draft):
    broken("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(Refused) as refusal:
        freeze_terms(grant=draft, by=grants.officer_of(draft))
    assert [str(blocker) for blocker in refusal.value.blockers] == ["The file could not be made."]
    assert "The press broke off. Try again" in refusal.value.blockers[0].hint
    assert not Terms.objects.exists()
    assert grants.fresh(draft).state == "draft"


def test_a_press_has_nothing_of_the_portals_environment():
    with borrowed_press() as press:
        environment = Path(f"/proc/{press.process.pid}/environ").read_bytes()
    assert {line.split(b"=")[0] for line in environment.split(b"\0") if line} <= {b"PATH", b"LANG", b"LC_CTYPE"}


def test_no_more_than_two_presses_work_at_once_and_each_thread_gets_its_own():
    most, now, lock = [0], [0], threading.Lock()

    def one(number):
        with borrowed_press() as press:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            made = press.print(f"{HTML} {number}", [])
            with lock:
                now[0] -= 1
        return made.content

    outcomes = run_together(*(lambda number=number: one(number) for number in range(4)))
    assert all(outcome.went_through for outcome in outcomes)
    assert len({outcome.result for outcome in outcomes}) == 4
    assert most[0] == rendering.AT_ONCE == 2
    assert [render(f"{HTML} {number}").content for number in range(4)] == [outcome.result for outcome in outcomes]


def test_a_press_whose_answer_nobody_took_is_not_lent_again(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    rendering.presses.close()
    with monkeypatch.context() as patched:
        patched.setattr(rendering, "receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            render(HTML)
    assert rendering.presses.idle == []
    assert render(HTML).pages == 1


def test_a_worn_press_is_replaced(monkeypatch):
    rendering.presses.close()
    monkeypatch.setattr(rendering, "MOST_DOCUMENTS", 1)
    render(HTML)
    assert rendering.presses.idle == []
