"""A page that is opened again once its record has moved on says why, and offers no button that would be refused."""

import pytest
from django.urls import reverse

from grants.campaigns.actions import close_campaign
from reviews.panels.actions import declare_as_officer
from tests.factories import grants, payments, reviews
from tests.grants.endings.test_pages import signed_in

pytestmark = pytest.mark.django_db


def page(user, address):
    """Return the text of a page as somebody reads it who has shown a second factor."""
    return signed_in(user).get(address).text


def test_a_campaign_that_is_closed_cannot_be_closed_again(in_force):
    campaign = payments.payable(in_force)
    officer, address = grants.officer_of(in_force), reverse("grants:campaign_close", args=[in_force.number])
    assert 'aria-disabled="true"' not in page(officer, address)

    close_campaign(campaign=payments.fresh(campaign), by=officer)

    assert "This campaign is closed now." in page(officer, address)
    assert 'aria-disabled="true"' in page(officer, address)


def test_an_officer_who_declared_an_interest_is_not_asked_again():
    submission, officer = reviews.sent_submission(), reviews.officer()
    address = reverse("reviews:declare_as_officer", args=[submission.pk])
    assert 'aria-disabled="true"' not in page(officer, address)

    declare_as_officer(submission=submission, has_interest=True, by=officer)

    assert "You have declared an interest already." in page(officer, address)
    assert 'aria-disabled="true"' in page(officer, address)


def test_a_director_who_signed_can_still_decline_from_the_page_of_the_grant():
    grant = grants.grant_in("awaiting_signature")
    first, second = grants.directors_of(grant)[:2]
    address = reverse("grants:decline", args=[grant.number])
    grants.sign(grant, first)

    assert address in page(first, grant.get_absolute_url())
    assert address not in page(second, grant.get_absolute_url())  # the brief offers it, after the declaration
    assert address not in page(grants.officer_of(grant), grant.get_absolute_url())
