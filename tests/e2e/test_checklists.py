"""An officer changes a draft of the checklist in a browser: with scripts the page follows, without it asks."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from partners.checklists.actions import change_criterion, start_checklist_version
from partners.models import ChecklistVersion
from tests.e2e.conftest import Hands
from tests.e2e.hands import starting
from tests.e2e.test_accessible import come_as, look_at
from tests.factories.partners import default_checklist, default_questionnaire
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened() -> tuple[ChecklistVersion, User]:
    """Return a draft with something changed, and who started it."""
    FunderFactory()
    default_questionnaire()
    officer = UserFactory(roles=["programme_officer"])
    draft = start_checklist_version(checklist=default_checklist(), by=officer)
    c3 = draft.criteria.get(code="C3")
    change_criterion(criterion=c3, by=officer, anchors=["Nothing.", "", "Some.", "Enough.", "All."])
    return draft, officer


def test_sum_and_answers_follow_what_is_chosen(hands: Hands, live_server: LiveServer):
    draft, officer = opened()
    hand = hands("officer")
    come_as(hand.page.context, officer, live_server.url)
    hand.visit(draft.get_draft_url())
    hand.page.get_by_label(starting("Weight of C1 ")).fill("9")
    hand.sees("103 of 100: 3 too many")
    hand.follow("Survivor privacy and informed consent")
    hand.type("Title", "Privacy and consent")
    hand.pick("When does it apply?", "4.1 Do you serve children, or survivors of violence or trafficking?")
    expect(hand.page.get_by_role("group", name="If the answer is").get_by_label("Yes", exact=True)).to_be_visible()
    assert hand.field("Title").input_value() == "Privacy and consent"
    hand.type("Weight", "8")
    hand.sees("102 of 100: 2 too many")
    hand.tick("Yes")
    hand.press("Save")
    kept = draft.criteria.get(code="C8")
    assert (kept.title, kept.weight, kept.applies_when["answers"]) == ("Privacy and consent", 8, ["yes"])


def test_condition_is_set_on_a_phone_without_scripts(hands: Hands, live_server: LiveServer):
    draft, officer = opened()
    hand = hands("officer without scripts", phone=True, java_script_enabled=False)
    come_as(hand.page.context, officer, live_server.url)
    hand.visit(draft.get_draft_url())
    hand.follow("Track record and references")
    hand.pick("When is the gate raised?", "1.4 For how many months?")
    with hand.moving():
        hand.page.get_by_role("button", name="Show the answers to this question").nth(2).click()
    hand.type("If the answer is above", "12")
    hand.type("In words, as people read it after “if”", "it is for more than a year")
    hand.type("Raised to", "3")
    hand.press("Save")
    assert draft.criteria.get(code="C11").gate_note == "≥ 2; ≥ 3 if it is for more than a year"


def test_pages_of_a_draft_are_accessible(page: Page, live_server: LiveServer):
    draft, officer = opened()
    criterion = draft.criteria.get(code="C3")
    publisher = UserFactory(roles=["administrator"])
    base = draft.get_draft_url()
    pages = {
        officer: [base, f"{base}{criterion.pk}/", f"{base}add/", f"{base}discard/", "/checklist/compare/"],
        publisher: [f"{base}publish/"],
        None: ["/checklist/"],
    }
    assert look_at(page, live_server.url, pages) == []
