"""What the accounts of a grant hold: what is in dispute apart, and several funds behind one match, in their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.agreements.invariants import terms_name_a_wording_that_is_kept
from grants.campaigns import invariants
from grants.campaigns.accounts import Sums, fill, standing
from grants.campaigns.actions import close_campaign, plan_campaign, raise_cap, record_dispute, refund_gift
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import WORDS, Stage, grant_in_force
from grants.funds import invariants as of_funds
from grants.funds.actions import create_fund, top_up
from grants.funds.models import Account, LedgerTransaction, MatchFund
from grants.payments.actions import open_campaign
from tests.factories.campaigns import fresh, give, opened

SHARES = [(1, 50), (2, 30), (1, 20)]


def breaches() -> list[str]:
    return [sentence for invariant in (*invariants.INVARIANTS, *of_funds.INVARIANTS) for sentence in invariant()]


@pytest.mark.parametrize(
    ("total", "parts"), [(0, [0, 0, 0]), (50, [50, 0, 0]), (51, [50, 1, 0]), (85, [50, 30, 5]), (100, [50, 30, 20])]
)
def test_shares_are_used_one_after_the_other(total: int, parts: list[int]) -> None:
    assert [part for _, part in fill(SHARES, total)] == parts


@given(
    shares=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    data=st.data(),
)
def test_what_the_accounts_hold_sums_to_zero_and_to_the_cap(shares: list[int], data: st.DataObject) -> None:
    matched = data.draw(st.integers(0, sum(shares)))
    risk = data.draw(st.integers(0, matched))
    held = standing(
        Sums(raised=500, fees=20, matched=matched, risk_net=-3, risk_match=risk),
        [(fund % 3, most) for fund, most in enumerate(shares)],
    )

    def total(kind: str) -> int:
        return sum(amount for (_, name), amount in held.items() if name == kind)

    assert sum(total(kind) for kind in ("donors", "fees", "gifts", "disputed")) == 0
    assert total("matched") + total("at_risk") == matched
    assert (total("at_risk"), total("reserved")) == (risk, sum(shares) - matched)
    assert all(held[place] >= 0 for place in held if place[1] in {"matched", "at_risk", "reserved"})


def balances(campaign: Campaign) -> dict[str, dict[str, int]]:
    """Return by fund what its accounts of the grant hold, those with nothing left out."""
    found: dict[str, dict[str, int]] = {}
    for row in Account.objects.filter(reference=campaign.grant.number).exclude(balance_minor=0).select_related("fund"):
        found.setdefault(row.fund.name, {})[row.kind] = row.balance_minor
    return found


def dispute(campaign: Campaign, key: str, status: str, stage: Stage, name: str = "p") -> None:
    record_dispute(campaign=campaign, gift_key=key, dispute_key=name, status=status, by=stage.machine)


def test_a_dispute_moves_the_gift_and_its_match_and_a_won_one_moves_them_back(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance, fee_minor=20)
    before = balances(campaign)

    dispute(campaign, "a", "open", stage)
    during, payable = balances(campaign)["Simulated fund"], fresh(campaign).payable_minor()
    dispute(campaign, "a", "won", stage)

    assert during == {"donors": -600, "fees": 20, "disputed": 580, "reserved": 400, "at_risk": 600}
    assert payable == 0
    assert balances(campaign) == before
    kinds = list(
        LedgerTransaction.objects.filter(reference=campaign.grant.number).order_by("pk").values_list("kind", flat=True)
    )
    assert kinds == ["reserve", "gift", "dispute", "dispute"]
    assert breaches() == []


def test_a_lost_dispute_refunds_from_what_was_at_risk(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance, fee_minor=20)
    dispute(campaign, "a", "open", stage)

    dispute(campaign, "a", "lost", stage)

    assert balances(campaign)["Simulated fund"] == {"fees": 20, "gifts": -20, "reserved": 1_000}
    assert fresh(campaign).at_risk() == {"match": 0, "net": 0, "fees": 0}
    assert breaches() == []


def test_two_disputes_about_a_gift_move_it_once(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance)

    for name, status in (("p", "open"), ("q", "open"), ("p", "won")):
        dispute(campaign, "a", status, stage, name)
        assert balances(campaign)["Simulated fund"]["at_risk"] == 600
        assert breaches() == []
    refund_gift(campaign=campaign, gift_key="a", amount_minor=100, by=stage.finance)

    assert balances(campaign)["Simulated fund"] == {"donors": -500, "disputed": 500, "reserved": 500, "at_risk": 500}
    assert breaches() == []


def test_a_dispute_about_what_was_refunded_holds_the_fee_alone(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance, fee_minor=20)
    refund_gift(campaign=campaign, gift_key="a", by=stage.finance)

    dispute(campaign, "a", "open", stage)

    assert fresh(campaign).at_risk() == {"match": 0, "net": -20, "fees": 20}
    assert breaches() == []
    dispute(campaign, "a", "lost", stage)
    assert fresh(campaign).at_risk() == {"match": 0, "net": 0, "fees": 0}
    assert breaches() == []


def test_match_handed_to_a_gift_in_dispute_is_at_risk(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 900, by=stage.finance)
    give(campaign, "b", 500, by=stage.finance)
    dispute(campaign, "b", "open", stage)

    refund_gift(campaign=campaign, gift_key="a", amount_minor=300, by=stage.finance)

    assert fresh(campaign).at_risk() == {"match": 400, "net": 500, "fees": 0}
    assert balances(campaign)["Simulated fund"]["at_risk"] == 400
    assert breaches() == []


def fund(stage: Stage, name: str, minor: int = 10_000) -> MatchFund:
    made = create_fund(name=name, currency="USD", programmes=[stage.programme], by=stage.finance)
    top_up(fund=made, amount_minor=minor, key="first", by=stage.finance)
    return made


def shared(stage: Stage, number: int, *, cap: int, **parts: int) -> Campaign:
    """Return an open campaign whose match comes from the stage's fund and then from others, by name."""
    further = [(fund(stage, name), minor) for name, minor in parts.items()]
    grant = grant_in_force(stage, number, cap_minor=cap, further=further)
    campaign = plan_campaign(grant=grant, slug=f"shared-{number}", words=WORDS, by=stage.officer)
    return open_campaign(campaign=campaign, by=stage.officer)


