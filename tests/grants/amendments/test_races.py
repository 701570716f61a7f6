"""Two people at one amendment at the same time: one answer counts, and without the lock none is told of the other."""

import pytest

from grants.amendments import actions
from grants.amendments.models import Amendment
from grants.campaigns.actions import close_campaign
from grants.invariants import INVARIANTS
from tests.factories import amendments, grants
from tests.support.races import paused_before, run_together, without_locks
from vetting_portal.workflow import Refused

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def two_answers(amendment):
    officer, director = amendments.officer_of(amendment), grants.directors_of(amendment.grant)[0]
    with paused_before(Amendment, "save"):
        return run_together(
            lambda: actions.withdraw_amendment(amendment=amendment, reason="Not needed.", by=officer),
            lambda: actions.decline_amendment(amendment=amendment, reason="Not this year.", by=director),
        )


def test_an_amendment_is_withdrawn_or_declined_not_both():
    outcomes = two_answers(amendments.amendment_in("awaiting_signature"))
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [Refused]
    assert broken() == []


def test_the_race_to_answer_is_lost_without_the_lock():
    amendment = amendments.amendment_in("awaiting_signature")
    with without_locks():
        outcomes = two_answers(amendment)
    assert Refused not in [type(outcome.error) for outcome in outcomes], outcomes


def test_what_both_sides_signed_does_not_lapse_while_it_enters():
    amendment = amendments.amendment_in("approved")
    amendments.countersign(amendment)
    outcomes = run_together(
        lambda: actions.seal_amendment(amendment=amendment, by=grants.system()),
        lambda: actions.lapse_amendment(amendment=amendment, reason="Late.", by=amendments.officer_of(amendment)),
    )
    assert [type(outcome.error) for outcome in outcomes] == [type(None), Refused], outcomes
    assert (amendments.fresh(amendment).state, grants.fresh(amendment.grant).cap_minor) == ("in_force", 1_750_000)
    assert broken() == []


def test_a_campaign_that_closes_while_the_cap_rises_agrees_with_the_fund():
    amendment = amendments.amendment_in("approved")
    campaign = amendments.campaign_of(amendment.grant)
    amendments.countersign(amendment)
    run_together(
        lambda: actions.seal_amendment(amendment=amendment, by=grants.system()),
        lambda: close_campaign(campaign=campaign, by=grants.finance()),
    )
    assert type(campaign).objects.get(pk=campaign.pk).state == "closed"
    assert broken() == []
