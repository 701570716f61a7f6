"""A held partner: no countersignature, no seal, no campaign on offer; released, everything goes on where it stood."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from grants.agreements import actions
from grants.agreements.actions.sealing import seal_agreement_task
from grants.campaigns.actions import plan_campaign
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import WORDS
from grants.payments.actions import open_campaign
from partners.models import Hold
from partners.organisations.actions import give_release, place_hold
from tests.factories import grants, reviews
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def hold(grant) -> Hold:
    organisation = grant.submission.organisation
    return place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=reviews.officer())


def release(held: Hold) -> None:
    for person in (reviews.director(), reviews.officer()):
        give_release(hold=held, reason="Counsel cleared it.", by=person)


def test_a_held_partner_cannot_countersign_and_reads_neutral_words(client, approved):
    hold(approved)
    sha256 = grants.fresh(approved).agreement.signed_sha256
    owner = grants.owner_of(approved)
    with pytest.raises(Refused) as refusal:
        actions.begin_signing(grant=approved, method="email", document_sha256=sha256, by=owner)
    assert [str(one) for one in refusal.value.blockers] == ["We are still looking at your organisation’s details."]
    client.force_login(owner)
    shown = client.get(reverse("grants:partner_agreement", args=[approved.number])).text
    assert "We are still looking" in shown
    assert "Confirm it is you" not in shown
    assert "held" not in shown
    assert "sign it" not in client.get(reverse("partners:home")).text


def test_a_director_does_not_sign_and_no_terms_are_frozen():
    grant = grants.grant_in("awaiting_signature")
    first = grants.directors_of(grant)[0]
    grants.declare(grant, first)
    hold(grant)
    with pytest.raises(Refused, match="held"):
        grants.begin(grant, first)
    draft = grants.drafted(funder=False)
    hold(draft)
    with pytest.raises(Refused, match="held"):
        actions.freeze_terms(grant=draft, by=grants.officer_of(draft))


def test_nothing_is_drafted_for_a_held_partner():
    by = reviews.officer()
    submission = reviews.recommended(by=by)
    fund = grants.fund_with(submission=submission)
    place_hold(organisation=submission.organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=by)
    with pytest.raises(Refused, match="held"):
        actions.draft_grant(submission=submission, fields=grants.draft_fields(fund), by=by)


def test_the_seal_waits_for_the_release():
    grant = grants.grant_in("approved")
    grants.countersign(grant)
    held = hold(grant)
    drain()
    assert grants.fresh(grant).state == "approved"
    with pytest.raises(Refused, match="held"):
        grants.seal(grant)
    release(held)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        drain()
    assert grants.fresh(grant).state == "in_force"
    seal_agreement_task.enqueue(grants.fresh(grant).agreement.pk)  # run again it changes nothing
    drain()


def test_a_campaign_of_a_held_partner_is_neither_opened_nor_offered(client, in_force):
    by = grants.officer_of(in_force)
    planned = plan_campaign(grant=in_force, slug="campaign", words=WORDS, by=by)
    held = hold(in_force)
    with pytest.raises(Refused, match="held"):
        open_campaign(campaign=planned, by=by)
    release(held)
    open_campaign(campaign=Campaign.objects.get(), by=by)
    address = reverse("grants:campaign", args=["campaign"])
    assert "How to give" in client.get(address).text
    hold(in_force)
    shown = client.get(address).text
    assert "How to give" not in shown
    assert "paused" in shown
    assert "Paused" in client.get(reverse("grants:front")).text
    assert (Campaign.objects.get().state, Campaign.objects.get().public_state) == ("open", "paused")
