"""Several match funds behind one grant: named in the draft, reserved at approval, given back, told in the terms."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from grants.agreements import actions
from grants.agreements.briefing import brief_content, read_for_brief
from grants.agreements.briefing.paper import brief_html
from grants.agreements.models import FundShare
from grants.agreements.terms import terms_content
from grants.agreements.values import given_values
from grants.funds.actions import reserve
from grants.invariants import INVARIANTS
from tests.factories import grants
from tests.factories.portal import UserFactory
from vetting_portal.models import Funder
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def second_of(grant, minor=1_000_000):
    return grants.fund_with(minor, submission=grant.submission)


def shared(grant, *shares):
    return actions.share_match(grant=grant, shares=shares, by=grants.officer_of(grant))


def reasons(grant):
    return [str(one) for one in grants.fresh(grant).freeze_blockers()]


def test_approval_reserves_in_each_fund_and_lapsing_gives_it_back(draft):
    second = second_of(draft)
    shared(draft, (second, 400_000))
    waiting = actions.freeze_terms(grant=draft, by=grants.officer_of(draft))
    approved = grants.signed_in("approved", grants.fresh(waiting))
    assert (approved.fund.free_now(), second.free_now()) == (5_000_000 - 1_100_000, 600_000)
    assert approved.reserve_account.balance_minor == 1_100_000
    assert broken() == []
    actions.lapse_grant(grant=approved, reason="The partner merged.", by=grants.system())
    assert (approved.fund.free_now(), second.free_now()) == (5_000_000, 1_000_000)
    assert broken() == []


def test_terms_and_agreement_name_the_funds_in_their_order(draft):
    second = second_of(draft)
    shared(draft, (second, 400_000))
    content = terms_content(draft, Funder.objects.current(), version=1, frozen_at=draft.created_at)
    assert content["money"]["funds"] == [
        {"name": draft.fund.name, "share_minor": 1_100_000}, {"name": second.name, "share_minor": 400_000},
    ]  # fmt: skip
    told = given_values(content)["fund"]
    assert told == f"{draft.fund.name} up to USD 11,000.00, then {second.name} up to USD 4,000.00"


def test_terms_with_one_fund_stay_as_they_were(draft):
    content = terms_content(draft, Funder.objects.current(), version=1, frozen_at=draft.created_at)
    assert "funds" not in content["money"]
    assert given_values(content)["fund"] == draft.fund.name


def test_freezing_asks_every_fund(draft):
    poor, euro = second_of(draft, 300_000), grants.fund_with(900_000, submission=draft.submission, currency="EUR")
    stranger = grants.fund_with(900_000)
    shared(draft, (poor, 300_001), (euro, 100), (stranger, 100))
    assert reasons(draft) == [
        "The share of a match fund is more than it has free.",
        "The match fund holds another currency.",
        "The match fund does not name this programme.",
    ]
    shared(draft, (second_of(draft, 2_000_000), 1_500_000))
    assert reasons(draft) == ["The further match funds give the whole match."]
    shared(draft, (second_of(draft), 1_000))
    FundShare.objects.update(fund=draft.fund)
    assert reasons(draft) == ["A match fund is named twice."]


def test_signing_asks_every_fund_again(draft):
    second = second_of(draft)
    shared(draft, (second, 400_000))
    waiting = grants.fresh(actions.freeze_terms(grant=draft, by=grants.officer_of(draft)))
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    assert waiting.signing_blockers(director) == []
    reserve(fund=second, reference="other", amount_minor=700_000, by=grants.system())
    (reason,) = waiting.signing_blockers(director)
    assert (reason, second.name in reason.hint) == ("The match fund no longer covers the match.", True)


def test_funds_are_named_in_a_draft_alone_and_once(waiting):
    draft_officer = grants.officer_of(waiting)
    with pytest.raises(Refused, match="frozen"):
        actions.share_match(grant=waiting, shares=[], by=draft_officer)
    with pytest.raises(PermissionDenied):
        actions.share_match(grant=waiting, shares=[], by=UserFactory(roles=["finance_officer"]))


@pytest.mark.parametrize("minor", [0, -1])
def test_a_share_of_nothing_and_a_fund_named_twice_are_refused(draft, minor):
    second = second_of(draft)
    with pytest.raises(ValidationError, match="more than zero"):
        shared(draft, (second, minor))
    for twice in ([(second, 5), (second, 5)], [(draft.fund, 5)]):
        with pytest.raises(ValidationError, match="named twice"):
            shared(draft, *twice)


def test_the_page_names_further_funds_and_shows_them(draft):
    second = second_of(draft)
    client, address = client_of(grants.officer_of(draft)), reverse("grants:fund_shares", args=[draft.number])
    half = client.post(address, {"fund_2": second.pk, "share_2": ""})
    assert (half.status_code, "Say what this fund gives at most." in half.content.decode()) == (422, True)
    assert client.post(address, {"fund_2": "", "share_2": "5"}).status_code == 422
    assert client.post(address, {"fund_2": second.pk, "share_2": "five"}).status_code == 422
    assert client.post(address, {"fund_2": second.pk, "share_2": "4000.00"}).status_code == 302
    page = client.get(reverse("grants:grant", args=[draft.number])).content.decode()
    assert f"{second.name}, up to" in page
    assert 'value="4000.00"' in client.get(address).content.decode()
    assert client.post(address, {"fund_2": "", "share_2": ""}).status_code == 302
    assert not FundShare.objects.exists()


def test_the_page_is_closed_once_the_terms_are_frozen(waiting):
    client = client_of(grants.officer_of(waiting))
    assert client.get(reverse("grants:fund_shares", args=[waiting.number])).status_code == 409


def test_brief_says_what_each_fund_gives_and_keeps(draft):
    second = second_of(draft)
    shared(draft, (second, 400_000))
    grant = actions.freeze_terms(grant=draft, by=grants.officer_of(draft))
    money = brief_content(read_for_brief(grants.fresh(grant)))["money"]
    director = grants.directors_of(grant)[0]
    grants.declare(grant, director)
    page = client_of(director).get(reverse("grants:brief", args=[grant.number])).text
    paper = brief_html(grant.terms.brief.content, funder="Example Fund", example=False, density="", longest=10_000)

    (further,) = money["further_funds"]
    assert (money["fund"]["share_minor"], money["fund"]["free_minor"]) == (1_100_000, 5_000_000 - 1_100_000)
    assert (further["name"], further["share_minor"], further["free_minor"]) == (second.name, 400_000, 600_000)
    for text in (page, paper):
        assert f"{second.name}</a> (up to 4,000.00)" in text
        assert "6,000.00" in text
