"""Forms work where scripts do not: a partner answers a section and sends a paper, a reviewer scores a criterion."""

import pytest

from grants.example.papers import example_papers
from partners.models import Document
from reviews.models import Score
from tests.e2e import partner, vetting
from tests.e2e.conftest import Hands
from tests.e2e.hands import work
from tests.factories.partners import SubmissionFactory
from tests.factories.portal import PASSWORD, TOTP_SECRET, FunderFactory
from tests.factories.reviews import begun, reviewer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_partner_answers_and_sends_a_paper_without_scripts(hands: Hands, live_server):
    FunderFactory()
    submission = SubmissionFactory()
    owner = submission.organisation.owners().get().user
    hand = hands("partner without scripts", java_script_enabled=False)
    hand.sign_in(owner.email, password=PASSWORD)
    hand.follow("Start")
    hand.type("What is your project called?", "Clean water for Kisumu")
    hand.press("Save and go on")
    hand.follow("Home")
    hand.follow("Continue")
    assert hand.field("What is your project called?").input_value() == "Clean water for Kisumu"

    hand.follow("Home")
    hand.follow(vetting.starting("Your papers"))
    partner.send_a_paper(hand, example_papers("lift")[0])
    hand.sees("Being checked")
    work()
    assert [one.state for one in Document.objects.filter(paper__organisation=submission.organisation)] == ["accepted"]


def test_reviewer_scores_without_scripts(hands: Hands, live_server):
    FunderFactory()
    review = begun(who=reviewer(totp=True))
    hand = hands("reviewer without scripts", java_script_enabled=False)
    hand.sign_in(review.reviewer.email, TOTP_SECRET, PASSWORD)
    hand.follow("Open review")
    vetting.score(hand, "C1", 3, "Save and continue to C2", "Evidence 1 for C1")
    hand.sees("1 of 13 scored")

    score = Score.objects.get(review=review, criterion__code="C1")
    assert (score.value, score.citations.get().page) == (3, 1)
