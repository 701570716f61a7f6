"""What terms would pay: the worked gap of R8, and the same as playing every gift by the rule."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.matching.book import Book
from grants.matching.events import GiftEvent
from grants.matching.matching import MatchRule
from grants.matching.outlook import FeeModel, as_of, fees, outlook, patterns, sizes_up_to, source

CARD = FeeModel(290, 30)


def test_150_gifts_of_100_leave_a_gap_of_480() -> None:
    sums = outlook(MatchRule(), goal=3_000_000, cap=1_500_000, gifts=1_500_000, sizes=[10_000], fee=CARD)

    assert (sums.gifts, sums.gross, sums.fees) == (150, 1_500_000, 48_000)
    assert (sums.matched, sums.payable, sums.gap) == (1_500_000, 2_952_000, 48_000)
    assert (sums.reached_after, sums.reached_at) == (150, 1_500_000)


def test_a_top_up_closes_the_gap_and_is_at_most_the_fees() -> None:
    terms: dict[str, Any] = {"goal": 3_000_000, "cap": 1_500_000, "gifts": 1_500_000, "sizes": [10_000], "fee": CARD}

    half, more = (outlook(MatchRule(), top_up=minor, **terms) for minor in (24_000, 60_000))

    assert (half.top_up, half.payable, half.gap) == (24_000, 2_976_000, 24_000)
    assert (more.top_up, more.payable, more.gap) == (48_000, 3_000_000, 0)


def test_on_the_net_basis_the_cap_is_not_reached() -> None:
    sums = outlook(MatchRule(basis="net"), goal=3_000_000, cap=1_500_000, gifts=1_500_000, sizes=[10_000], fee=CARD)

    assert (sums.matched, sums.unused, sums.reached_after, sums.reached_at) == (1_452_000, 48_000, None, None)


def test_a_fee_is_rounded_half_up() -> None:
    assert [CARD.of(gross) for gross in (10_000, 2_500, 50, 51)] == [320, 103, 31, 31]
    assert [FeeModel(290, 0).of(gross) for gross in (50, 51, 17, 18)] == [1, 1, 0, 1]


def test_gifts_come_to_the_sum_and_the_last_may_be_smaller() -> None:
    assert sizes_up_to(100, [40, 20]) == (1, [40])
    assert sizes_up_to(95, [40, 20]) == (1, [35])
    assert sizes_up_to(110, [40, 20]) == (1, [40, 10])
    assert sizes_up_to(0, [40]) == (0, [])
    with pytest.raises(ValueError, match="more than zero"):
        sizes_up_to(10, [])


sizes = st.lists(st.integers(min_value=1, max_value=60), min_size=1, max_size=4)
small = st.none() | st.integers(min_value=1, max_value=50)
rules = st.builds(
    MatchRule,
    ratio_p=st.integers(1, 3),
    ratio_q=st.integers(1, 3),
    basis=st.sampled_from(["gross", "net"]),
    donor_cap=small,
    gift_cap=small,
)


@given(rule=rules, cap=st.integers(0, 400), gifts=st.integers(0, 500), sizes=sizes, top_up=st.integers(0, 90),
       fee=st.builds(FeeModel, st.integers(0, 1_500), st.integers(0, 5)))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_it_is_what_the_rule_pays_gift_by_gift(
    rule: MatchRule, cap: int, gifts: int, sizes: list[int], top_up: int, fee: FeeModel
) -> None:
    book, used_up = Book(rule, cap=cap), None
    rounds, last = sizes_up_to(gifts, sizes)
    for number, gross in enumerate([*sizes * rounds, *last], start=1):
        book.play(number, GiftEvent(f"g{number}", f"d{number}", gross, fee.of(gross)))
        if cap and book.matched == cap and used_up is None:
            used_up = number, sum(gift.event.gross for gift in book.gifts.values())
    told = book.answer()

    sums = outlook(rule, goal=800, cap=cap, gifts=gifts, sizes=sizes, fee=fee, top_up=top_up)

    assert (sums.gross, sums.fees, sums.matched) == (told["gross"], told["fees"], told["matched"])
    assert sums.payable == told["payable"] + min(top_up, told["fees"])
    assert (sums.gap, sums.gifts, sums.gross) == (800 - sums.payable, len(told["gifts"]), gifts)
    assert (sums.reached_after, sums.reached_at) == (used_up or (None, None))


def test_the_table_is_dated_and_follows_the_currency() -> None:
    date.fromisoformat(as_of())
    assert source()
    assert fees(100)[0].model == CARD
    assert [fee.model.fixed_minor for fee in fees(1)] == [0, 0, 0, 0]
    assert [pattern.key for pattern in patterns("USD", 100)] == ["small", "typical", "large"]
    assert patterns("USD", 100)[1].sizes == (10_000,)
    assert patterns("JPY", 1)[1].sizes == (10_000,)
    assert patterns("KWD", 1000)[1].sizes == (100_000,)
