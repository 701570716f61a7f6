"""How severe each reviewer is, beside those who read the same submissions. Numbers in, numbers out; no database."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SWEEPS = 2000
STILL = 1e-11  # points of the scale: a sweep that changes less has ended
PAIR = 2
LEAST_RATIO = 1e-9  # keeps the shrinkage defined where the scores leave no noise at all


@dataclass(frozen=True, slots=True)
class Judged:
    """One review: whose, of which submission, and its mean score there (0 to 4)."""

    reviewer: int
    submission: int
    mean: float


@dataclass(frozen=True, slots=True)
class Severity:
    """One reviewer: over how many shared submissions, the raw difference and the shrunk one, in points of the scale.

    Below zero is severe, above zero is mild. ``shrunk`` is None where the round is too small to tell.
    """

    reviews: int
    raw: float
    shrunk: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """What the round says of its own noise: variance within a submission, and between reviewers."""

    within: float
    between: float


def means_of(reviews: Mapping[tuple[int, int], Mapping[str, int | None]]) -> list[Judged]:
    """Return each review's mean over the criteria that all reviews of its submission scored: like beside like.

    ``reviews`` maps (reviewer, submission) to the scores by criterion. A submission with one review tells nothing.
    """
    by_submission: dict[int, list[int]] = defaultdict(list)
    for reviewer, submission in reviews:
        by_submission[submission].append(reviewer)
    judged = []
    for submission, readers in sorted(by_submission.items()):
        if len(readers) < PAIR:
            continue
        given = [reviews[reader, submission] for reader in readers]
        codes = [code for code in given[0] if all(scores.get(code) is not None for scores in given)]
        for reader, scores in zip(readers, given, strict=True) if codes else ():
            judged.append(Judged(reader, submission, sum(scores[code] or 0 for code in codes) / len(codes)))
    return judged


def severities(judged: Sequence[Judged]) -> dict[int, Severity]:
    """Return each reviewer's severity, raw and shrunk, by empirical Bayes in a two-way model.

    Model: x_js = μ_s + θ_j + ε_js, with x_js the mean score of reviewer j for submission s, θ_j ~ N(0, τ²) and
    ε_js ~ N(0, σ²). The estimate is the posterior mean

        θ_j = n_j ÷ (n_j + σ²/τ²) · mean over s of (x_js − μ_s),   μ_s = mean over j of (x_js − θ_j),

    solved by turns: who read little is drawn far towards 0, who read much hardly. It allows for the company: two who
    always read together share their difference. σ² and τ² come from the round itself (Henderson's method III):
    σ² = RSS ÷ (N − S − J + C), τ² = max(0, (SS − RSS − (J − C) σ²) ÷ (N − S)), where SS is the sum of squares within
    submissions, RSS what is left of it once reviewers are fitted, N reviews, S submissions, J reviewers, and C the
    groups of reviewers that never met. Without a degree of freedom left, nobody is shrunk to a number: it is None.
    The raw figure is the mean of x_js less the mean of the others who read s.
    """
    raw = _raw(judged)
    spread = spread_of(judged)
    counts = Counter(one.reviewer for one in judged)
    if spread is None:
        return {reviewer: Severity(counts[reviewer], raw[reviewer], None) for reviewer in raw}
    if not spread.between:
        return {reviewer: Severity(counts[reviewer], raw[reviewer], 0.0) for reviewer in raw}
    shrunk = _fit(judged, max(spread.within / spread.between, LEAST_RATIO))
    return {reviewer: Severity(counts[reviewer], raw[reviewer], shrunk[reviewer]) for reviewer in raw}


def spread_of(judged: Sequence[Judged]) -> Spread | None:
    """Return σ² and τ² of a round, or None where there are too few reviews to tell them apart."""
    reviewers = {one.reviewer for one in judged}
    submissions = {one.submission for one in judged}
    groups = len({min(group) for group in _groups(judged).values()})
    free = len(judged) - len(submissions) - len(reviewers) + groups
    if free <= 0:
        return None
    fitted = _fit(judged, 0)
    total, left = _squares(judged, dict.fromkeys(reviewers, 0.0)), _squares(judged, fitted)
    within = left / free
    between = (total - left - (len(reviewers) - groups) * within) / (len(judged) - len(submissions))
    return Spread(within, max(0.0, between))


def _raw(judged: Sequence[Judged]) -> dict[int, float]:
    """Return each reviewer's mean difference to the mean of the others who read the same submission."""
    by_submission = _by_submission(judged)
    apart: dict[int, list[float]] = defaultdict(list)
    for readings in by_submission.values():
        total = sum(one.mean for one in readings)
        for one in readings:
            apart[one.reviewer].append(one.mean - (total - one.mean) / (len(readings) - 1))
    return {reviewer: sum(values) / len(values) for reviewer, values in sorted(apart.items())}


def _by_submission(judged: Sequence[Judged]) -> dict[int, list[Judged]]:
    found: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        found[one.submission].append(one)
    return found


def _squares(judged: Sequence[Judged], effects: Mapping[int, float]) -> float:
    """Return the sum of squares within submissions, once ``effects`` are taken off."""
    total = 0.0
    for readings in _by_submission(judged).values():
        values = [one.mean - effects[one.reviewer] for one in readings]
        middle = sum(values) / len(values)
        total += sum((value - middle) ** 2 for value in values)
    return total


def _groups(judged: Sequence[Judged]) -> dict[int, set[int]]:
    """Return, for each reviewer, everybody they are joined to by submissions read together."""
    group: dict[int, set[int]] = {one.reviewer: {one.reviewer} for one in judged}
    for readings in _by_submission(judged).values():
        joined = set().union(*(group[one.reviewer] for one in readings))
        for member in joined:
            group[member] = joined
    return group


def _fit(judged: Sequence[Judged], ratio: float) -> dict[int, float]:
    """Return the reviewers' effects with σ²/τ² = ``ratio`` (0: not shrunk), centred within each group, by turns."""
    by_submission = list(_by_submission(judged).values())
    groups = {min(group): sorted(group) for group in _groups(judged).values()}.values()
    counts = Counter(one.reviewer for one in judged)
    effects = dict.fromkeys(counts, 0.0)
    for _ in range(SWEEPS):
        sums = dict.fromkeys(counts, 0.0)
        for readings in by_submission:
            middle = sum(one.mean - effects[one.reviewer] for one in readings) / len(readings)
            for one in readings:
                sums[one.reviewer] += one.mean - middle
        new = {reviewer: total / (counts[reviewer] + ratio) for reviewer, total in sums.items()}
        for group in groups:
            centre = sum(new[reviewer] for reviewer in group) / len(group)
            for reviewer in group:
                new[reviewer] -= centre
        change = max(abs(new[reviewer] - effects[reviewer]) for reviewer in new)
        effects = new
        if change < STILL:
            break
    return effects
