"""A fund's page: what its figures mean, and a ledger that names grants and gifts without a card for each gift."""

import re

import pytest
from django.urls import reverse

from grants.funds.actions import reserve
from tests.factories import campaigns
from tests.factories.amendments import amendment_in
from tests.factories.portal import FunderFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund_page(client):
    stage = campaigns.stage()
    campaign = campaigns.opened(stage)
    client.force_login(UserFactory(roles=["finance_officer"], totp=True))
    return stage, campaign, reverse("grants:fund", args=[campaign.grant.fund_id])


def test_match_earned_says_that_it_is_not_paid_out_yet(client, fund_page):
    _, _, page = fund_page

    for address in (page, reverse("grants:funds")):
        told = client.get(address).content.decode()
        assert "not yet paid" in told
        assert ">Match earned<" not in told


def test_a_grant_of_the_fund_is_a_link(client, fund_page):
    _, campaign, page = fund_page
    grant = campaign.grant

    told = client.get(page).content.decode()

    assert f'<td><a href="{grant.get_absolute_url()}">{grant.number}</a>' in told
    assert f'Reserved for a grant <a href="{grant.get_absolute_url()}">{grant.number}</a>' in told


def test_a_reserve_for_no_grant_leads_nowhere(client, fund_page):
    _, campaign, page = fund_page
    reserve(fund=campaign.grant.fund, reference="strange", amount_minor=100, by=UserFactory(roles=["director"]))

    assert re.search(r"Reserved for a grant\s+strange", client.get(page).content.decode())


def test_what_an_amendment_sets_aside_leads_to_it(client):
    FunderFactory()
    amendment = amendment_in("approved")
    client.force_login(UserFactory(roles=["finance_officer"], totp=True))

    told = client.get(amendment.grant.fund.get_absolute_url()).content.decode()

    assert f'<a href="{amendment.get_absolute_url()}">{amendment.reserve_account.reference}</a>' in told


def test_what_is_set_aside_for_fees_leads_to_the_grant(client, fund_page):
    _, campaign, page = fund_page
    grant = campaign.grant
    director = UserFactory(roles=["director"])
    reserve(fund=grant.fund, reference=grant.fee_reference, amount_minor=100, by=director)

    assert f'<a href="{grant.get_absolute_url()}">{grant.fee_reference}</a>' in client.get(page).content.decode()


def test_gifts_of_one_day_stand_in_one_row_with_their_keys_and_sums(client, fund_page):
    stage, campaign, page = fund_page
    gifts = [campaigns.give(campaign, f"g-{number}", 10_00, by=stage.finance) for number in (1, 2, 3)]

    answer = client.get(page)
    told, run = answer.content.decode(), answer.context["runs"][0]

    assert (run.count, [gift.key for gift in run.gifts]) == (3, ["g-3", "g-2", "g-1"])
    assert run.matched_minor == sum(campaigns.matched(campaign))
    assert "3 × Gift and its match" in told
    assert told.count("Gift and its match") == 1
    for gift in gifts:
        assert f'<a href="{gift.get_absolute_url()}">Gift {gift.key}</a>' in told


def test_one_gift_is_named_in_its_row(client, fund_page):
    stage, campaign, page = fund_page
    gift = campaigns.give(campaign, "g-1", 10_00, by=stage.finance)

    told = client.get(page).content.decode()

    assert f'<span class="sub"><a href="{gift.get_absolute_url()}">Gift g-1</a></span>' in told
    assert "× Gift" not in told


def test_the_page_asks_as_often_for_three_gifts_as_for_one(
    client, fund_page, django_assert_num_queries, django_assert_max_num_queries
):
    stage, campaign, page = fund_page
    campaigns.give(campaign, "g-1", 10_00, by=stage.finance)
    client.get(page)
    with django_assert_max_num_queries(20) as first:
        client.get(page)
    for number in (2, 3):
        campaigns.give(campaign, f"g-{number}", 10_00, by=stage.finance)
    with django_assert_num_queries(len(first)):
        client.get(page)
