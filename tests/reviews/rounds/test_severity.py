"""Severity is the posterior mean of the model that its docstring states."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.rounds.severity import Judged, means_of, severities, spread_of


def a_round(*, reviewers=12, submissions=150, between=0.4, noise=0.3, seed=3):
    chance = Random(seed)  # noqa: S311 made-up scores
    effects = {reviewer: chance.gauss(0, between) for reviewer in range(reviewers)}
    judged = []
    for submission in range(submissions):
        level = chance.gauss(2.6, 0.5)
        judged += [
            Judged(reviewer, submission, level + effects[reviewer] + chance.gauss(0, noise))
            for reviewer in chance.sample(range(reviewers), chance.choice([2, 2, 3]))
        ]
    return judged, effects


def solved_whole(judged, ratio):
    """Return the effects from Henderson's mixed-model equations, solved at once."""
    submissions = sorted({one.submission for one in judged})
    readers = sorted({one.reviewer for one in judged})
    fixed, chosen = np.zeros((len(judged), len(submissions))), np.zeros((len(judged), len(readers)))
    for row, one in enumerate(judged):
        fixed[row, submissions.index(one.submission)] = chosen[row, readers.index(one.reviewer)] = 1
    left = np.block(
        [[fixed.T @ fixed, fixed.T @ chosen], [chosen.T @ fixed, chosen.T @ chosen + ratio * np.eye(len(readers))]]
    )
    scores = np.array([one.mean for one in judged])
    solution = np.linalg.solve(left, np.concatenate([fixed.T @ scores, chosen.T @ scores]))
    return dict(zip(readers, solution[len(submissions) :], strict=True))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9), st.integers(6, 30))
def test_severity_solves_the_mixed_model_equations(seed, reviewers, submissions):
    judged, _ = a_round(seed=seed, reviewers=reviewers, submissions=submissions)
    spread = spread_of(judged)
    if spread is None or not spread.between:
        return

    found = severities(judged)

    for reviewer, effect in solved_whole(judged, spread.within / spread.between).items():
        assert found[reviewer].shrunk == pytest.approx(effect, abs=1e-6)


def test_variances_of_a_large_round_are_found_again():
    judged, _ = a_round(reviewers=60, submissions=2000)

    spread = spread_of(judged)

    assert spread.within == pytest.approx(0.3**2, rel=0.1)
    assert spread.between == pytest.approx(0.4**2, rel=0.4)


def test_the_severe_and_the_mild_are_told_apart():
    judged, effects = a_round()

    found = severities(judged)

    middle = sum(effects.values()) / len(effects)
    assert max(abs(found[one].shrunk - (effects[one] - middle)) for one in effects) < 0.2
    assert min(found, key=lambda one: found[one].shrunk) == min(effects, key=effects.get)


def test_who_read_little_is_drawn_towards_zero():
    judged, _ = a_round(reviewers=6, submissions=60)
    judged += [Judged(99, 1000, 0.5), Judged(0, 1000, 3.5)]

    found = severities(judged)

    assert found[99].reviews == 1
    assert found[99].raw == -3.0
    assert -1.5 < found[99].shrunk < 0


def test_two_who_always_read_together_share_their_difference():
    judged = [
        Judged(j, s, 2 + s % 3 / 2 + (0.5 if j else -0.5) + 0.01 * ((s + j) % 2)) for s in range(20) for j in (0, 1)
    ]

    found = severities(judged)

    assert found[0].raw == pytest.approx(-1, abs=0.02)
    assert found[0].shrunk == pytest.approx(-0.5, abs=0.02)
    assert found[0].shrunk + found[1].shrunk == pytest.approx(0, abs=1e-9)


def test_reviewers_who_do_not_differ_are_all_at_zero():
    judged = [Judged(j, s, 2 + 0.3 * ((s + j) % 2)) for s in range(12) for j in (0, 1)]

    assert {one.shrunk for one in severities(judged).values()} == {0.0}


def test_a_round_too_small_says_nothing():
    judged = [Judged(1, 1, 3.0), Judged(2, 1, 2.0)]

    assert spread_of(judged) is None
    assert {one.shrunk for one in severities(judged).values()} == {None}
    assert severities([]) == {}


def test_means_compare_like_with_like():
    judged = means_of(
        {
            (1, 1): {"C1": 4, "C8": None, "C9": 2},
            (2, 1): {"C1": 2, "C8": 4, "C9": 2},
            (1, 2): {"C1": 4},
            (1, 3): {"C8": None},
            (2, 3): {"C8": 3},
        }
    )

    assert judged == [Judged(1, 1, 3.0), Judged(2, 1, 2.0)]
