"""A submitted practice review beside the reference scores: how far apart, and on which side of a minimum."""

from dataclasses import dataclass
from fractions import Fraction

from partners.checklists.models import Criterion
from reviews.practice.content import Reference
from reviews.practice.fitting import is_reworded
from reviews.practice.models import PracticeAttempt, PracticeScore

TO_DISCUSS = 2  # points: from here on the reviewers of a real application have to settle it


@dataclass(frozen=True)
class Compared:
    """One criterion: the reviewer's score and the reference. ``minimum`` is the lowest score that passes, or None."""

    criterion: Criterion
    score: PracticeScore
    reference: Reference
    minimum: int | None

    @property
    def difference(self) -> int | None:
        """The reviewer's score less the reference; None where it was set to "not applicable"."""
        return None if self.score.value is None else self.score.value - self.reference.score

    @property
    def words(self) -> str:
        """How far apart they are, in words."""
        if self.difference is None:
            return "You set it to “not applicable”"
        if self.difference == 0:
            return "The same score"
        points = abs(self.difference)
        return f"{points} point{'s' if points > 1 else ''} {'higher' if self.difference > 0 else 'lower'}"

    @property
    def is_far(self) -> bool:
        """Whether two reviewers of a real application would have to settle it."""
        return self.difference is None or abs(self.difference) >= TO_DISCUSS or self.crosses_minimum

    @property
    def crosses_minimum(self) -> bool:
        """Whether one of the two passes the minimum requirement and the other fails it."""
        if self.minimum is None:
            return False
        passes = self.score.value is None or self.score.value >= self.minimum
        return passes != (self.reference.score >= self.minimum)

    @property
    def is_reworded(self) -> bool:
        """Whether the reference was given on other score descriptions than the reviewer read."""
        return is_reworded(self.criterion)


@dataclass(frozen=True)
class Comparison:
    """All criteria of a practice review, and what they come to."""

    rows: tuple[Compared, ...]

    @property
    def same(self) -> int:
        """How many scores are those of the reference."""
        return sum(row.difference == 0 for row in self.rows)

    @property
    def far(self) -> int:
        """How many would have to be settled."""
        return sum(row.is_far for row in self.rows)

    @property
    def tendency(self) -> str:
        """Whether the reviewer's scores are higher or lower on average, in words; empty where nothing was scored."""
        differences = [row.difference for row in self.rows if row.difference is not None]
        if not differences:
            return ""
        average = Fraction(sum(differences), len(differences))
        if not average:
            return "On average your scores are as high as the reference scores."
        hundredths = int(abs(average) * 100 + Fraction(1, 2))
        amount = f"{hundredths // 100}.{hundredths % 100:02d}"
        side = "higher" if average > 0 else "lower"
        return f"On average your scores are {amount} points {side} than the reference scores."


def comparison_of(attempt: PracticeAttempt) -> Comparison:
    """Return the comparison of a submitted practice review; each of its criteria has a score."""
    given, application = attempt.given(), attempt.application
    return Comparison(
        tuple(
            Compared(
                criterion,
                given[criterion.pk],
                application.references[criterion.lineage],
                criterion.minimum(application.facts),
            )
            for criterion in attempt.fit.scored
        )
    )
