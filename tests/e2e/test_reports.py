"""A report written in a real browser: saved as it goes, kept on the device where the line drops, sent from a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from grants.reports.models import Report
from tests.e2e.test_accessible import come_as
from tests.factories.campaigns import member_of, opened, report_of, stage
from tests.support.browser import PHONE
from vetting_portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAVED = re.compile(r"^Saved \d\d:\d\d$")


@pytest.fixture
def report() -> Report:
    """A report that waits to be written, and its partner."""
    return report_of(opened(stage()))


@pytest.fixture
def member(report: Report) -> User:
    """Somebody who acts for the partner."""
    return member_of(report.grant)


def test_nothing_is_lost_where_the_line_drops(page: Page, live_server: LiveServer, report: Report, member: User):
    come_as(page.context, member, live_server.url)
    page.goto(live_server.url + report.get_absolute_url())
    summary = page.get_by_label("What was done")

    summary.fill("Saved by itself.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.context.set_offline(True)
    summary.fill("Typed while the line was down.")
    expect(page.get_by_text("Not saved: no connection. It is kept on this device.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert Report.objects.get(pk=report.pk).summary == "Typed while the line was down."

    page.route("**/autosave/", lambda route: route.abort())
    summary.fill("Typed before the browser was closed.")
    expect(page.get_by_text("It is kept on this device.")).to_be_visible()
    page.unroute("**/autosave/")
    page.reload()
    expect(summary).to_have_value("Typed before the browser was closed.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('report:'))")
    assert Report.objects.get(pk=report.pk).summary == "Typed before the browser was closed."


def test_a_phone_shows_what_is_saved_while_somebody_writes(
    browser: Browser, live_server: LiveServer, report: Report, member: User
):
    context = browser.new_context(viewport=PHONE)
    come_as(context, member, live_server.url)
    page = context.new_page()
    page.goto(live_server.url + report.get_absolute_url())

    page.get_by_label("What was done").fill("Written at the top of a long page.")

    expect(page.get_by_text(SAVED)).to_be_in_viewport()
    page.route("**/autosave/", lambda route: route.abort())
    page.get_by_label("What was done").fill("Written while the line was down.")
    expect(page.get_by_text("Not saved: no connection. It is kept on this device.")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Save and send")).to_be_in_viewport()
    context.close()


def test_a_report_is_sent_from_a_phone_without_script(
    browser: Browser, live_server: LiveServer, report: Report, member: User
):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    come_as(context, member, live_server.url)
    page = context.new_page()
    page.goto(live_server.url + report.get_absolute_url())
    for words in ("What was done", "What changed", "What was hard"):
        page.get_by_label(words).fill("Work.")
    page.get_by_label("Reached so far").fill("31 of 80")
    page.get_by_label(re.compile("^Received so far")).fill("10000")
    page.get_by_label(re.compile("^Bank charges")).fill("25")
    page.get_by_label("Currency you spent").fill("THB")
    page.get_by_label("Exchange rate").fill("35.10")
    for place in range(2):
        page.get_by_label("Spent to date").nth(place).fill("1000")
    page.get_by_role("button", name="Save and send").click()

    expect(page.get_by_text("Your report is sent.")).to_be_visible()
    context.close()
    assert Report.objects.get(pk=report.pk).state == "submitted"
