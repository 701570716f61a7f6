"""The components in a real browser: accessible and unbroken at both widths, without a script error."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django import forms
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.factories.portal import FunderFactory, UserFactory
from tests.portal.look.test_fields import drawn
from tests.support.browser import PHONE, WIDE
from vetting_portal.stylesheets import joined

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SLACK = "Element content is too short to determine if it is actual text content"


@pytest.fixture(autouse=True)
def _django_in_the_browsers_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def staff_page(live_server: LiveServer, page: Page) -> Page:
    """A page of somebody on the staff who has signed in."""
    FunderFactory(is_example=True)
    client = Client()
    client.force_login(UserFactory(name="Ruth Okafor", roles=["programme_officer"], totp=True))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return page


def faults(page: Page) -> list[str]:
    """Return what axe finds or cannot decide, short texts inside drawings aside."""
    answer = Axe().run(page).response
    found = [f"{rule['id']}: {node['html']}" for rule in answer["violations"] for node in rule["nodes"]]
    return found + [
        f"{rule['id']} (undecided): {node['html']}"
        for rule in answer["incomplete"]
        for node in rule["nodes"]
        if SLACK not in str(node)
    ]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_components_are_accessible_and_fit(staff_page: Page, live_server: LiveServer, size: dict[str, int]):
    said: list[str] = []
    staff_page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    staff_page.set_viewport_size(size)

    staff_page.goto(f"{live_server.url}/components/")

    assert said == []
    assert faults(staff_page) == []
    assert staff_page.evaluate("document.documentElement.scrollWidth") == size["width"]


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_entrance_is_accessible_on_a_phone(page: Page, live_server: LiveServer, address: str):
    FunderFactory(is_example=True)
    page.set_viewport_size(PHONE)

    page.goto(f"{live_server.url}{address}")

    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_example_says_so_on_the_page(page: Page, live_server: LiveServer):
    FunderFactory(is_example=True)

    page.goto(f"{live_server.url}/accounts/login/")

    assert "Example installation: invented people and numbers." in page.inner_text(".strip")


def test_an_amount_that_is_wrong_has_a_red_edge_around_its_code_too(page: Page):
    drawn = '<div class="prefixed"><span>USD</span><input {} value="x"></div>'
    page.set_content(
        f"<style>{joined()}</style>{drawn.format('aria-invalid=true')}{drawn.format('')}<input aria-invalid=true>"
    )
    edge = "el => ['Color', 'Width'].map(part => getComputedStyle(el)['borderInlineStart' + part]).join(' ')"

    wrong, right = (page.locator(".prefixed").nth(at).evaluate(edge) for at in (0, 1))

    assert wrong == page.locator("body > input").evaluate(edge)
    assert wrong != right


class _Agreed(forms.Form):
    """A form as one signs with: hidden fields first, then a sentence to agree to."""

    document = forms.CharField(widget=forms.HiddenInput)
    nonce = forms.CharField(widget=forms.HiddenInput)
    credential = forms.CharField(required=False, widget=forms.HiddenInput)
    consent = forms.BooleanField(label="I have read the agreement and agree to sign it electronically. " * 3)


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_summary_of_errors_covers_nothing_of_the_first_field(page: Page, width: dict[str, int]):
    page.set_viewport_size(width)
    page.set_content(f"<style>{joined()}</style><main>{drawn(_Agreed({'document': '1', 'nonce': '2'}))}</main>")
    summary, field = page.locator(".note").bounding_box(), page.locator(".field").bounding_box()
    assert field["y"] - (summary["y"] + summary["height"]) >= 12
    assert page.locator(".note li a").all_inner_texts() == ["This is needed."]
