"""Eligibility corrected and fees told later: the match follows the rule, whoever tells it again agrees."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from grants.campaigns import invariants
from grants.campaigns.actions import close_campaign, correct_eligibility, record_gift, refund_gift, tell_fee
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.simulation.stage import Stage
from grants.evidence.matched import match_events
from tests.factories.campaigns import fresh, give, matched, opened, row
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both
PLEDGE = "A pledge, not money."


def breaches() -> list[str]:
    return [sentence for invariant in invariants.INVARIANTS for sentence in invariant()]


def correct(campaign: Campaign, key: str, ineligible: str, stage: Stage) -> Gift:
    return correct_eligibility(
        campaign=campaign, gift_key=key, ineligible=ineligible, reason="The bank shows it.", by=stage.finance
    )


def test_a_gift_that_counts_after_all_earns_what_is_left_now(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=250)
    give(campaign, "pledge", 100, by=stage.finance, ineligible=PLEDGE)
    give(campaign, "b", 200, by=stage.finance)

    corrected = correct(campaign, "pledge", "", stage)

    assert matched(campaign) == [50, 200]
    assert (corrected.is_eligible, corrected.entitled_minor) == (True, 100)
    assert corrected.why_not_more() == "The match had no more room when it was recorded."
    entry = AuditEntry.objects.get(event="eligibility_corrected")
    assert (entry.words.note, entry.facts["is_eligible"]) == ("The bank shows it.", True)
    assert breaches() == []


def test_a_gift_that_does_not_count_hands_its_match_on(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=250)
    for key in "abc":
        give(campaign, key, 100, by=stage.finance)

    correct(campaign, "a", PLEDGE, stage)
    correct(campaign, "a", "Goods, not money.", stage)
    correct(campaign, "a", "Goods, not money.", stage)
    give(campaign, "d", 100, by=stage.finance)
    again = refund_gift(campaign=campaign, gift_key="a", amount_minor=40, by=stage.finance)

    assert matched(campaign) == [0, 100, 100, 50]
    assert again.gift.why_not_more() == "Goods, not money."
    assert AuditEntry.objects.filter(event="eligibility_corrected").count() == 2
    assert breaches() == []


def test_the_window_decides_and_no_officer(stage: Stage) -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    campaign = opened(stage, window_starts_at=start, window_ends_at=start + timedelta(days=60))
    late = give(campaign, "late", 100, by=stage.finance, received_at=start + timedelta(days=60))

    with pytest.raises(Refused, match="outside the match window"):
        correct(campaign, "late", "", stage)
    correct(campaign, "late", PLEDGE, stage)
    with pytest.raises(ValidationError, match="no gift"):
        correct(campaign, "none", "", stage)
    with pytest.raises(PermissionDenied):
        correct_eligibility(campaign=campaign, gift_key="late", ineligible="", by=stage.partner)

    assert late.why_not_more() == "Received outside the match window."
    assert matched(campaign) == [0]
    assert breaches() == []


def test_after_the_closing_nothing_is_matched_and_a_match_can_still_go(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=250)
    give(campaign, "pledge", 100, by=stage.finance, ineligible=PLEDGE)
    give(campaign, "a", 200, by=stage.finance)
    give(campaign, "b", 100, by=stage.finance)
    close_campaign(campaign=campaign, by=stage.finance)

    with pytest.raises(Refused, match="closed"):
        correct(campaign, "pledge", "", stage)
    correct(campaign, "a", PLEDGE, stage)
    now = fresh(campaign)

    assert (matched(campaign), now.frozen_matched_minor, now.matched_minor) == ([0, 0, 50], 250, 50)
    assert breaches() == []


def test_a_fee_is_told_once_and_lowers_a_match_on_the_net_basis(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=150, basis="net")
    give(campaign, "a", 100, by=stage.finance)
    give(campaign, "b", 100, by=stage.finance)

    tell_fee(campaign=campaign, gift_key="a", fee_minor=20, by=stage.machine)
    tell_fee(campaign=campaign, gift_key="a", fee_minor=20, by=stage.machine)
    for wrong in (21, 0):
        with pytest.raises(ValidationError):
            tell_fee(campaign=campaign, gift_key="a", fee_minor=wrong, by=stage.machine)
    with pytest.raises(PermissionDenied):
        tell_fee(campaign=campaign, gift_key="a", fee_minor=20, by=stage.officer)
    _, before = record_gift(campaign=campaign, row=row("a", 100), by=stage.finance)
    _, after = record_gift(campaign=campaign, row=row("a", 100, fee_minor=20), by=stage.finance)

    assert matched(campaign) == [80, 70]
    assert (fresh(campaign).fees_minor, before, after) == (20, False, False)
    assert breaches() == []


def test_the_evidence_tells_what_was_learnt_later(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=250)
    give(campaign, "a", 100, by=stage.finance, ineligible=PLEDGE)
    give(campaign, "b", 100, by=stage.finance)
    correct(campaign, "a", "", stage)
    correct(campaign, "b", "The donor is Ana's aunt.", stage)
    tell_fee(campaign=campaign, gift_key="a", fee_minor=3, by=stage.machine)

    events = match_events(campaign)["vectors"][0]["events"]

    assert [{name: value for name, value in event.items() if name not in {"donor", "at"}} for event in events] == [
        {"gift": "a", "gross": 100, "fee": 0, "ineligible": "not eligible"},
        {"gift": "b", "gross": 100, "fee": 0},
        {"eligibility": "a"},
        {"eligibility": "b", "ineligible": "not eligible"},
        {"fee_of": "a", "fee": 3},
    ]


def test_every_gift_says_why_it_is_not_matched_further(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=300, donor_cap_minor=90, gift_cap_minor=80)
    give(campaign, "capped", 100, by=stage.finance, donor_name="Ana")
    give(campaign, "donor", 60, by=stage.finance, donor_name="Ana")
    give(campaign, "back", 10, by=stage.finance, donor_name="Ben")
    refund_gift(campaign=campaign, gift_key="back", by=stage.finance)
    give(campaign, "whole", 50, by=stage.finance, donor_name="Cy")

    said = {gift.key: gift.why_not_more() for gift in fresh(campaign).gifts.select_related("donor")}

    assert said == {
        "capped": "The match gives no more to one gift.",
        "donor": "This donor’s gifts have earned what the match gives to one donor.",
        "back": "All of it was refunded.",
        "whole": "",
    }
