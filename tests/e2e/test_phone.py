"""The partner's and the director's part on a phone: nothing scrolls sideways, and a thumb hits every button."""

from io import BytesIO

import pytest
from django.utils.dateparse import parse_date

from grants.example.loader import story
from grants.example.papers import ExamplePaper, example_papers
from grants.example.people import OWNER
from grants.example.setting import Setting
from partners.models import Submission
from partners.organisations.actions import add_person
from partners.submissions.actions import add_evidence
from partners.vault.actions import Dates
from tests.e2e import granting, partner
from tests.e2e.conftest import Hands
from tests.e2e.hands import Hand
from tests.factories.grants import directors_of, grant_in, owner_of
from tests.factories.portal import PASSWORD, TOTP_SECRET, FunderFactory
from tests.support.browser import PHONE
from vetting_portal.files import put
from vetting_portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

THUMB = 44
SMALL = """thumb => [...document.querySelectorAll("button, a.b, summary, input:not([type=hidden]), select")]
    .filter(one => one.checkVisibility() && !one.closest("label"))
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.height && box.height < thumb - 0.5)
    .map(([one, box]) => `${(one.innerText || one.id).trim()}: ${box.height}px`)"""


def fits_a_phone(hand: Hand) -> None:
    """Note a page that scrolls sideways, and what a thumb would miss."""
    width = hand.page.evaluate("document.scrollingElement.scrollWidth")
    if width > PHONE["width"]:
        hand.faults.append(f"{hand.page.url} is {width} pixels wide")
    hand.faults.extend(f"{hand.page.url}: too small a target: {one}" for one in hand.page.evaluate(SMALL, THUMB))


@pytest.fixture
def phone(hands: Hands) -> Hand:
    """Somebody with a telephone; each page they come to is looked at."""
    hand = hands("phone", phone=True)
    hand.checks.append(fits_a_phone)
    return hand


def name_quickly(submission: Submission, people: list[dict[str, str]], papers: list[ExamplePaper], by: User) -> None:
    """Name people and add papers as the pages do, without the pages."""
    for person in people:
        born = parse_date(person["born_on"])
        add_person(organisation=submission.organisation, by=by, **{**person, "born_on": born})
    criteria = {criterion.code: criterion for criterion in submission.criteria}
    for paper in papers:
        add_evidence(
            submission=submission,
            criterion=criteria[paper.criteria[0]],
            blob=put(BytesIO(paper.content)),
            original_name=paper.file_name,
            kind=paper.kind,
            title=paper.title,
            dates=Dates(issued_on=paper.issued_on, expires_on=paper.expires_on, language=paper.language),
            by=by,
        )


@pytest.mark.long
def test_partner_applies_on_a_phone(phone: Hand, setting: Setting):
    people, papers = story("lift")["people"], list(example_papers("lift"))
    partner.check_the_call(phone)
    partner.make_an_account(phone, OWNER)
    partner.name_the_organisation(phone)
    phone.follow("LIFT International")
    partner.name_the_people(phone, people[:2])
    submission, by = Submission.objects.get(), User.objects.get(email=OWNER.email)
    name_quickly(submission, people[2:], papers[2:], by)
    phone.follow("Home")
    phone.shows("phone-home")
    phone.follow("Start")
    partner.answer_the_questions(phone)
    for paper in papers[:2]:
        partner.send_a_paper(phone, paper)
    phone.shows("phone-papers")
    partner.name_the_referees(phone)
    phone.follow("Documents")
    phone.shows("phone-vault")
    phone.follow("Home")
    phone.follow("Continue")
    partner.send_the_application(phone)
    phone.sees("Sent. We have your application")
    phone.shows("phone-sent")


def test_partner_countersigns_on_a_phone(phone: Hand, live_server):
    FunderFactory()
    owner = owner_of(grant_in("approved"))
    phone.sign_in(owner.email, password=PASSWORD)
    granting.countersign(phone, owner.email)


def test_director_signs_on_a_phone(phone: Hand, live_server):
    FunderFactory()
    grant = grant_in("awaiting_signature")
    director = directors_of(grant)[0]
    phone.sign_in(director.email, TOTP_SECRET, PASSWORD)
    granting.open_the_brief(phone)
    granting.sign_with_mail(phone, director.email)
    phone.sees("You have signed this agreement.")
    phone.follow("Signed")
    phone.shows("phone-signed")
