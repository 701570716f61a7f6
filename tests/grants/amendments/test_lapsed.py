"""An amendment that the partner was asked to countersign and that ends: the partner is told, and reads its page."""

import pytest
from django.urls import reverse

from grants.amendments import actions
from grants.campaigns.actions import close_campaign
from grants.campaigns.models import Campaign
from tests.factories import amendments, grants
from tests.grants.amendments.test_views import page, signed_in
from tests.grants.heard import listening

pytestmark = pytest.mark.django_db
WORTH = "Your signature on it stays on record, and binds nobody."


@pytest.fixture
def frozen(in_force):
    """An amendment that both sides signed, and that cannot come into force: the campaign closed meanwhile."""
    campaign = amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("approved", grants.fresh(in_force))
    amendments.countersign(amendment)
    close_campaign(campaign=Campaign.objects.get(pk=campaign.pk), by=grants.finance())
    return amendments.fresh(amendment)


def lapse(amendment, reason="The campaign closed before it could come into force."):
    by = amendments.officer_of(amendment)
    return actions.lapse_amendment(amendment=amendments.fresh(amendment), reason=reason, by=by)


def to_owner(told, grant):
    """Return the messages to the partner's owner."""
    return [one for one in told if one.to == grants.owner_of(grant).email]


def test_the_partner_that_signed_is_told_that_it_lapsed_and_why(frozen):
    with listening() as told:
        lapse(frozen)

    (message,) = to_owner(told, frozen.grant)
    assert message.subject == f"{frozen}: there is nothing to sign now"
    assert f"We asked you to countersign {frozen}." in message.body
    assert "It lapsed and does not come into force. Your grant stays as it was." in message.body
    assert WORTH in message.body
    assert "The reason: The campaign closed before it could come into force." in message.body
    assert frozen.get_partner_url() in message.body


def test_the_partner_that_has_not_signed_is_told_without_a_word_of_its_signature(in_force):
    amendment = amendments.amendment_in("approved", in_force)

    with listening() as told:
        lapse(amendment, "Nobody answered.")

    (message,) = to_owner(told, in_force)
    assert "The reason: Nobody answered." in message.body
    assert "Your signature" not in message.body


def test_the_partner_is_told_that_it_is_changed_first_and_not_why(in_force):
    amendment = amendments.amendment_in("approved", in_force)
    by = amendments.officer_of(amendment)

    with listening() as told:
        actions.send_back_amendment(amendment=amendment, reason="A slip of ours.", by=by)

    (message,) = to_owner(told, in_force)
    assert "We are changing it first." in message.body
    assert "we ask you again, for another file" in message.body
    assert "A slip of ours." not in message.body
    assert amendment.get_partner_url() not in message.body


def test_the_partner_hears_nothing_of_what_it_was_never_shown(in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)

    with listening() as told:
        actions.withdraw_amendment(amendment=amendment, reason="Not needed.", by=amendments.officer_of(amendment))

    assert to_owner(told, in_force) == []


def test_its_page_says_to_the_partner_that_it_lapsed_and_why(frozen, client):
    lapse(frozen)
    signed_in(client, grants.owner_of(frozen.grant))

    shown = page(client, "partner_amendment", frozen.number)

    assert "This amendment lapsed on" in shown
    assert "The campaign closed before it could come into force. It does not come into force" in shown
    assert "A signature on it binds nobody." in shown
    assert "Being sealed" not in shown
    assert "then countersign" not in shown
    assert client.get(reverse("grants:amendment_countersign", args=[frozen.number])).status_code == 409


def test_the_page_of_an_unsigned_amendment_that_lapsed_is_shown_too(in_force, client):
    amendment = amendments.amendment_in("lapsed", in_force)
    signed_in(client, grants.owner_of(in_force))

    shown = page(client, "partner_amendment", amendment.number)

    assert "This amendment lapsed on" in shown
    assert "Nobody answered. It does not come into force" in shown
    assert "USD 17,500.00" in shown
