"""The page where a director signs, in a real browser: what stands where when a code was wrong, and what is kept."""

import time

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from grants.agreements.models import Signature
from tests.e2e.hands import apart
from tests.e2e.test_accessible import come_as
from tests.factories import grants
from tests.support.browser import PHONE, WIDE
from vetting_portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# Whether what is hit in the middle of it is the element itself, or a part of it.
HIT = """element => {
  const box = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2));
}"""


@pytest.fixture
def director(page: Page, live_server: LiveServer) -> User:
    """A director who declared no interest, at the brief of a grant that waits for signatures."""

    def make() -> tuple[str, User]:
        grant = grants.grant_in("awaiting_signature")
        director = grants.directors_of(grant)[0]
        grants.declare(grant, director)
        return reverse("grants:brief", args=[grant.number]), director

    path, director = apart(make)
    come_as(page.context, director, live_server.url)
    page.goto(f"{live_server.url}{path}")
    return director


def edges(found: Locator) -> tuple[float, float, float, float]:
    """Return where this stands on the page: left, top, right, bottom."""
    place = found.bounding_box()
    assert place is not None
    return place["x"], place["y"], place["x"] + place["width"], place["y"] + place["height"]


def covering(page: Page, *wanted: Locator) -> list[str]:
    """Return the errors that share a point with one of these, and what of them cannot be hit in its middle."""
    told = page.locator(".error, [role=alert]").filter(visible=True).all()
    found = []
    for one in wanted:
        left, top, right, bottom = edges(one)
        for error in told:
            x0, y0, x1, y1 = edges(error)
            if min(right, x1) > max(left, x0) and min(bottom, y1) > max(top, y0):
                found.append(f"{error.inner_text()} over {one}")
        one.scroll_into_view_if_needed()
        if not one.evaluate(HIT):
            found.append(f"something over {one}")
    return found


def wrong_code() -> str:
    """Return six digits that the authenticator does not show in these minutes."""
    right = {grants.totp_code(time.time() + 30 * step) for step in range(-3, 11)}
    return next(code for code in ("000000", "111111", "222222") if code not in right)


def sign(page: Page) -> None:
    page.get_by_role("button", name="Sign", exact=True).click()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_a_wrong_code_is_told_beside_the_consent_that_stays_ticked(page: Page, director, size):
    page.set_viewport_size(size)
    page.get_by_role("button", name="Confirm it is you, then sign").click()
    consent, code = page.get_by_role("checkbox"), page.get_by_label("Code of your authenticator app")
    consent.check()
    wrong = wrong_code()
    code.fill(wrong)
    sign(page)
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("This is not the code. 4 more tries.")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    expect(page.locator("#id_code-error")).to_have_text("This is not the code. 4 more tries.")
    assert covering(page, consent, page.locator("label[for=id_consent]"), code) == []
    expect(consent).to_be_checked()
    expect(code).to_have_value(wrong)
    assert apart(Signature.objects.count) == 0

    code.fill(grants.totp_code())
    sign(page)
    expect(page.get_by_text("Your signature is on record.").first).to_be_visible()
    assert apart(lambda: list(Signature.objects.values_list("user", "method"))) == [(director.pk, "totp")]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_a_box_not_ticked_is_told_and_the_code_stays(page: Page, director, size):
    page.set_viewport_size(size)
    page.get_by_role("button", name="Confirm it is you, then sign").click()
    consent, code = page.get_by_role("checkbox"), page.get_by_label("Code of your authenticator app")
    right = grants.totp_code()
    code.fill(right)
    sign(page)
    expect(page.locator("#id_consent-error")).to_have_text("Tick the box: it is the sentence you sign.")
    assert covering(page, consent, page.locator("label[for=id_consent]"), code) == []
    expect(consent).not_to_be_checked()
    expect(code).to_have_value(right)
    assert apart(Signature.objects.count) == 0
    consent.check()
    sign(page)
    expect(page.get_by_text("Your signature is on record.").first).to_be_visible()
    assert apart(Signature.objects.count) == 1
