"""While a director decides whether a grant ends, no payment of it is released."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from grants.endings.actions import decline_ending, withdraw_ending
from tests.factories import endings, payments
from tests.factories.grants import finance
from tests.grants.endings.test_pages import signed_in
from vetting_portal.duties import duties_about
from vetting_portal.models import User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def asked_to_release(campaign):
    """Return whether somebody in finance is asked to release a payment."""
    found = duties_about(User.objects.get(pk=finance().pk), campaign.grant)
    return any(one.key == "grants.release_payment" and one.is_mine for one in found)


def test_a_payment_waits_until_the_director_has_decided(payable):
    before = asked_to_release(payable)
    ending = endings.asked(payable.grant)

    with pytest.raises(Refused, match="has asked to end this grant") as refused:
        payments.released(payable)
    page = signed_in(finance()).get(reverse("grants:payment_release", args=[payments.tranche_of(payable).pk])).text

    assert (before, asked_to_release(payable)) == (True, False)
    assert [blocker.url for blocker in refused.value.blockers] == [ending.get_absolute_url()]
    assert f"until a director decides ({ending.second.name} was asked)" in page
    assert f'href="{ending.get_absolute_url()}"' in page
    assert payments.tranche_of(payable).state == "scheduled"


@pytest.mark.parametrize("outcome", ["declined", "withdrawn"])
def test_what_is_not_to_end_is_paid(payable, outcome):
    ending = endings.asked(payable.grant)
    if outcome == "declined":
        decline_ending(ending=ending, reason="The grant goes on.", by=ending.second)
    else:
        withdraw_ending(ending=ending, reason="Asked too early.", by=ending.asked_by)

    assert asked_to_release(payable)
    assert payments.released(payable).state == "released"


def test_a_request_that_expired_stops_nothing_even_before_it_is_noted(payable):
    ending = endings.asked(payable.grant)

    with time_machine.travel(ending.expires_at - timedelta(seconds=1), tick=False):
        before = asked_to_release(payable)
    with time_machine.travel(ending.expires_at + timedelta(seconds=1), tick=False):
        after = asked_to_release(payable)
        released = payments.released(payable)

    assert (before, after, released.state) == (False, True, "released")
