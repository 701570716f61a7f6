"""From ``create_funder`` to a sealed agreement through pages alone: no example, no command, nine people at browsers."""

import io
import re
import sys

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from grants.example.loader import story
from grants.example.papers import example_papers
from grants.example.people import ADMINISTRATOR, DIRECTORS, FINANCE, OFFICER, OWNER, PASSWORD, REVIEWERS, ExamplePerson
from grants.example.setting import LIST
from tests.e2e import granting, partner, vetting
from tests.e2e.conftest import Hands
from tests.e2e.hands import Hand, mailed, mailed_code, work
from vetting_portal.models import Role

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

INVITED = re.compile(r"(/staff/join/[\w-]+/)")
FUNDER = ("--name", "River Fund", "--tax-number", "00-0000001", "--address", "1 River Road, Seattle")


@pytest.fixture
def administrator(live_server: LiveServer, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """The first administrator, whom ``create_funder`` made, signed in with the second step turned on."""
    assert live_server
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD + "\n"))
    named = ("--admin-email", ADMINISTRATOR.email, "--admin-name", ADMINISTRATOR.name)
    call_command("create_funder", *FUNDER, *named, "--password-stdin")
    hand = hands(ADMINISTRATOR.name)
    hand.sign_in(ADMINISTRATOR.email)
    turn_on_the_second_step(hand)
    return hand


def turn_on_the_second_step(hand: Hand) -> str:
    """Set the authenticator app up; return its key."""
    hand.reads("Set up your authenticator app")
    secret = hand.page.locator("p.mono").inner_text().strip()
    hand.type("2. Give the six digits it shows", hand.code(secret))
    hand.press("Turn it on")
    hand.reads("Recovery codes")
    hand.follow("Go on")
    return secret


def complete_the_record(administrator: Hand) -> None:
    """Enter what agreements need to say of the funder, from the list of what is missing."""
    administrator.visit("/set-up/")
    administrator.shows("set-up-first")
    administrator.follow(re.compile("Complete the funder’s record"))
    administrator.type("City", "Seattle")
    administrator.type("E-mail address for questions and notices", "grants@example.org")
    administrator.type("Governing law: state or country", "the State of Washington, United States")
    administrator.type("Courts: place", "King County, Washington, United States")
    administrator.press("Save the record")


def join(hands: Hands, administrator: Hand, person: ExamplePerson) -> tuple[Hand, str]:
    """Invite somebody; they make their staff account from the mail, accept, and turn the second step on."""
    administrator.visit("/staff/")
    administrator.type("E-mail address", person.email)
    administrator.tick(str(Role(person.role).label))
    administrator.press("Send the invitation")
    administrator.sees(f"An invitation is on its way to {person.email}.")
    hand = hands(person.name)
    hand.visit(mailed(person.email, INVITED))
    hand.reads("You are invited to work at River Fund")
    hand.shows("invited")
    hand.follow("Create your staff account")
    hand.type("Your name", person.name)
    hand.type("Password", PASSWORD)
    hand.shows("staff-account")
    hand.press("Create your staff account")
    hand.type("The code", mailed_code(person.email))
    hand.press("Go on")
    hand.press("Accept invitation")
    return hand, turn_on_the_second_step(hand)


def adopt(officer: Hand, administrator: Hand) -> None:
    """Adopt what comes with the portal: the officer starts the draft, the administrator publishes it."""
    officer.visit("/set-up/")
    officer.shows("set-up")
    officer.follow(re.compile("Adopt a checklist"))
    officer.press("Start the draft")
    officer.sees("You changed this draft last.")
    officer.shows("checklist-draft")
    administrator.visit("/set-up/")
    administrator.follow(re.compile("Adopt a checklist"))
    administrator.follow("Look and publish")
    administrator.press("Publish version 1")
    officer.visit("/set-up/")
    officer.follow(re.compile("Adopt the questions"))
    officer.shows("questions")
    officer.press("Adopt the questions")


