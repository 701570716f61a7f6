"""α agrees with an independent implementation, and the rest of the figures with what can be counted by hand."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.rounds.agreement import (
    Alike,
    NoAlpha,
    alike,
    alpha_interval,
    krippendorff_alpha,
    patterns,
    quantile,
)

SCORE = st.one_of(st.none(), st.integers(0, 4))
UNITS = st.lists(st.lists(SCORE, min_size=1, max_size=6), min_size=1, max_size=40)


def by_the_package(units):
    """Return α as the package ``krippendorff`` computes it: raters in rows, units in columns, nan for missing."""
    raters = max(map(len, units))
    table = np.full((raters, len(units)), np.nan)
    for column, unit in enumerate(units):
        for rater, score in enumerate(unit):
            if score is not None:
                table[rater, column] = score
    return krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal", value_domain=list(range(5)))


@settings(max_examples=400, deadline=None)
@given(UNITS)
def test_alpha_agrees_with_an_independent_implementation(units):
    found = krippendorff_alpha(units)
    paired = [[score for score in unit if score is not None] for unit in units]
    told = {score for unit in paired if len(unit) >= 2 for score in unit}

    if not told:
        assert found == NoAlpha.NO_PAIRS
    elif len(told) == 1:
        assert found == NoAlpha.NO_VARIATION
    else:
        assert found == pytest.approx(by_the_package(units), abs=1e-9)


@given(UNITS)
def test_alpha_does_not_depend_on_the_order_of_submissions_or_reviewers(units):
    turned = [list(reversed(unit)) for unit in reversed(units)]

    assert krippendorff_alpha(turned) == krippendorff_alpha(units)


@given(UNITS, SCORE)
def test_a_submission_with_one_score_changes_nothing(units, score):
    assert krippendorff_alpha([*units, [score, None]]) == krippendorff_alpha(units)


def test_full_agreement_is_one_and_opposites_are_below_chance():
    assert krippendorff_alpha([[0, 0], [2, 2], [4, 4]]) == 1
    assert krippendorff_alpha([[0, 4], [4, 0], [0, 4]]) < 0


def test_a_nearer_score_counts_for_more():
    near = krippendorff_alpha([[0, 1], [2, 2], [4, 4], [1, 1]])
    far = krippendorff_alpha([[0, 4], [2, 2], [4, 4], [1, 1]])

    assert near > far


@pytest.mark.parametrize(
    ("units", "why"),
    [
        ([], NoAlpha.NO_PAIRS),
        ([[3], [None, 2], [None, None]], NoAlpha.NO_PAIRS),
        ([[3, 3], [3, None, 3], [1]], NoAlpha.NO_VARIATION),
    ],
)
def test_where_there_is_no_number_it_says_why(units, why):
    assert krippendorff_alpha(units) is why


@pytest.mark.parametrize("score", [-1, 5])
def test_a_score_off_the_scale_is_an_error(score):
    with pytest.raises(ValueError, match="off the scale"):
        krippendorff_alpha([[score, 1]])


def test_interval_is_the_same_for_the_same_scores_and_holds_alpha():
    units = [[2, 3], [4, 4], [1, 2], [3, 3], [0, 1], [2, 2], [4, 3], [1, 1], [3, 2], [0, 0]]
    interval = alpha_interval(patterns(units))
    alpha_interval.cache_clear()

    again = alpha_interval(patterns(list(reversed(units))))

    assert again == interval
    assert interval.resamples == interval.usable == 1000
    assert interval.low < krippendorff_alpha(units) < interval.high
    assert alpha_interval(patterns(units), seed=1) != interval


def test_interval_narrows_with_more_submissions():
    few = [[2, 3], [4, 4], [1, 2], [3, 3], [0, 1]]

    narrow, wide = alpha_interval(patterns(few * 40)), alpha_interval(patterns(few))

    assert narrow.high - narrow.low < (wide.high - wide.low) / 2


def test_interval_covers_what_it_should():
    """Of intervals of samples of one population about 95 in a hundred hold the population's own α."""
    chance = np.random.default_rng(7)
    truth = chance.integers(0, 5, 4000)
    scores = np.clip(truth[:, None] + chance.integers(-1, 2, (4000, 2)), 0, 4).tolist()
    population = krippendorff_alpha(scores)

    held = 0
    for _ in range(100):
        sample = [scores[place] for place in chance.choice(4000, 60, replace=False)]
        interval = alpha_interval(patterns(sample), resamples=200)
        held += interval.low <= population <= interval.high

    assert 86 <= held <= 100


@pytest.mark.parametrize("units", [[], [[1, 2]], [[3, 3]] * 9])
def test_too_little_for_an_interval(units):
    assert alpha_interval(patterns(units)) is None


def test_resamples_without_variation_are_not_used():
    interval = alpha_interval(patterns([[3, 3]] * 4 + [[1, 1]] * 2))

    assert interval.usable < interval.resamples


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.floats(0, 1))
def test_quantile_is_that_of_numpy(values, share):
    assert quantile(sorted(values), share) == pytest.approx(float(np.quantile(values, share)), abs=1e-9)


def test_pairs_that_are_alike_are_counted():
    assert alike([[4, 4, 3], [2, None], [0, 2], [1, 0]]) == Alike(pairs=5, exact=1, near=4)
    assert alike([]) == Alike(0, 0, 0)
