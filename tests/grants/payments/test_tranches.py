"""What the tranches come to: floors, and the last takes the remainder."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.payments.tranches import amounts, percent


def test_floor_each_and_the_last_takes_the_remainder() -> None:
    assert amounts(2_352_341, [5000, 4000, 1000]) == [1_176_170, 940_936, 235_235]


@given(
    payable=st.integers(min_value=-(10**9), max_value=10**12),
    cuts=st.lists(st.integers(min_value=0, max_value=10_000), max_size=6),
)
def test_nothing_is_lost(payable: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 10_000]
    shares = [end - start for start, end in pairwise(edges)]

    parts = amounts(payable, shares)

    assert sum(parts) == max(0, payable)
    assert all(part >= 0 for part in parts)


@pytest.mark.parametrize("shares", [[5000], [], [12_000, -2000]])
def test_shares_that_are_not_the_whole_are_refused(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="10000"):
        amounts(100, shares)


@pytest.mark.parametrize(("share", "text"), [(5000, "50%"), (1250, "12.5%"), (3333, "33.33%"), (5, "0.05%")])
def test_a_share_reads_as_percent(share: int, text: str) -> None:
    assert percent(share) == text
