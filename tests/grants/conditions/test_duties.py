"""Whose work a condition is, and who is written to when its evidence comes back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from grants.conditions import actions
from partners.submissions.actions import withdraw_submission
from tests.factories.conditions import bound, condition_of, shown
from tests.factories.grants import declare, directors_of, officer_of, owner_of
from tests.factories.portal import UserFactory
from tests.factories.reviews import officer
from tests.grants.heard import asked, listening, whys
from tests.grants.payments.test_pages import signed_in
from vetting_portal.actions import end_role
from vetting_portal.models import User

pytestmark = pytest.mark.django_db
REASON = "The letter has no date."


def returned(grant, by=None):
    """Let the evidence for its condition come back; return what was written."""
    with listening() as told:
        actions.return_evidence(condition=condition_of(grant), reason=REASON, by=by or officer_of(grant))
    return told


def left(person, role="programme_officer"):
    """Let somebody hold a role no longer."""
    end_role(user=person, role=role, by=UserFactory(roles=["administrator"]))


@pytest.mark.both
def test_a_withdrawn_application_leaves_its_grant_to_a_director_who_declines_it(draft):
    grant = bound(draft, "awaiting_signature", blocks="directors")
    director, owner = directors_of(grant)[0], owner_of(grant)
    before = asked(owner), asked(director)

    withdraw_submission(submission=grant.submission, by=owner)

    assert "grants.show_condition" in before[0]
    assert "grants.sign" not in before[1]
    assert "grants.show_condition" not in asked(owner)
    assert whys(director)["grants.sign"] == "Its application was withdrawn or declined: decline the grant"


@pytest.mark.both
def test_evidence_of_a_condition_of_ours_comes_back_to_who_gave_it(draft):
    grant = bound(draft, of=2, asked_of="funder")
    gave = officer_of(grant)
    shown(condition_of(grant), by=gave)

    told = returned(grant, by=officer())

    (message,) = told
    assert message.to == gave.email
    assert message.subject == f"We need more for a condition: grant {grant.number}, condition 1"
    assert f"The evidence for condition 1 of grant {grant.number} to" in message.body
    assert f"What is missing: {REASON}" in message.body
    assert condition_of(grant).get_absolute_url() in message.body
    assert "grants.show_own_condition" in asked(gave)


def test_it_comes_back_to_the_officer_of_the_grant_where_who_gave_it_left(draft):
    grant, gave = bound(draft, of=2, asked_of="funder"), officer()
    shown(condition_of(grant), by=gave)
    left(gave)

    told = returned(grant, by=officer())

    assert [message.to for message in told] == [officer_of(grant).email]


def test_evidence_of_the_partner_comes_back_to_the_partner_with_the_day(draft):
    grant = bound(draft, of=2)
    shown(condition_of(grant))

    (message,) = returned(grant)

    day = date_format(condition_of(grant).due_on, "l j F Y")
    assert message.to == owner_of(grant).email
    assert f"The evidence does not show it yet. {REASON}" in message.body
    assert f"Please give more evidence by {day}." in message.body


@pytest.mark.parametrize(
    ("asked_of", "words"), [("partner", "Please give more evidence soon: it was"), ("funder", "more evidence; it was")]
)
def test_no_day_that_is_past_is_set_for_more_evidence(draft, time_machine, asked_of, words):
    grant = bound(draft, of=2, asked_of=asked_of)
    shown(condition_of(grant), by=owner_of(grant) if asked_of == "partner" else officer_of(grant))
    time_machine.move_to(timezone.now() + timedelta(days=60))

    (message,) = returned(grant, by=officer())

    due_on = condition_of(grant).due_on
    assert f"{words} due on {date_format(due_on, 'j F Y')}" in message.body
    assert "evidence by" not in message.body


@pytest.mark.both
def test_a_director_checks_what_the_only_officer_showed(draft):
    grant = bound(draft, "approved", blocks="partner", asked_of="funder")
    only, director = officer_of(grant), directors_of(grant)[0]
    for other in User.objects.with_role("programme_officer").exclude(pk=only.pk):
        left(other)

    shown(condition_of(grant), by=only)

    assert "grants.check_condition" not in asked(only)
    assert "grants.check_condition" in asked(director)
    assert actions.accept_evidence(condition=condition_of(grant), reason="It says so.", by=director).state == "met"
    assert "grants.check_condition" not in asked(director)


@pytest.mark.both
def test_a_director_with_an_interest_is_not_asked_to_check(draft):
    grant = bound(draft, "approved", blocks="partner", asked_of="funder")
    third = UserFactory(roles=["director"])
    shown(condition_of(grant), by=officer_of(grant))
    before = asked(third)

    declare(grant, third, has_interest=True)

    assert "grants.check_condition" in before
    assert "grants.check_condition" not in asked(third)


def test_the_page_of_a_condition_lets_a_director_check_it(draft):
    grant = bound(draft, "approved", blocks="partner", asked_of="funder")
    shown(condition_of(grant), by=officer_of(grant))
    director, one = signed_in(directors_of(grant)[0]), condition_of(grant)
    address = reverse("grants:condition_accept", args=[one.pk])

    page = director.get(one.get_absolute_url()).text
    answer = director.post(address, {"reason": "The letter says so."})

    assert address in page
    assert answer.status_code == 302
    assert condition_of(grant).state == "met"
