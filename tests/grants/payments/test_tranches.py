"""Shares of what is payable, and Schedule B as the money stands: nothing is lost, and nothing is paid twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.campaigns.budget import scaled
from grants.payments.tranches import WHOLE, Due, Part, amounts, due, percent

shares = st.lists(st.integers(min_value=0, max_value=WHOLE), min_size=0, max_size=5).map(
    lambda cuts: [high - low for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), WHOLE], strict=True)]
)


def test_shares_are_floored_and_the_last_takes_the_rest() -> None:
    assert amounts(10_001, [5000, 4000, 1000]) == [5_000, 4_000, 1_001]


@pytest.mark.parametrize("wrong", [[5000, 4000], [5000, 6000], [11_000, -1000]])
def test_shares_that_are_not_the_whole_are_refused(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match="sum to"):
        amounts(100, wrong)


@given(payable=st.integers(min_value=-(10**9), max_value=10**12), parts=shares)
def test_nothing_is_lost(payable: int, parts: list[int]) -> None:
    found = amounts(payable, parts)

    assert sum(found) == max(0, payable)
    assert all(part >= 0 for part in found)


def test_before_closing_a_tranche_takes_at_most_its_share_of_today() -> None:
    parts = [Part(5000, taken=500), Part(4000), Part(1000)]

    assert due(parts, payable=2_000) == [Due(500), Due(800), Due(200)]


def test_after_closing_the_last_takes_what_the_first_did_not() -> None:
    parts = [Part(5000, taken=500), Part(4000), Part(1000)]

    assert due(parts, payable=2_000, frozen=2_000) == [Due(500), Due(800), Due(700)]


def test_a_later_refund_is_netted_from_the_next_once() -> None:
    assert due([Part(5000, taken=500), Part(4000), Part(1000)], payable=900, frozen=1_000) == [
        Due(500),
        Due(300, netted=100),
        Due(100),
    ]
    assert due([Part(5000, taken=500), Part(4000, taken=300, netted=100), Part(1000)], payable=900, frozen=1_000) == [
        Due(500),
        Due(300, netted=100),
        Due(100),
    ]


def test_a_refund_larger_than_the_next_goes_on_to_the_one_after() -> None:
    found = due([Part(5000, taken=500), Part(4000), Part(1000)], payable=550, frozen=1_000)

    assert found == [Due(500), Due(0, netted=400), Due(50, netted=50)]


def test_a_cancelled_share_is_paid_to_nobody() -> None:
    parts = [Part(5000, taken=500), Part(4000), Part(1000, is_cancelled=True)]

    assert due(parts, payable=1_000, frozen=1_000) == [Due(500), Due(400), Due(0)]
    assert due([Part(WHOLE, is_cancelled=True)], payable=1_000, frozen=1_000) == [Due(0)]
    assert due([], payable=1_000) == []


@given(
    parts=shares,
    early=st.integers(min_value=0, max_value=10**9),
    frozen=st.integers(min_value=0, max_value=10**9),
    refunded=st.integers(min_value=0, max_value=10**9),
    paid=st.integers(min_value=0, max_value=5),
)
def test_paid_in_any_course_the_sum_is_what_is_payable(
    parts: list[int], early: int, frozen: int, refunded: int, paid: int
) -> None:
    """Some are paid while the campaign is open, it closes at another sum, refunds come: the last makes it even."""
    book = [Part(share) for share in parts]
    for at in range(min(paid, len(book) - 1)):
        book[at] = Part(book[at].share, taken=due(book, payable=early)[at].amount)
    payable = frozen - refunded
    for at, part in enumerate(book):
        if part.taken is None:
            found = due(book, payable=payable, frozen=frozen)[at]
            book[at] = Part(part.share, taken=found.amount, netted=found.netted)

    taken = [part.taken or 0 for part in book]
    before = sum(early * share // WHOLE for share in parts[: min(paid, len(book) - 1)])
    assert all(amount >= 0 for amount in taken)
    assert sum(taken) == max(payable, before, 0)


@pytest.mark.parametrize(
    ("payable", "expected"),
    [
        (3_000, [1_000, 1_000, 1_000]),
        (2_000, [667, 667, 666]),
        (1, [1, 0, 0]),
        (0, [0, 0, 0]),
        (-5, [0, 0, 0]),
        (9_999, [1_000, 1_000, 1_000]),
    ],
)
def test_below_the_goal_the_lines_shrink_in_proportion_the_last_first(payable: int, expected: list[int]) -> None:
    assert scaled([1_000, 1_000, 1_000], goal=3_000, payable=payable) == expected


def test_lines_that_are_not_the_goal_stay_as_they_are() -> None:
    assert scaled([1, 2], goal=30, payable=10) == [1, 2]


@given(lines=st.lists(st.integers(min_value=1, max_value=10**7), min_size=1, max_size=8), part=st.integers(0, 10**8))
def test_scaled_lines_sum_to_what_is_payable(lines: list[int], part: int) -> None:
    goal = sum(lines)
    found = scaled(lines, goal=goal, payable=part)

    assert sum(found) == min(part, goal)
    assert all(0 <= now <= line for now, line in zip(found, lines, strict=True))


def test_a_share_reads_as_percent() -> None:
    assert [percent(share) for share in (5000, 1250, 10_000, 1)] == ["50%", "12.5%", "100%", "0.01%"]
