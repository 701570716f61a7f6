"""How far reviewers agree on a criterion: Krippendorff's α with its interval, and the pairs that are alike.

A *unit* is one submission: the scores that its reviewers gave for the criterion, None for one that is missing. "Not
applicable" is missing too. A unit with fewer than two scores tells nothing of agreement and is left out.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from random import Random

POINTS = 5  # the scale: 0 to 4
RESAMPLES = 1000
SEED = 20_260_101
LEVEL = 0.95
LEAST_USABLE = 0.5  # share of the resamples that must show variation before an interval is given
PAIR = 2

type Unit = Sequence[int | None]
# How many reviewers gave each point of the scale, and in how many units: all that α depends on, in one order.
type Patterns = tuple[tuple[tuple[int, ...], int], ...]


class NoAlpha(StrEnum):
    """Why there is no α: these are findings, not numbers."""

    NO_PAIRS = "no submission has two scores"
    NO_VARIATION = "no variation"


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap interval: its ends, and how many of the resamples had an α at all."""

    low: float
    high: float
    usable: int
    resamples: int


@dataclass(frozen=True, slots=True)
class Alike:
    """The pairs of reviewers of the same submission: how many, how many alike, how many at most a point apart."""

    pairs: int
    exact: int
    near: int


def patterns(units: Iterable[Unit]) -> Patterns:
    """Return the units as counts a point of the scale, those with fewer than two scores left out.

    Raises ValueError for a score off the scale.
    """
    found: Counter[tuple[int, ...]] = Counter()
    for unit in units:
        given = [score for score in unit if score is not None]
        if any(not 0 <= score < POINTS for score in given):
            message = f"a score of {unit} is off the scale"
            raise ValueError(message)
        if len(given) >= PAIR:
            found[tuple(map(given.count, range(POINTS)))] += 1
    return tuple(sorted(found.items()))


def krippendorff_alpha(units: Iterable[Unit]) -> float | NoAlpha:
    """Return Krippendorff's α for ordinal data, or why there is none.

    α = 1 − D_o ÷ D_e = 1 − (n − 1) · Σ_{c<k} o_ck δ²_ck ÷ Σ_{c<k} n_c n_k δ²_ck, where n_c is how often the point c was
    given in units with two scores or more, n their sum, o_ck = Σ_u u_c u_k ÷ (m_u − 1) the coincidences of c and k
    within units of m_u scores, and δ²_ck = (Σ_{g=c}^{k} n_g − (n_c + n_k) ÷ 2)² the ordinal distance.
    Source: K. Krippendorff, Content Analysis, 3rd edition, section 11.3. 1 is full agreement, 0 what chance gives.
    """
    return alpha_of(patterns(units))


def alpha_of(counted: Patterns) -> float | NoAlpha:
    """Return α for counted units: see ``krippendorff_alpha``."""
    if not counted:
        return NoAlpha.NO_PAIRS
    alpha = _alpha([_coincidences(pattern) for pattern, _ in counted], [times for _, times in counted])
    return NoAlpha.NO_VARIATION if alpha is None else alpha


type _Part = tuple[tuple[int, ...], tuple[tuple[int, int, float], ...]]


def _coincidences(pattern: tuple[int, ...]) -> _Part:
    """Return what one unit adds: its scores by point, and its coincidences of different points (c, k, o_ck)."""
    others = sum(pattern) - 1
    pairs = combinations(range(POINTS), 2)
    return pattern, tuple((c, k, pattern[c] * pattern[k] / others) for c, k in pairs if pattern[c] and pattern[k])


def _alpha(parts: Sequence[_Part], times: Sequence[int]) -> float | None:
    """Return α where each part stands ``times`` over; None where every score is the same."""
    given = [0] * POINTS
    observed: dict[tuple[int, int], float] = {}
    for (pattern, coincidences), often in zip(parts, times, strict=True):
        if not often:
            continue
        for point, count in enumerate(pattern):
            given[point] += count * often
        for c, k, share in coincidences:
            observed[c, k] = observed.get((c, k), 0.0) + share * often
    up_to = [0]
    for count in given:
        up_to.append(up_to[-1] + count)
    seen = by_chance = 0.0
    for c, k in combinations(range(POINTS), 2):
        if given[c] and given[k]:
            distance = (up_to[k + 1] - up_to[c] - (given[c] + given[k]) / 2) ** 2
            seen += observed.get((c, k), 0.0) * distance
            by_chance += given[c] * given[k] * distance
    return 1 - (up_to[-1] - 1) * seen / by_chance if by_chance else None


@lru_cache(maxsize=1024)
def alpha_interval(counted: Patterns, *, resamples: int = RESAMPLES, seed: int = SEED) -> Interval | None:
    """Return the percentile interval (95%) of α over ``resamples`` draws of as many units, with replacement.

    The same units and seed give the same interval, whatever their order; it is kept for the same units. A resample in
    which every score is the same has no α and is not used; when half of them have none, or there is only one unit,
    there is no interval.
    """
    parts = [_coincidences(pattern) for pattern, _ in counted]
    population = [place for place, (_, times) in enumerate(counted) for _ in range(times)]
    if len(population) < PAIR:
        return None
    chance = Random(seed)  # noqa: S311 a drawn sample, no secret
    found = []
    for _ in range(resamples):
        drawn = Counter(chance.choices(population, k=len(population)))
        alpha = _alpha([parts[place] for place in drawn], list(drawn.values()))
        if alpha is not None:
            found.append(alpha)
    if len(found) < LEAST_USABLE * resamples:
        return None
    found.sort()
    tail = (1 - LEVEL) / 2
    return Interval(quantile(found, tail), quantile(found, 1 - tail), len(found), resamples)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the ordered values lie, linear between its two neighbours."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def alike(units: Iterable[Unit]) -> Alike:
    """Return how many pairs of scores for the same submission there are, how many equal, how many at most 1 apart."""
    pairs = exact = near = 0
    for unit in units:
        for one, other in combinations([score for score in unit if score is not None], 2):
            pairs += 1
            exact += one == other
            near += abs(one - other) <= 1
    return Alike(pairs, exact, near)
