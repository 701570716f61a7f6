"""An amendment that both sides signed: it comes into force, or its officer hears that it cannot."""

from datetime import timedelta

import pytest
from django.utils import timezone

from grants.agreements.actions import suspend_grant
from grants.amendments import actions
from grants.campaigns.actions import close_campaign
from grants.invariants import INVARIANTS
from tests.factories import amendments, grants
from vetting_portal.duties import Wanted, duties
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def waiting_for(user, key):
    both = [*duties(user, Wanted(is_mine=True)), *duties(user, Wanted(is_mine=False))]
    return [one.record for one in both if one.key == key]


def _crash(**_):
    raise RuntimeError("the power went")


@pytest.mark.parametrize("is_sealed", [False, True])
def test_what_both_sides_signed_does_not_lapse_while_it_can_hold(in_force, monkeypatch, is_sealed):
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    officer = amendments.officer_of(amendment)
    if is_sealed:
        monkeypatch.setattr(actions.entering, "reschedule_payments", _crash)
        with pytest.raises(RuntimeError):
            actions.seal_amendment(amendment=amendment, by=grants.system())
        monkeypatch.undo()
    assert waiting_for(officer, "grants.settle_amendment") == []
    with pytest.raises(Refused, match="The partner has countersigned"):
        actions.lapse_amendment(amendment=amendments.fresh(amendment), reason="Too late.", by=officer)
    actions.seal_amendment(amendment=amendments.fresh(amendment), by=grants.system())
    assert amendments.fresh(amendment).state == "in_force"
    assert broken() == []


@pytest.mark.parametrize("why", ["closed", "suspended", "late"])
def test_an_officer_hears_of_a_signed_amendment_that_cannot_come_into_force(in_force, why, time_machine):
    campaign = amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    officer = amendments.officer_of(amendment)
    assert waiting_for(officer, "grants.settle_amendment") == []
    if why == "closed":
        close_campaign(campaign=type(campaign).objects.get(pk=campaign.pk), by=grants.finance())
    elif why == "suspended":
        suspend_grant(grant=grants.fresh(in_force), reason="A visit is due.", by=grants.directors_of(in_force)[0])
    else:
        time_machine.move_to(timezone.now() + timedelta(hours=25))
    told = {key: waiting_for(officer, f"grants.{key}") for key in ("settle_amendment", "amendment_being_sealed")}
    is_told = why != "suspended"
    assert list(told.values()) == ([[amendment.pk], []] if is_told else [[], [amendment.pk]])
    if why == "closed":
        actions.lapse_amendment(amendment=amendments.fresh(amendment), reason="It cannot hold.", by=officer)
        assert waiting_for(officer, "grants.settle_amendment") == []
    else:
        with pytest.raises(Refused, match="The partner has countersigned"):
            actions.lapse_amendment(amendment=amendments.fresh(amendment), reason="Too late.", by=officer)
    assert broken() == []


@pytest.mark.both
def test_an_officer_hears_of_a_window_that_a_closed_campaign_cannot_extend(in_force):
    campaign = amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("approved", in_force, **amendments.later(in_force))
    amendments.countersign(amendment)
    officer = amendments.officer_of(amendment)
    assert waiting_for(officer, "grants.settle_amendment") == []
    close_campaign(campaign=type(campaign).objects.get(pk=campaign.pk), by=grants.finance())
    assert waiting_for(officer, "grants.settle_amendment") == [amendment.pk]