def match_of(campaign: Campaign) -> dict[str, dict[str, int]]:
    kinds = ("reserved", "matched", "at_risk")
    return {
        name: {kind: held[kind] for kind in kinds if kind in held} for name, held in balances(campaign).items()
    }  # fmt: skip


def test_the_match_comes_from_the_first_fund_until_its_share_is_used(stage: Stage) -> None:
    campaign = shared(stage, 701, cap=1_000, Second=300, Third=200)

    gift = give(campaign, "a", 700, by=stage.finance)

    assert match_of(campaign) == {
        "Simulated fund": {"matched": 500}, "Second": {"reserved": 100, "matched": 200}, "Third": {"reserved": 200},
    }  # fmt: skip
    assert gift.entries.count() == 1
    posted = gift.entries.get().transaction
    assert [posted in LedgerTransaction.objects.for_page(each) for each in MatchFund.objects.order_by("pk")] == [
        True, True, False,
    ]  # fmt: skip
    assert breaches() == []


def test_released_money_goes_back_where_it_came_from_the_last_first(stage: Stage) -> None:
    campaign = shared(stage, 702, cap=1_000, Second=300, Third=200)
    give(campaign, "a", 600, by=stage.finance)
    give(campaign, "b", 350, by=stage.finance)

    refund_gift(campaign=campaign, gift_key="a", amount_minor=400, by=stage.finance)

    assert match_of(campaign) == {
        "Simulated fund": {"matched": 500}, "Second": {"reserved": 250, "matched": 50}, "Third": {"reserved": 200},
    }  # fmt: skip
    assert breaches() == []


def test_what_is_in_dispute_is_what_would_go_back_first(stage: Stage) -> None:
    campaign = shared(stage, 703, cap=1_000, Second=300)
    give(campaign, "a", 600, by=stage.finance)
    give(campaign, "b", 200, by=stage.finance)

    dispute(campaign, "a", "open", stage)

    assert match_of(campaign) == {
        "Simulated fund": {"matched": 200, "at_risk": 500}, "Second": {"reserved": 200, "at_risk": 100},
    }  # fmt: skip
    assert breaches() == []


def test_closing_gives_each_fund_its_rest_and_later_refunds_too(stage: Stage) -> None:
    campaign = shared(stage, 704, cap=1_000, Second=300)
    give(campaign, "a", 800, by=stage.finance)
    funds = {each.name: each for each in MatchFund.objects.all()}
    free = {name: each.free_now() for name, each in funds.items()}

    close_campaign(campaign=campaign, by=stage.finance)
    rest = {name: each.free_now() - free[name] for name, each in funds.items()}
    refund_gift(campaign=campaign, gift_key="a", amount_minor=150, by=stage.finance)
    later = {name: each.free_now() - free[name] for name, each in funds.items()}

    assert rest == {"Simulated fund": 0, "Second": 200}
    assert later == {"Simulated fund": 50, "Second": 300}
    assert breaches() == []


def test_a_raised_cap_is_used_last_and_moves_no_earned_match(stage: Stage) -> None:
    campaign = shared(stage, 705, cap=1_000, Second=300)
    give(campaign, "a", 900, by=stage.finance)
    before = match_of(campaign)["Second"]["matched"]

    raise_cap(campaign=campaign, cap_minor=1_400, by=stage.machine)
    give(campaign, "b", 150, by=stage.finance)

    assert (before, match_of(campaign)["Second"]) == (200, {"matched": 300})
    assert match_of(campaign)["Simulated fund"] == {"reserved": 350, "matched": 750}
    assert breaches() == []


@pytest.mark.parametrize("kind", ["at_risk", "disputed"])
def test_the_invariants_see_an_account_that_is_not_what_the_gifts_say(stage: Stage, kind: str) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance)
    dispute(campaign, "a", "open", stage)
    before = breaches()

    Account.objects.filter(kind=kind).update(balance_minor=7)
    Campaign.objects.update(risk_match_minor=5)

    found = "\n".join(breaches())
    assert before == []
    for words in (f"the account {kind} holds 7, not 600", "the match in dispute is 5, its gifts say 600"):
        assert words in found


def test_terms_that_name_no_wording_are_a_finding_and_no_crash(stage: Stage) -> None:
    opened(stage)
    assert [said.partition(": ")[2] for said in terms_name_a_wording_that_is_kept()] == ["They name no wording."]