def import_the_list(administrator: Hand) -> None:
    """Import a sanctions list on its page."""
    administrator.visit("/set-up/")
    administrator.follow(re.compile("Import the sanctions lists"))
    administrator.follow("Import a list")
    administrator.pick("Who publishes the list?", "OpenSanctions")
    administrator.hand_in("Files of the list", "targets.simple.csv", LIST.read_bytes(), "text/csv")
    administrator.type("Published on", timezone.localdate().isoformat())
    administrator.shows("list-import")
    administrator.press("Import the list")
    administrator.shows("list-imported")
    work()


def open_a_call(officer: Hand) -> None:
    """Make the first call and publish it; it closes by the clocks of the funder, unless another zone is chosen."""
    officer.follow("New call")
    officer.type("Title", partner.PROGRAMME)
    officer.type("Address", "locally-led")
    officer.type("Summary", "For organisations led where they work.")
    officer.type("Focus areas", "Ending trafficking, and care after it\nWater and sanitation")
    officer.type("Additional eligible countries", "TH, LA")
    assert officer.field("Time zone of the call").input_value() == "America/Los_Angeles"
    officer.type("Opens on", timezone.localdate().isoformat())
    officer.type("Smallest request (USD)", "5,000")
    officer.type("Largest request (USD)", "30,000")
    officer.shows("call-new")
    officer.press("Save")
    officer.follow("Publish")
    officer.shows("call-publish")
    officer.press("Publish call")
    officer.sees("The call is published.")


def set_up_a_fund(finance: Hand) -> None:
    """Make the match fund and add money to it."""
    finance.visit("/set-up/")
    finance.follow(re.compile("Set up a match fund"))
    finance.follow("New match fund")
    finance.type("Name", "First match fund")
    finance.tick(partner.PROGRAMME)
    finance.press("Make the fund")
    finance.follow("Put money in")
    finance.type("Amount", "20,000.00")
    finance.type("Bank reference", "BANK-1")
    finance.press("Put it in")


def apply(owner: Hand) -> None:
    """From the front page to an application that is sent."""
    partner.check_the_call(owner)
    partner.make_an_account(owner, OWNER)
    partner.name_the_organisation(owner)
    owner.follow("LIFT International")
    partner.name_the_people(owner, story("lift")["people"])
    owner.follow("Home")
    owner.follow("Start")
    partner.answer_the_questions(owner)
    partner.ask_too_early(owner)
    partner.name_the_referees(owner)
    for paper in example_papers("lift"):
        partner.send_a_paper(owner, paper)
    partner.send_the_application(owner)


def test_empty_installation_reaches_a_sealed_agreement_through_pages_alone(hands: Hands, administrator: Hand):
    complete_the_record(administrator)
    officer, officers_key = join(hands, administrator, OFFICER)
    assert officers_key
    reviewers = [join(hands, administrator, person)[0] for person in REVIEWERS[:2]]
    first, key = join(hands, administrator, DIRECTORS[0])
    second, _ = join(hands, administrator, DIRECTORS[1])
    finance, _ = join(hands, administrator, FINANCE)
    adopt(officer, administrator)
    import_the_list(administrator)
    open_a_call(officer)
    set_up_a_fund(finance)
    administrator.visit("/set-up/")
    administrator.sees("Everything is set up.")
    administrator.shows("set-up-done")

    owner = hands(OWNER.name)
    apply(owner)
    officer.visit("/home/")
    vetting.declare_and_screen(officer)
    vetting.ask_the_referees(officer, hands)
    vetting.report_a_visit(officer)
    vetting.assign_the_reviewers(officer)
    for number, reviewer in enumerate(reviewers):
        reviewer.visit("/home/")
        vetting.review(reviewer, number)
    vetting.recommend(officer)

    granting.draft_and_freeze(officer)
    first.visit("/grants/to-sign/")
    granting.open_the_brief(first)
    granting.sign_with_app(first, key)
    second.visit("/grants/to-sign/")
    granting.open_the_brief(second)
    granting.sign_with_mail(second, DIRECTORS[1].email)
    sealed = granting.countersign(owner, OWNER.email)
    granting.verify(hands("A donor"), sealed, "Genuine")
