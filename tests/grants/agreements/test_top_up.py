"""What directors vote to add for card fees: in the terms, the agreement, the brief and the fund, or nowhere at all."""

import json

import jsonschema
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from grants.agreements import actions
from grants.agreements.actions import freezing
from grants.agreements.documents import agreement_html, match_rule, worked_sums
from grants.agreements.terms import terms_content, terms_hash
from grants.agreements.values import values_of, wording_of
from grants.funds.models import Account
from tests.factories import grants
from tests.grants.agreements.test_views import form_data
from tests.grants.payments.test_pages import signed_in
from vetting_portal.models import Funder
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
SCHEMA = json.loads(freezing.SCHEMA_FILE.read_bytes())
SENTENCE = "The Funder adds up to USD 480.00 for card fees, at most those paid."


def voted(grant, minor=48_000):
    """Return the draft with something added for card fees."""
    return actions.change_grant(grant=grant, fields={"fee_top_up_minor": minor}, by=grants.officer_of(grant))


def content_of(grant):
    at = grant.created_at.replace(microsecond=0)
    return terms_content(grants.fresh(grant), Funder.objects.current(), version=1, frozen_at=at)


def reserved(grant):
    """Return what stands on the two reserves of a grant."""
    rows = Account.objects.filter(kind=Account.Kind.RESERVED, fund=grant.fund)
    held = dict(rows.values_list("reference", "balance_minor"))
    return held.get(grant.number, 0), held.get(grant.fee_reference, 0)


def test_terms_without_it_stay_as_they_were_to_the_byte(draft):
    without, given = content_of(draft), content_of(voted(draft))

    assert "fee_top_up_minor" not in without["money"]
    assert given["money"].pop("fee_top_up_minor") == 48_000
    assert (given, terms_hash(given)) == (without, terms_hash(without))
    assert "for card fees, at most" not in agreement_html(without, terms_hash(without))


def test_the_schema_takes_an_amount_above_zero(draft):
    content = content_of(voted(draft))
    checker = jsonschema.Draft202012Validator(SCHEMA)

    assert checker.is_valid(content)
    for wrong in (0, -1, None, "480.00"):
        assert not checker.is_valid({**content, "money": {**content["money"], "fee_top_up_minor": wrong}})
    with pytest.raises(ValidationError, match="more than zero"):
        voted(draft, 0)


def test_the_agreement_names_it_and_its_examples_add_up(draft):
    content = content_of(voted(draft))
    wording = wording_of(content)

    html = agreement_html(content, terms_hash(content))

    assert ("Card fees", SENTENCE) in match_rule(content, wording, values_of(content, wording))
    assert SENTENCE in html
    assert ">Added</th>" in html
    third, hoped, more = worked_sums(content["money"])
    assert (hoped["fees"], hoped["added"], hoped["paid"]) == ("480.00", "480.00", "30,000.00")
    assert (third["added"], more["fees"], more["added"]) == ("160.00", "576.00", "480.00")


def test_the_officer_gives_it_in_the_form_and_sees_it_again(draft):
    client = signed_in(grants.officer_of(draft))
    address = reverse("grants:change", args=[draft.number])
    data = form_data(client.get(address).context["form"])

    assert client.post(address, {**data, "fee_top_up": "some"}).status_code == 422
    assert client.post(address, {**data, "fee_top_up": "480"}).status_code == 302

    assert grants.fresh(draft).fee_top_up_minor == 48_000
    assert client.get(address).context["form"].initial["fee_top_up"] == "480.00"
    assert "The funder adds up to" in client.get(draft.get_absolute_url()).content.decode()
    assert client.post(address, {**data, "fee_top_up": "0"}).status_code == 302
    assert grants.fresh(draft).fee_top_up_minor is None


def test_it_is_set_aside_with_the_match_and_given_back_with_it(draft):
    grant = voted(draft)
    officer = grants.officer_of(grant)
    free = grant.fund.free_now()
    waiting = actions.freeze_terms(grant=grant, by=officer)
    first, second = grants.directors_of(waiting)[:2]
    grants.sign(waiting, first)
    assert (grant.fund.free_now(), reserved(grant)) == (free, (0, 0))

    grants.sign(grants.fresh(waiting), second)

    assert (grant.fund.free_now(), reserved(grant)) == (free - 1_548_000, (1_500_000, 48_000))
    actions.lapse_grant(grant=grants.fresh(grant), reason="The partner merged.", by=grants.system())
    assert (grant.fund.free_now(), reserved(grant)) == (free, (0, 0))


def test_directors_read_it_and_cannot_sign_where_the_fund_lacks_it(draft):
    waiting = actions.freeze_terms(grant=voted(draft), by=grants.officer_of(draft))
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    client = signed_in(director)

    page = client.get(reverse("grants:brief", args=[waiting.number]))

    text = page.content.decode()
    assert "The funder adds up to USD 480.00 for card fees." in text
    assert "and up to 480.00 for card fees" in text
    assert page.context["brief"]["money"]["fund"]["this_minor"] == 1_548_000
    Account.objects.filter(fund=waiting.fund, kind=Account.Kind.FREE).update(balance_minor=1_547_999)
    with pytest.raises(Refused, match="no longer covers"):
        grants.sign(grants.fresh(waiting), director)
