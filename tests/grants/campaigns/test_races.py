"""Many at once: the cap holds to the cent, everything happens once, nobody waits for ever."""

from typing import Any

import pytest

from grants.campaigns import invariants
from grants.campaigns.actions import (
    close_campaign,
    pause_campaign,
    pots,
    record_dispute,
    record_gift,
    record_gifts,
    refund_gift,
)
from grants.campaigns.models import Campaign, CampaignEvent, Gift
from grants.campaigns.simulation.stage import Stage
from grants.reports.actions import accept_report, save_report, send_back_report, submit_report
from grants.reports.models import Report
from tests.factories.campaigns import FULL, fresh, give, matched, member_of, opened, report_of, row
from tests.support.races import Outcome, paused_before, run_together, without_locks
from vetting_portal.workflow import Refused

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MANY = 8


def breaches() -> list[str]:
    return [sentence for invariant in invariants.INVARIANTS for sentence in invariant()]


def give_at_once(stage: Stage, campaign: Campaign) -> list[Outcome]:
    def one(number: int) -> Any:
        return lambda: record_gift(campaign=campaign, row=row(f"g{number}", 3_000), by=stage.finance)

    return run_together(*[one(number) for number in range(MANY)])


def test_gifts_at_the_cap_earn_exactly_the_cap(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=10_000)

    outcomes = give_at_once(stage, campaign)

    assert all(outcome.went_through for outcome in outcomes), [outcome.error for outcome in outcomes]
    assert sorted(matched(campaign), reverse=True) == [3_000, 3_000, 3_000, 1_000, 0, 0, 0, 0]
    assert fresh(campaign).matched_minor == 10_000
    assert breaches() == []


def test_gifts_at_the_cap_go_wrong_without_the_lock(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=10_000)

    with without_locks(), paused_before(pots, "post_all", parties=MANY):
        outcomes = give_at_once(stage, campaign)

    assert not all(outcome.went_through for outcome in outcomes) or breaches()


def test_the_same_gift_at_once_is_one_gift(stage: Stage) -> None:
    campaign = opened(stage)

    outcomes = run_together(
        *[lambda: record_gift(campaign=campaign, row=row("a", 500), by=stage.finance)] * MANY,
    )

    assert [outcome.result[1] for outcome in outcomes].count(True) == 1
    assert (Gift.objects.count(), fresh(campaign).gross_minor) == (1, 500)


def test_the_same_refund_at_once_is_one_refund(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 900, by=stage.finance)
    give(campaign, "b", 900, by=stage.finance)

    outcomes = run_together(
        *[lambda: refund_gift(campaign=campaign, gift_key="a", refund_key="r", by=stage.finance)] * MANY,
    )

    assert [outcome.result.is_new for outcome in outcomes].count(True) == 1
    assert matched(campaign) == [0, 900]
    assert CampaignEvent.objects.count() == 1
    assert breaches() == []


def test_a_refund_and_a_lost_dispute_release_the_match_once(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 900, by=stage.finance)
    give(campaign, "b", 900, by=stage.finance)

    outcomes = run_together(
        lambda: refund_gift(campaign=campaign, gift_key="a", by=stage.finance),
        lambda: record_dispute(campaign=campaign, gift_key="a", dispute_key="p", status="lost", by=stage.machine),
    )

    assert all(outcome.went_through for outcome in outcomes), [outcome.error for outcome in outcomes]
    assert matched(campaign) == [0, 900]
    assert Gift.objects.get(key="a").state == "refunded"
    assert breaches() == []


def test_a_gift_is_refunded_in_whole_once_without_the_lock_it_is_not(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 900, by=stage.finance)

    with without_locks(), paused_before(pots, "post_all"):
        outcomes = run_together(
            *[lambda: refund_gift(campaign=campaign, gift_key="a", amount_minor=600, by=stage.finance)] * 2
        )

    assert not all(outcome.went_through for outcome in outcomes) or breaches()


def test_closing_among_gifts_and_refunds_ends_without_a_deadlock(stage: Stage) -> None:
    """Closing locks fund, grant and campaign and moves one; a full refund moves a gift; a gift moves nothing."""
    campaign = opened(stage, cap_minor=5_000)
    give(campaign, "a", 4_000, by=stage.finance)
    give(campaign, "b", 4_000, by=stage.finance)

    outcomes = run_together(
        lambda: close_campaign(campaign=campaign, by=stage.finance),
        lambda: refund_gift(campaign=campaign, gift_key="a", by=stage.finance),
        lambda: pause_campaign(campaign=campaign, by=stage.officer),
        *[
            lambda number=number: record_gifts(
                campaign=campaign, rows=[row(f"n{number}-{n}", 100) for n in range(5)], by=stage.finance
            )
            for number in range(3)
        ],
    )

    failed = [outcome.error for outcome in outcomes if outcome.error]
    assert all(isinstance(error, Refused) for error in failed), failed
    assert len(failed) <= 1  # pausing after closing
    assert fresh(campaign).state == "closed"
    assert breaches() == []


def two_close(stage: Stage, campaign: Campaign) -> list[Outcome]:
    with paused_before(Campaign, "save"):
        return run_together(*[lambda: close_campaign(campaign=campaign, by=stage.finance)] * 2)


def test_a_campaign_closes_once(stage: Stage) -> None:
    campaign = opened(stage)

    outcomes = two_close(stage, campaign)

    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [Refused]
    assert breaches() == []


def test_a_campaign_closes_twice_without_the_lock(stage: Stage) -> None:
    campaign = opened(stage)

    with without_locks():
        outcomes = two_close(stage, campaign)

    # The one statement a campaign can have stops the second at the last moment, as a fault that explains nothing.
    assert Refused not in [type(outcome.error) for outcome in outcomes]


def answer_at_once(stage: Stage, report: Report) -> list[Outcome]:
    with paused_before(Report, "save"):
        return run_together(
            lambda: accept_report(report=report, by=stage.officer),
            lambda: send_back_report(report=report, reason="Which shelters?", by=stage.officer),
        )


def sent(stage: Stage) -> Report:
    campaign = opened(stage)
    member, report = member_of(campaign.grant), report_of(campaign)
    save_report(report=report, words=FULL, by=member)
    return submit_report(report=report, by=member)


def test_a_report_gets_one_answer(stage: Stage) -> None:
    report = sent(stage)

    outcomes = answer_at_once(stage, report)

    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    now = Report.objects.get(pk=report.pk)
    assert (now.accepted_at is None) != (now.returned_at is None)


def test_a_report_gets_two_answers_without_the_lock(stage: Stage) -> None:
    report = sent(stage)

    with without_locks():
        outcomes = answer_at_once(stage, report)

    assert [outcome.went_through for outcome in outcomes] == [True, True]
