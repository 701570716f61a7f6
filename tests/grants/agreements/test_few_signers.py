"""A grant or an amendment that fewer directors may sign than it asks for waits for its officer, not for nobody."""

import itertools

import pytest

from grants.agreements.models import Grant
from grants.amendments.models import Amendment
from reviews.panels.signers import signers, too_few_signers
from tests.factories import amendments, grants
from tests.factories.portal import UserFactory
from tests.grants.endings.test_pages import signed_in
from vetting_portal.actions import end_role
from vetting_portal.duties import duties

pytestmark = pytest.mark.django_db


def keys(user):
    """Return the keys of what somebody has to do."""
    return {duty.key for duty in duties(user)}


def page(user, record):
    """Return the text of a record's page as somebody reads it."""
    return signed_in(user).get(record.get_absolute_url()).text


def test_the_officer_is_asked_once_a_director_declares_an_interest_until_another_is_named():
    grant = grants.grant_in("awaiting_signature")
    officer, (first, second) = grants.officer_of(grant), grants.directors_of(grant)[:2]
    assert "grants.find_signers" not in keys(officer)
    grants.sign(grant, first)
    grants.declare(grant, second, has_interest=True)

    assert "grants.find_signers" in keys(officer)
    assert "Too few people are left to sign." in page(officer, grant)
    assert "grants.find_signers" not in keys(first)
    UserFactory(roles=["director"], totp=True)
    assert "grants.find_signers" not in keys(officer)


def test_the_officer_is_asked_once_a_director_leaves():
    grant = grants.grant_in("awaiting_signature")
    officer, second = grants.officer_of(grant), grants.directors_of(grant)[1]

    end_role(user=second, role="director", by=UserFactory(roles=["administrator"]))

    assert "grants.find_signers" in keys(officer)


def test_an_amendment_waits_for_its_officer_as_well(in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    officer, first = amendments.officer_of(amendment), grants.directors_of(in_force)[0]
    assert "grants.find_amendment_signers" not in keys(officer)
    assert "Too few people are left to sign." not in page(officer, amendment)

    grants.declare(in_force, first, has_interest=True)

    assert "grants.find_amendment_signers" in keys(officer)
    assert "Too few people are left to sign." in page(officer, amendment)


@pytest.mark.parametrize("interested", list(itertools.product([False, True], repeat=3)))
def test_the_list_counts_as_the_page_does(interested):
    """For each of the eight ways in which three directors may declare."""
    grants.directors(1)
    grant = grants.grant_in("awaiting_signature")
    for director, has_interest in zip(grants.directors_of(grant), interested, strict=True):
        grants.declare(grant, director, has_interest=has_interest)
    free = sum(not one.bar for one in signers(grant.submission))
    needed = grant.terms.content["directors"]["needed"]

    found = Grant.objects.filter(too_few_signers(), pk=grant.pk).exists()

    assert found == (free < needed)
    assert not Amendment.objects.filter(too_few_signers("grant__submission")).exists()
