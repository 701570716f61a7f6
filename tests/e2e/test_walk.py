"""One grant through every hand, in a real browser: seven people signed in, and the public without an account."""

import pytest
from django.conf import LazySettings

from grants.example.loader import story
from grants.example.papers import example_papers
from grants.example.people import DIRECTORS, FINANCE, OFFICER, OWNER, REVIEWERS, ExamplePerson
from grants.example.setting import Setting
from grants.example.steps.campaign import words
from grants.example.steps.gifts import charge_message
from tests.e2e import granting, partner, vetting
from tests.e2e.conftest import Hands
from tests.e2e.hands import Hand

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RAISED = "Raised and matched so far $30,000 of $30,000 · 151 gifts · closed on"
EARNED = "Your gifts $15,000 Matched $15,000 Not used $0 This campaign is closed."


def staff(hands: Hands, person: ExamplePerson) -> Hand:
    """Somebody of the funder who has signed in with both factors."""
    hand = hands(person.name)
    hand.sign_in(person.email, str(person.totp_secret))
    return hand


def apply(owner: Hand) -> None:
    """From the front page to an application that is sent."""
    partner.check_the_call(owner)
    partner.make_an_account(owner, OWNER)
    partner.name_the_organisation(owner)
    owner.follow("LIFT International")
    partner.name_the_people(owner, story("lift")["people"])
    owner.follow("Home")
    owner.shows("partner-home")
    owner.follow("Start")
    partner.answer_the_questions(owner)
    partner.ask_too_early(owner)
    partner.name_the_referees(owner)
    for paper in example_papers("lift"):
        partner.send_a_paper(owner, paper)
    owner.shows("papers")
    partner.send_the_application(owner)
    owner.shows("application-sent")


def vet(hands: Hands, officer: Hand) -> None:
    """From the sent application to the recommendation."""
    vetting.declare_and_screen(officer)
    vetting.ask_the_referees(officer, hands)
    vetting.report_a_visit(officer)
    vetting.assign_the_reviewers(officer)
    for number, person in enumerate(REVIEWERS[:2]):
        vetting.review(staff(hands, person), number)
    vetting.recommend(officer)


def agree(hands: Hands, officer: Hand, first: Hand, owner: Hand) -> bytes:
    """From the recommendation to the sealed agreement, as the partner downloads it."""
    granting.draft_and_freeze(officer)
    granting.open_the_brief(first)
    granting.sign_with_app(first, str(DIRECTORS[0].totp_secret))
    second = staff(hands, DIRECTORS[1])
    granting.open_the_brief(second)
    granting.sign_with_mail(second, DIRECTORS[1].email)
    return granting.countersign(owner, OWNER.email)


def campaign(hands: Hands, officer: Hand, owner: Hand, public: Hand) -> None:
    """From the sealed agreement to the closed campaign and its first report."""
    finance = staff(hands, FINANCE)
    granting.check_the_bank(owner, finance, officer)
    granting.open_the_campaign(officer)
    public.visit()
    public.shows("front")
    public.follow("The case is closed. Someone stays.")
    public.shows("campaign-open")
    finance.follow("Money")
    granting.told_by_stripe(public, charge_message(words()["slug"]))
    granting.import_the_gifts(finance)
    granting.enter_a_cheque_and_refund_a_gift(finance)
    granting.dispute(finance)
    granting.pay_the_first_part(finance, officer)
    granting.close_the_campaign(finance)
    granting.report_back(owner, officer)


def test_grant_goes_through_every_hand(hands: Hands, setting: Setting, settings: LazySettings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_known_to_both_sides"]
    first = staff(hands, DIRECTORS[0])  # long before signing: a code of the app serves once
    first.sees("Nothing is waiting for you")
    owner, public = hands(OWNER.name), hands("A donor")

    apply(owner)
    officer = staff(hands, OFFICER)
    vet(hands, officer)
    sealed = agree(hands, officer, first, owner)
    campaign(hands, officer, owner, public)

    public.page.reload()
    public.shows("campaign-closed")
    so_far = " ".join(public.page.get_by_role("region", name="So far").inner_text().split())
    assert so_far.startswith(RAISED)
    assert EARNED in so_far
    public.sees(words()["report"]["public_line"])
    granting.verify(public, sealed, "Genuine example")
    altered = bytearray(sealed)
    altered[len(altered) // 2] ^= 1
    granting.verify(public, bytes(altered), "Altered")
