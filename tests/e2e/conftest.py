"""The portal of the example with its staff, on a live server, and browsers for everybody who comes."""

import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from grants.example.setting import FUNDER_ZONE, Setting, set_up_funder
from tests.e2e.hands import Hand
from tests.support.browser import PHONE
from vetting_portal.models import User

type Hands = Callable[..., Hand]


@pytest.fixture(autouse=True)
def _django_in_the_browsers_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright runs an event loop in the thread of the test; Django would take it for async code."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def zone() -> str:
    """The time zone of the test's funder: the example's, unless a file has another funder."""
    return FUNDER_ZONE


@pytest.fixture(autouse=True)
def _on_the_funders_clock(zone: str) -> Iterator[None]:
    """What people type as today is today where the funder is."""
    with timezone.override(zone):
        yield


@pytest.fixture
def hands(browser: Browser, live_server: LiveServer, browser_context_args: dict[str, Any]) -> Iterator[Hands]:
    """Make people at browsers; at the end no browser may have complained, and no view have raised."""
    made: list[Hand] = []
    raised: list[str] = []

    def note(**_: Any) -> None:
        raised.append(traceback.format_exc())

    def make(name: str, *, phone: bool = False, **options: Any) -> Hand:
        touch = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2} if phone else {}
        context = browser.new_context(**{**browser_context_args, **touch, **options})
        made.append(Hand(context, live_server.url, name))
        return made[-1]

    got_request_exception.connect(note)
    yield make
    for hand in made:
        hand.page.context.close()
    got_request_exception.disconnect(note)
    assert not raised, "\n".join(raised)
    assert [fault for hand in made for fault in hand.faults] == []


@pytest.fixture
def setting(live_server: LiveServer) -> Setting:
    """The funder, its staff, an open programme, a match fund with money, a sanctions list."""
    return set_up_funder(by=User.objects.system("loader"))
