"""A grant is ended in real browsers, with money paid and money unpaid: asked, confirmed, told, and what comes back."""

from pathlib import Path

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
from tests.grants.agreements.paper.sheets import text_of
from vetting_portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# Gifts without card fees, in cents: the match doubles each, the first payment is half of what the first two come to.
FIRST, SECOND, THIRD = 100_000, 23_450, 30_000
KEPT = 40_025  # what the accepted report shows as spent
PAID = FIRST + SECOND
TO_RETURN = PAID - KEPT
UNPAID = (FIRST + SECOND + THIRD) * 2 - PAID


def usd(cents: int) -> str:
    """Return cents as a page prints them."""
    return f"{cents // 100:,}.{cents % 100:02}"


@pytest.fixture
def zone() -> str:
    """This funder is not the example's: it is the factories'."""
    return FunderFactory.time_zone


@pytest.fixture
def campaign() -> Campaign:
    """An open campaign; one payment was made, two were not, and an accepted report shows part of it as spent."""

    def make() -> Campaign:
        campaign = payments.payable(grants.grant_in("in_force"))
        payments.gift(campaign, "second", SECOND)
        payments.paid(campaign)
        payments.gift(campaign, "third", THIRD)
        payments.accepted(campaign, 1)
        payments.spent(campaign, KEPT)
        TOTP.activate(grants.officer_of(campaign.grant), TOTP_SECRET)
        return payments.fresh(campaign)

    return apart(make)


def as_one(browser: Browser, live_server: LiveServer, user: User) -> Page:
    """Return a browser of somebody's own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    come_as(context, user, live_server.url)
    return context.new_page()


def reads_the_sums(page: Page) -> None:
    """Read each sum on a page of staff: in the boxes, and where they add up."""
    boxes = {
        box.locator(".small").inner_text(): box.locator(".value").inner_text() for box in page.locator(".figure").all()
    }
    assert boxes == {"Earned": usd(KEPT), "At risk": usd(0), "To return": usd(TO_RETURN), "Unpaid": usd(UNPAID)}
    expect(page.get_by_text(f"Paid USD {usd(PAID)}")).to_be_visible()
    goes = page.get_by_role("table", name="Where the money goes")
    # Payments take the gifts first: of what is not paid, only the third gift is one. The rest is match.
    for label, cents in (
        ("To return", TO_RETURN),
        ("Match, back to", UNPAID - THIRD),
        ("Gifts, kept for", THIRD),
        ("Granted so far", PAID + UNPAID),
    ):
        expect(goes.get_by_role("row").filter(has_text=label).get_by_role("cell").last).to_have_text(usd(cents))


def reads_the_letter(pdf: bytes, folder: Path) -> None:
    """Read the sums of the closing letter, as printed."""
    told = " ".join("\n".join(text_of(pdf, folder)).split())
    for sentence in (
        f"You keep USD {usd(KEPT)}, for which we have accepted your evidence.",
        f"You return USD {usd(TO_RETURN)} by {endings.later(60):%A} {endings.later(60).day} ",
        f"Not paid USD {usd(UNPAID)} is not paid.",
        f"Paid, not shown as spent USD {usd(TO_RETURN)} Not paid USD {usd(UNPAID)} ",
        f"Granted so far: gifts after card fees and refunds, and their match USD {usd(PAID + UNPAID)} ",
    ):
        assert sentence in told, told


def reads_the_payments(page: Page) -> None:
    """Read on the partner's page what was paid, and what is not any more."""
    rows = page.get_by_role("table", name="Your payments").locator("tbody tr")
    expect(rows).to_have_count(3)
    found = [rows.nth(place).locator("td[data-l=Amount]").inner_text() for place in range(3)]
    assert found == [f"USD {usd(PAID)}", "–", "–"]
    assert [rows.nth(place).get_by_text("Not paid", exact=True).count() for place in range(3)] == [0, 1, 1]


def ask(page: Page, director: User) -> None:
    """Ask for the end; no reason is chosen beforehand."""
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_label("By agreement").check()
    page.get_by_label("In your words").fill(endings.WORDS)
    page.get_by_label("What anybody may read").fill(endings.PUBLIC)
    page.get_by_label("Ends on").fill(endings.later(0).isoformat())
    page.get_by_label("Second person").select_option(label=f"{director.name}, director")
    page.get_by_role("button", name="Ask the director to confirm").click()
    expect(page.get_by_text("No payment of this grant is released until a director decides.").first).to_be_visible()


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
    page.get_by_label("Amount in USD").fill(usd(TO_RETURN))
    page.get_by_label("Received on").fill(endings.later(0).isoformat())
    page.get_by_label("The bank’s reference").fill("B 7")
    page.get_by_role("button", name="Record money returned").click()
    expect(page.get_by_text("Nothing is open")).to_be_visible()
    returned = page.get_by_role("table", name="Money that the partner returned")
    expect(returned.get_by_role("row").last.get_by_role("cell").last).to_have_text(usd(TO_RETURN))


def test_through_termination_with_money_unpaid(browser: Browser, live_server: LiveServer, campaign: Campaign, tmp_path):
    grant = Grant.objects.get(pk=campaign.grant_id)
    officer, director, owner = grants.officer_of(grant), grants.directors_of(grant)[0], grants.owner_of(grant)
    page = as_one(browser, live_server, officer)
    page.goto(live_server.url + grant.get_absolute_url())
    page.get_by_role("link", name="End this grant", exact=True).click()
    reads_the_sums(page)
    ask(page, director)

    page = as_one(browser, live_server, director)
    page.goto(live_server.url + Ending.objects.get().get_absolute_url())
    reads_the_sums(page)
    confirm(page)
    work()

    page = as_one(browser, live_server, owner)
    page.goto(f"{live_server.url}/partner/agreement/{grant.number}/")
    fact = page.locator("dl.facts > div").filter(has_text="Still to be returned or shown as spent")
    expect(fact.locator("dd")).to_have_text(f"USD {usd(TO_RETURN)}")
    with page.expect_download() as letter:
        page.get_by_role("link", name="Download the closing letter").click()
    reads_the_letter(letter.value.path().read_bytes(), tmp_path)
    page.goto(f"{live_server.url}/partner/payments/")
    reads_the_payments(page)

    page = as_one(browser, live_server, apart(grants.finance))
    page.goto(live_server.url + Ending.objects.get().get_absolute_url())
    record_return(page)
    page = as_one(browser, live_server, owner)
    page.goto(f"{live_server.url}/partner/agreement/{grant.number}/")
    expect(page.get_by_role("link", name="Download the closing letter")).to_be_visible()
    expect(page.get_by_text("Still to be returned")).to_have_count(0)

    page = browser.new_page()
    page.goto(f"{live_server.url}{campaign.public_path}")
    expect(page.get_by_text(endings.PUBLIC)).to_be_visible()
    assert [sentence for invariant in INVARIANTS for sentence in invariant()] == []
    assert Grant.objects.get(pk=grant.pk).state == "terminated"
    for context in browser.contexts:
        context.close()
