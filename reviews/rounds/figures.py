"""The figures of one round, from the first version of each review: agreement by criterion, severity by reviewer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reviews.rounds.agreement import (
    RESAMPLES,
    Alike,
    Interval,
    NoAlpha,
    alike,
    alpha_interval,
    alpha_of,
    patterns,
)
from reviews.rounds.severity import Spread, means_of, severities, spread_of
from vetting_portal.money import MINUS

ENOUGH = 5  # submissions read by two or more, below which nothing is concluded
FEW = 10  # submissions below which a figure is said to rest on few


def said(value: float, *, signed: bool = False) -> str:
    """Return a figure with two decimals and a true minus; ``signed`` puts a plus before what is above zero."""
    text = f"{value:+.2f}" if signed else f"{value:.2f}"
    return "0.00" if float(text) == 0 else text.replace("-", MINUS)


@dataclass(frozen=True, slots=True)
class FirstVersion:
    """What one reviewer submitted first for one submission: the scores by criterion, None for "not applicable"."""

    reviewer_id: int
    reviewer: str
    submission_id: int
    scores: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """One criterion over the round: α or why there is none, its interval, and the pairs that are alike."""

    code: str
    title: str
    submissions: int
    scores: int
    alpha: float | None
    why: str
    interval: Interval | None
    alike: Alike

    @property
    def is_few(self) -> bool:
        """Whether the figure rests on few submissions."""
        return self.submissions < FEW

    @property
    def alpha_text(self) -> str:
        """α for show, or why there is none."""
        return self.why if self.alpha is None else said(self.alpha)

    @property
    def interval_text(self) -> str:
        """The interval for show; a dash where there is none."""
        return f"{said(self.interval.low)} to {said(self.interval.high)}" if self.interval else "–"

    @property
    def drawn(self) -> tuple[str, str, float | None, Interval | None, str]:
        """What the drawing takes: code, title, α, interval, and the figure in words."""
        return self.code, self.title, self.alpha, self.interval, "–" if self.alpha is None else said(self.alpha)


@dataclass(frozen=True, slots=True)
class ReviewerFigures:
    """One reviewer over the round: how many shared reviews, the mean score given there, and the severity in points."""

    reviewer_id: int
    name: str
    reviews: int
    mean: float
    raw: float
    shrunk: float | None

    @property
    def mean_text(self) -> str:
        """The mean score for show."""
        return said(self.mean)

    @property
    def raw_text(self) -> str:
        """The raw difference for show."""
        return said(self.raw, signed=True)

    @property
    def shrunk_text(self) -> str:
        """The severity for show; a dash where the round is too small."""
        return "–" if self.shrunk is None else said(self.shrunk, signed=True)

    @property
    def drawn(self) -> tuple[str, str, float | None, None, str]:
        """What the drawing takes."""
        return "", self.name, self.shrunk, None, self.shrunk_text


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """All that the page of a round says."""

    reviews: int
    submissions: int
    shared: int
    criteria: tuple[CriterionFigures, ...]
    reviewers: tuple[ReviewerFigures, ...]
    spread: Spread | None
    resamples: int = RESAMPLES

    @property
    def finding(self) -> str:
        """The criterion with the least agreement, in words: what the drawing shows first.

        Nothing is concluded from fewer than five submissions, of the round or of the criterion.
        """
        if not self.is_enough:
            return f"Too little to conclude from: that takes {ENOUGH} submissions that two or more reviewers have read."
        told = [one for one in self.criteria if one.alpha is not None and one.submissions >= ENOUGH]
        if not told:
            return "No criterion has an α to conclude from yet."
        least = min(told, key=lambda one: one.alpha or 0.0)
        return f"Least agreement: {least.code} {least.title}, α {least.alpha_text}."

    @property
    def is_enough(self) -> bool:
        """Whether enough submissions were read by two or more to conclude anything."""
        return self.shared >= ENOUGH

    @property
    def drawn_criteria(self) -> list[tuple[str, str, float | None, Interval | None, str]]:
        """The criteria as the drawing takes them."""
        return [one.drawn for one in self.criteria]

    @property
    def drawn_reviewers(self) -> list[tuple[str, str, float | None, None, str]]:
        """The reviewers as the drawing takes them, the most severe first."""
        return [one.drawn for one in self.reviewers]

    @property
    def is_told(self) -> bool:
        """Whether the round is large enough to tell severity from chance."""
        return any(one.shrunk is not None for one in self.reviewers)


def criterion_figures(code: str, title: str, units: Sequence[Sequence[int | None]]) -> CriterionFigures:
    """Return the figures of one criterion; ``units`` are the scores of each submission."""
    counted = patterns(units)
    alpha = alpha_of(counted)
    is_number = not isinstance(alpha, NoAlpha)
    return CriterionFigures(
        code=code,
        title=title,
        submissions=sum(times for _, times in counted),
        scores=sum(sum(pattern) * times for pattern, times in counted),
        alpha=alpha if not isinstance(alpha, NoAlpha) else None,
        why="" if is_number else str(alpha),
        interval=alpha_interval(counted) if is_number else None,
        alike=alike(units),
    )


def round_figures(criteria: Sequence[tuple[str, str]], firsts: Sequence[FirstVersion]) -> RoundFigures:
    """Return the figures of a round; ``criteria`` are the codes and titles of its checklist, in order."""
    by_submission: dict[int, list[FirstVersion]] = defaultdict(list)
    for first in firsts:
        by_submission[first.submission_id].append(first)
    judged = means_of({(one.reviewer_id, one.submission_id): one.scores for one in firsts})
    severity = severities(judged)
    names = {first.reviewer_id: first.reviewer for first in firsts}
    means = {reviewer: [one.mean for one in judged if one.reviewer == reviewer] for reviewer in severity}
    reviewers = [
        ReviewerFigures(
            reviewer_id=reviewer,
            name=names[reviewer],
            reviews=found.reviews,
            mean=sum(means[reviewer]) / len(means[reviewer]),
            raw=found.raw,
            shrunk=found.shrunk,
        )
        for reviewer, found in severity.items()
    ]
    return RoundFigures(
        reviews=len(firsts),
        submissions=len(by_submission),
        shared=len({one.submission for one in judged}),
        criteria=tuple(
            criterion_figures(code, title, [[one.scores.get(code) for one in read] for read in by_submission.values()])
            for code, title in criteria
        ),
        reviewers=tuple(sorted(reviewers, key=lambda one: (one.shrunk or 0.0, one.raw, one.name))),
        spread=spread_of(judged),
    )
