"""A grant is ended in real browsers, with money paid and money unpaid: asked, confirmed, told, and what comes back."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from grants.agreements.models import Grant
from grants.campaigns.models import Campaign
from grants.endings.models import Ending
from grants.invariants import INVARIANTS
from tests.e2e.hands import apart, work
from tests.e2e.test_accessible import come_as
from tests.factories import endings, grants, payments
from tests.factories.portal import TOTP, TOTP_SECRET, FunderFactory
from vetting_portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def zone() -> str:
    """This funder is not the example's: it is the factories'."""
    return FunderFactory.time_zone


@pytest.fixture
def campaign() -> Campaign:
    """An open campaign of which one payment was made, and two were not."""

    def make() -> Campaign:
        campaign = payments.payable(grants.grant_in("in_force"))
        payments.paid(campaign)
        TOTP.activate(grants.officer_of(campaign.grant), TOTP_SECRET)
        return payments.fresh(campaign)

    return apart(make)


def as_one(browser: Browser, live_server: LiveServer, user: User) -> Page:
    """Return a browser of somebody's own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    come_as(context, user, live_server.url)
    return context.new_page()


def ask(page: Page, director: User) -> None:
    """Ask for the end; no reason is chosen beforehand."""
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_label("By agreement").check()
    page.get_by_label("In your words").fill(endings.WORDS)
    page.get_by_label("What anybody may read").fill(endings.PUBLIC)
    page.get_by_label("Ends on").fill(endings.later(0).isoformat())
    page.get_by_label("Second person").select_option(label=f"{director.name}, director")
    page.get_by_role("button", name="Ask the director to confirm").click()
    expect(page.get_by_text("Nothing changes until the director confirms.").first).to_be_visible()


def confirm(page: Page) -> None:
    """Confirm it as the director, by a code."""
    page.get_by_role("button", name="Confirm it is you, then sign").click()
    page.get_by_role("checkbox").check()
    page.get_by_label("Code of your authenticator app").fill(grants.totp_code())
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Carried out").first).to_be_visible()


def record_return(page: Page) -> None:
    """Record that all of it came back."""
    page.get_by_role("link", name="Record money returned").click()
    page.get_by_label("Amount in USD").fill("1,000.00")
    page.get_by_label("Received on").fill(endings.later(0).isoformat())
    page.get_by_label("The bank’s reference").fill("B 7")
    page.get_by_role("button", name="Record money returned").click()
    expect(page.get_by_text("Nothing is open")).to_be_visible()


def test_through_termination_with_money_unpaid(browser: Browser, live_server: LiveServer, campaign: Campaign):
    grant = Grant.objects.get(pk=campaign.grant_id)
    officer, director, owner = grants.officer_of(grant), grants.directors_of(grant)[0], grants.owner_of(grant)
    page = as_one(browser, live_server, officer)
    page.goto(live_server.url + grant.get_absolute_url())
    page.get_by_role("link", name="End this grant", exact=True).click()
    ask(page, director)

    page = as_one(browser, live_server, director)
    page.goto(live_server.url + Ending.objects.get().get_absolute_url())
    confirm(page)
    work()

    page = as_one(browser, live_server, owner)
    page.goto(f"{live_server.url}/partner/agreement/{grant.number}/")
    with page.expect_download() as letter:
        page.get_by_role("link", name="Download the closing letter").click()
    assert letter.value.path().read_bytes().startswith(b"%PDF")

    page = as_one(browser, live_server, apart(grants.finance))
    page.goto(live_server.url + Ending.objects.get().get_absolute_url())
    record_return(page)

    page = browser.new_page()
    page.goto(f"{live_server.url}{campaign.public_path}")
    expect(page.get_by_text(endings.PUBLIC)).to_be_visible()
    assert [sentence for invariant in INVARIANTS for sentence in invariant()] == []
    assert Grant.objects.get(pk=grant.pk).state == "terminated"
    for context in browser.contexts:
        context.close()
