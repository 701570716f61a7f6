"""Practising in a real browser: a whole practice review by keyboard, and its pages by axe at both widths."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviews.models import PracticeAttempt
from tests.e2e.test_accessible import at_both_widths, come_as
from tests.factories.partners import default_checklist
from tests.factories.portal import FunderFactory
from tests.factories.reviews import WORKED, reviewer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_new_reviewer_practises_by_keyboard_and_compares(page: Page, live_server: LiveServer):
    FunderFactory()
    default_checklist()
    who = reviewer(name="Mei-Ling Tan")
    come_as(page.context, who, live_server.url)

    page.goto(f"{live_server.url}/reviews/")
    page.get_by_role("link", name="Open the practice application").click()
    page.get_by_role("button", name="Start practising").click()
    for code, value in WORKED.items():
        expect(page.locator("h1")).to_contain_text(code)
        page.wait_for_load_state()  # the keys work once the page's scripts have run
        page.keyboard.press(str(value))
        expect(page.get_by_role("radio", checked=True)).to_have_count(1)
        page.keyboard.press("w")
        expect(page.locator("#id_justification")).to_be_focused()
        page.keyboard.type(f"0 1 2 j k s: typed for {code}.")
        page.keyboard.press("Escape")
        expect(page.locator("#id_justification")).not_to_be_focused()
        page.keyboard.press("j")
    expect(page.locator("h1")).to_contain_text("look over and submit")
    attempt = PracticeAttempt.objects.get()
    found = at_both_widths(page)
    for path in ("/reviews/practice/", f"{attempt.get_absolute_url()}?criterion=C8"):
        page.goto(live_server.url + path)
        found += at_both_widths(page)

    page.goto(live_server.url + reverse("reviews:practice_submit", args=[attempt.pk]))
    page.get_by_role("button", name="Submit and compare").click()

    expect(page.get_by_text("scores are the same as the reference")).to_be_visible()
    assert {score.criterion.code: score.value for score in attempt.scores.select_related("criterion")} == WORKED
    assert all(f"typed for {score.criterion.code}." in score.justification for score in attempt.scores.all())
    assert found + at_both_widths(page) == []
