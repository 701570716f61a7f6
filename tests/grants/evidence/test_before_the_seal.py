"""Evidence taken while a seal is still to come, or after an amendment was sealed that never came into force."""

import json

import pytest

from grants.agreements.actions import seal_agreement
from grants.amendments.actions import lapse_amendment, seal_amendment
from grants.campaigns.actions import close_campaign
from tests.factories import amendments, grants, payments
from tests.grants.conftest import in_force
from tests.grants.evidence.bundles import found, tool
from tests.grants.evidence.test_evidence import bundle_of
from tests.support.worlds import world

pytestmark = pytest.mark.django_db
payable = world(payments.payable, on=in_force, read=payments.fresh)


def signed_by_both(grant):
    """Return an amendment that raises the match and adds a condition, signed by both sides."""
    added = grants.condition("A second audit.", of=3)
    more = {**amendments.MORE, "conditions": [*grant.plan["conditions"], added]}
    amendment = amendments.amendment_in("approved", grant, **more)
    amendments.countersign(amendment)
    return amendments.fresh(amendment)


@pytest.fixture
def never_in_force(payable):
    """A grant with an amendment that was sealed, and lapsed: its campaign closed before it could come into force."""
    grant = grants.fresh(payable.grant)
    amendment = signed_by_both(grant)
    seal_agreement(agreement=amendment.agreement, by=grants.system())
    close_campaign(campaign=payments.fresh(payable), by=grants.officer_of(grant), reason="The shelter closes.")
    grants.statement_of(grants.fresh(grant))
    by = grants.officer_of(grant)
    lapse_amendment(amendment=amendments.fresh(amendment), reason="The campaign closed first.", by=by)
    return grants.fresh(grant)


def test_a_closed_campaign_whose_statement_is_not_sealed_yet_holds(payable):
    payments.closed(payable)

    before = bundle_of(payable.grant)
    grants.statement_of(grants.fresh(payable.grant))
    after = bundle_of(payable.grant)

    assert found(before) == ([], True)
    assert "match/sealed_lines.json" not in before
    assert found(after) == ([], True)
    assert "match/sealed_lines.json" in after


def test_an_amendment_that_was_sealed_and_never_came_into_force_changes_no_terms(never_in_force):
    files = bundle_of(never_in_force)

    assert found(files) == ([], True)
    assert "amendment" in {one["kind"] for one in json.loads(files["documents.json"])}
    assert [held["kind"] for held in tool.held_documents(tool.Bundle(files))] == ["agreement"]


def test_an_amendment_in_force_counts_with_its_conditions_and_its_match(payable):
    grant = grants.fresh(payable.grant)
    seal_amendment(amendment=signed_by_both(grant), by=grants.system())

    files = bundle_of(grant)

    assert found(files) == ([], True)
    assert [held["kind"] for held in tool.held_documents(tool.Bundle(files))] == ["agreement", "amendment"]
