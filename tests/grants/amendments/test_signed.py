"""An amendment that both sides signed: it comes into force, or its officer hears that it cannot."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from grants.agreements.actions import resume_grant, suspend_grant
from grants.amendments import actions
from grants.campaigns.actions import close_campaign
from grants.invariants import INVARIANTS
from tests.factories import amendments, grants
from tests.grants.amendments.test_views import page, signed_in
from tests.grants.heard import asked, whys
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
    assert list(told.values()) == [[amendment.pk] if why != "suspended" else [], []]
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


def addresses(amendment):
    """Return where an approved amendment is sent back, and where it is left to lapse."""
    return [reverse(f"grants:{name}", args=[amendment.number]) for name in ("amendment_send_back", "amendment_lapse")]


def test_a_signed_amendment_offers_neither_to_send_it_back_nor_to_let_it_lapse(in_force, client):
    amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("approved", grants.fresh(in_force))
    signed_in(client, grants.officer_of(in_force))

    before = page(client, "amendment", amendment.number)
    amendments.countersign(amendment)
    after = page(client, "amendment", amendment.number)

    assert [address in before for address in addresses(amendment)] == [True, True]
    assert [address in after for address in addresses(amendment)] == [False, False]
    assert [client.post(one, {"reason": "Too late."}).status_code for one in addresses(amendment)] == [409, 409]


def test_a_signed_amendment_that_cannot_come_into_force_may_lapse(in_force, client):
    campaign = amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("approved", grants.fresh(in_force))
    amendments.countersign(amendment)
    close_campaign(campaign=type(campaign).objects.get(pk=campaign.pk), by=grants.finance())
    signed_in(client, grants.officer_of(in_force))

    shown = page(client, "amendment", amendment.number)

    lapse = addresses(amendment)[1]
    assert lapse in shown
    assert client.post(lapse, {"reason": "The match is frozen."}).status_code == 302
    assert amendments.fresh(amendment).state == "lapsed"


def test_a_signed_amendment_of_a_suspended_grant_waits_for_the_grant_to_go_on(in_force, client):
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    owner, officer, director = grants.owner_of(in_force), grants.officer_of(in_force), grants.directors_of(in_force)[0]
    signed_in(client, owner)
    before = page(client, "partner_amendment", amendment.number)

    suspend_grant(grant=grants.fresh(in_force), reason="A visit is due.", by=director)
    during, waits = page(client, "partner_amendment", amendment.number), whys(officer, is_mine=False)
    resume_grant(grant=grants.fresh(in_force), by=director)

    assert "Being sealed" in before
    assert "Grant suspended" in during
    assert "You have signed. The amendment comes into force once the grant goes on." in during
    assert "Being sealed" not in during
    assert "The seal is being made" not in during
    assert "The file is sealed once it goes on." in during
    assert "grants.amendment_being_sealed" not in waits
    assert "grants.amendment_being_sealed" in whys(officer, is_mine=False)


def test_the_partner_is_not_asked_to_sign_while_the_grant_is_suspended(in_force, client):
    amendment = amendments.amendment_in("approved", in_force)
    owner, director = grants.owner_of(in_force), grants.directors_of(in_force)[0]
    sign = reverse("grants:amendment_countersign", args=[amendment.number])
    amendments.begin(amendment, owner)
    signed_in(client, owner)
    before = asked(owner)

    suspend_grant(grant=grants.fresh(in_force), reason="A visit is due.", by=director)

    shown = page(client, "partner_amendment", amendment.number)
    assert "grants.countersign_amendment" in before
    assert "grants.countersign_amendment" not in asked(owner)
    assert "You can sign this amendment once the grant goes on." in shown
    assert "then countersign" not in shown
    refused = client.get(sign)
    assert (refused.status_code, "The grant is suspended." in refused.text) == (409, True)
    assert client.post(sign, {"code": "123456"}).status_code == 409
    assert client.post(reverse("grants:amendment_countersign_begin", args=[amendment.number])).status_code == 409
    resume_grant(grant=grants.fresh(in_force), by=director)
    assert "grants.countersign_amendment" in asked(owner)
    assert client.get(sign).status_code == 200
