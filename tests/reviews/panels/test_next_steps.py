"""The box "next" of an application: the first of its duties, in the words of My work."""

import pytest

from grants.models import Grant
from partners.organisations.models import hold_blockers
from reviews.panels.next_steps import next_step
from tests.factories import reviews as made
from tests.factories.partners import submission_in
from vetting_portal.duties import duties_about

pytestmark = pytest.mark.django_db


def test_a_recommended_application_waits_for_its_draft_wherever_it_is_said(recommended):
    officer = made.officer()
    (first, *_) = duties_about(officer, recommended)
    assert not Grant.objects.exists()
    assert (first.key, first.is_mine) == ("grants.draft_grant", True)
    assert next_step(recommended, officer).text == "Draft the grant."
    assert next_step(recommended, made.director()).text == "Waiting for a programme officer"


def test_a_disagreement_is_said_as_such():
    submission = made.assessed({"C4": 4}, {"C4": 1})
    officer = made.officer()
    found = {duty.key: duty.why for duty in duties_about(officer, submission)}
    assert found["reviews.resolve_disagreement"].startswith("C4 ")
    assert "reviews.recommend" not in found


def test_no_listed_name_is_said_to_be_confirmed_where_none_is():
    submission = submission_in("assessed")
    step = next_step(submission, made.officer())
    assert not hold_blockers(submission.organisation_id)
    assert "listed name" not in f"{step.text} {step.note}"


def test_what_is_over_says_so():
    assert next_step(submission_in("withdrawn"), made.officer()).text == "The partner withdrew this application."
