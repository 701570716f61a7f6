"""What the funder adds for card fees: in what is payable, at most the fees really paid, given back at the closing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from grants.campaigns import invariants
from grants.campaigns.actions import close_campaign, record_dispute, record_gifts, refund_gift
from grants.campaigns.figures import match_statement
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import Stage
from grants.funds.models import Account
from tests.factories.campaigns import fresh, give, opened, row
from tests.grants.payments.test_pages import signed_in

pytestmark = pytest.mark.both


def with_gifts(stage: Stage, top_up: int | None, number: int = 150) -> Campaign:
    """Return a campaign of R8's example: gifts of 100.00 with a fee of 2.9% + 0.30."""
    campaign = opened(stage, fee_top_up_minor=top_up)
    rows = [row(f"g{place}", 10_000, fee_minor=320) for place in range(number)]
    record_gifts(campaign=campaign, rows=rows, by=stage.finance)
    return fresh(campaign)


def set_aside(campaign: Campaign) -> int:
    found = Account.objects.filter(kind=Account.Kind.RESERVED, reference=campaign.grant.fee_reference).first()
    return found.balance_minor if found else 0


def breaches() -> list[str]:
    return [sentence for invariant in invariants.INVARIANTS for sentence in invariant()]


@pytest.mark.parametrize(
    ("top_up", "added", "payable"),
    [(None, 0, 2_952_000), (24_000, 24_000, 2_976_000), (48_000, 48_000, 3_000_000), (60_000, 48_000, 3_000_000)],
)
def test_payable_has_it_and_at_most_the_fees_that_were_paid(
    stage: Stage, top_up: int | None, added: int, payable: int
) -> None:
    campaign = with_gifts(stage, top_up)

    told = match_statement(campaign)

    assert (campaign.payable_minor(), told["payable"], told.get("fee_top_up", 0)) == (payable, payable, added)
    assert ("fee_top_up" in told) == (top_up is not None)
    assert breaches() == []


def test_fees_of_a_gift_in_dispute_are_not_added_until_it_is_won(stage: Stage) -> None:
    campaign = with_gifts(stage, 60_000, number=3)
    dispute: dict[str, Any] = {"gift_key": "g0", "dispute_key": "d", "by": stage.machine}

    record_dispute(campaign=campaign, status="open", **dispute)
    disputed = fresh(campaign)
    assert (disputed.fee_top_up_minor(disputed.at_risk()), disputed.payable_minor()) == (640, 40_000)
    record_dispute(campaign=campaign, status="won", **dispute)
    assert fresh(campaign).payable_minor() == 60_000


def test_the_closing_gives_back_what_no_fee_used_and_later_fees_add_nothing(stage: Stage) -> None:
    campaign = with_gifts(stage, 1_000, number=2)
    free = stage.fund.free_now()
    assert set_aside(campaign) == 1_000

    close_campaign(campaign=campaign, by=stage.finance)

    closed = fresh(campaign)
    figures = (closed.statement_content or {})["figures"]
    assert (figures["fee_top_up_minor"], figures["payable_minor"]) == (640, 40_000)
    assert set_aside(closed) == 640
    assert stage.fund.free_now() == free + 360 + closed.available_minor
    give(closed, "late", 10_000, by=stage.finance, fee_minor=320)
    assert fresh(closed).payable_minor() == 40_000 + 9_680
    refund_gift(campaign=fresh(closed), gift_key="g0", refund_key="r", by=stage.finance)
    assert fresh(closed).payable_minor() == 40_000 + 9_680 - 20_000
    assert breaches() == []


def test_a_statement_without_it_has_no_line_for_it(stage: Stage) -> None:
    campaign = with_gifts(stage, None, number=1)

    close_campaign(campaign=campaign, by=stage.finance)

    assert "fee_top_up_minor" not in (fresh(campaign).statement_content or {})["figures"]


def test_a_reserve_that_is_not_there_is_found(stage: Stage) -> None:
    campaign = with_gifts(stage, 1_000, number=1)
    rows = Account.objects.filter(reference=campaign.grant.fee_reference)

    rows.update(balance_minor=900)
    assert [one for one in breaches() if "card fees" in one] == [
        f"campaign {campaign.slug}: 900 is set aside for card fees, not 1000"
    ]

    rows.update(balance_minor=1_000)
    close_campaign(campaign=campaign, by=stage.finance)
    rows.update(balance_minor=321)
    assert [one for one in breaches() if "card fees" in one] == [
        f"campaign {campaign.slug}: 321 is set aside for card fees, more than was paid of them"
    ]


def test_the_pages_show_it_as_a_line_of_its_own(stage: Stage) -> None:
    campaign = with_gifts(stage, 500, number=1)
    client: Client = signed_in(stage.finance)

    for name in ("ledger", "campaign_close"):
        page = client.get(reverse(f"grants:{name}", args=[campaign.grant.number]))
        assert "Added for card fees" in page.content.decode()
