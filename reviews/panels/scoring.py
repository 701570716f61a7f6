"""The arithmetic of a panel, exact: composites, bands, gates and disagreement. Numbers in, numbers out; no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from math import floor

TOP_SCORE = 4
WHOLE = 100
RECOMMEND_FROM = 75
CONDITIONS_FROM = 60
SPREAD_TO_MODERATE = 2
REVIEWS_NEEDED = 2


class Band(StrEnum):
    """What the score and the gates allow."""

    RECOMMEND = "recommend"
    CONDITIONS = "conditions"
    DECLINE = "decline"


class Gate(StrEnum):
    """How a gate stands."""

    PASS = "pass"  # noqa: S105 a gate, no password
    PENDING = "pending"
    FAIL = "fail"


class _NotApplicable:
    """The one value that says "not applicable": no number, no blank."""

    def __repr__(self) -> str:
        return "n/a"


NOT_APPLICABLE = _NotApplicable()
type Given = int | _NotApplicable


@dataclass(frozen=True, slots=True)
class Asked:
    """A scored criterion as one submission meets it: ``minimum`` is its gate under this submission's facts."""

    code: str
    title: str
    weight: int
    minimum: int | None = None
    applies_by_facts: bool | None = None  # None: not conditional


@dataclass(frozen=True, slots=True)
class RecordGate:
    """A gate that follows from records, with the reasons why it does not pass (yet)."""

    code: str
    title: str
    state: Gate
    reasons: tuple[str, ...] = ()
    counts: bool = True  # C14 gates payment alone
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion over all submitted reviews."""

    code: str
    title: str
    weight: int
    scores: tuple[int, ...]
    not_applicable: int
    mean: Fraction | None
    spread: int
    gate: int | None
    gate_state: Gate | None  # None: no gate, or it applies to nobody
    must_moderate: bool
    is_contested: bool  # set "not applicable" although the partner's answers say that it applies

    @property
    def lowest(self) -> int | None:
        """The lowest submitted score."""
        return min(self.scores, default=None)

    @property
    def mean_text(self) -> str:
        """The mean for show."""
        return "n/a" if self.mean is None else two_decimals(self.mean)


@dataclass(frozen=True, slots=True)
class PanelScores:
    """What the submitted reviews add up to."""

    composites: tuple[Fraction, ...]
    composite: Fraction | None
    rows: tuple[Row, ...]
    record_gates: tuple[RecordGate, ...] = ()
    band: Band | None = None
    failed: tuple[str, ...] = field(default=())
    pending: tuple[str, ...] = field(default=())

    @property
    def to_moderate(self) -> tuple[Row, ...]:
        """The criteria that need a recorded resolution."""
        return tuple(row for row in self.rows if row.must_moderate)

    @property
    def composite_text(self) -> str:
        """The panel composite for show: two decimals, half up."""
        return "–" if self.composite is None else two_decimals(self.composite)


def composite(weights: Mapping[str, int], scores: Mapping[str, Given]) -> Fraction:
    """Return Σ weight × score ÷ 4 over the criteria that apply, re-normalised to 100.

    Raises ValueError for a blank: it is never a zero.
    """
    counted = 0
    total = Fraction(0)
    for code, weight in weights.items():
        score = scores.get(code)
        if score is None:
            message = f"{code} has no score"
            raise ValueError(message)
        if isinstance(score, _NotApplicable):
            continue
        if not 0 <= score <= TOP_SCORE:
            message = f"{code} has the score {score}, outside 0 to {TOP_SCORE}"
            raise ValueError(message)
        counted += weight
        total += Fraction(weight * score, TOP_SCORE)
    if not counted:
        message = "no criterion applies"
        raise ValueError(message)
    return total * WHOLE / counted


def mean(values: Sequence[Fraction | int]) -> Fraction:
    """Return the exact mean."""
    return sum((Fraction(value) for value in values), Fraction(0)) / len(values)


def two_decimals(value: Fraction) -> str:
    """Return ``value`` with two decimals, half up (away from zero for the non-negative numbers of a score)."""
    hundredths = floor(value * 100 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def band(value: Fraction, *, every_gate_passed: bool) -> Band:
    """Return what the exact composite allows: 75 and more, 60 to less than 75, less; a failed gate is always a
    decline.
    """
    if not every_gate_passed or value < CONDITIONS_FROM:
        return Band.DECLINE
    return Band.RECOMMEND if value >= RECOMMEND_FROM else Band.CONDITIONS


def criterion_row(asked: Asked, given: Sequence[Given]) -> Row:
    """Return one criterion over all reviews: its mean, spread and gate, and whether the reviewers must be moderated.

    Moderation is due on a spread of 2 or more, when reviewers stand on different sides of the gate ("not applicable"
    stands on the passing side), and when somebody set aside what the partner's own answers say applies.
    """
    scores = tuple(score for score in given if not isinstance(score, _NotApplicable))
    set_aside = len(given) - len(scores)
    spread = max(scores) - min(scores) if scores else 0
    gate_state, split = None, False
    if asked.minimum is not None and scores:
        below = sum(score < asked.minimum for score in scores)
        gate_state = Gate.FAIL if below else Gate.PASS
        split = 0 < below < len(given)
    contested = bool(set_aside and asked.applies_by_facts)
    return Row(
        code=asked.code,
        title=asked.title,
        weight=asked.weight,
        scores=scores,
        not_applicable=set_aside,
        mean=mean(scores) if scores else None,
        spread=spread,
        gate=asked.minimum,
        gate_state=gate_state,
        must_moderate=spread >= SPREAD_TO_MODERATE or split or contested,
        is_contested=contested,
    )


def as_it_applies(criteria: Sequence[Asked], scores: Mapping[str, Given]) -> dict[str, Given]:
    """Return a review's scores with every criterion set aside that the partner's answers switch off."""
    off = {asked.code for asked in criteria if asked.applies_by_facts is False}
    return {code: NOT_APPLICABLE if code in off else score for code, score in scores.items()}


def panel(
    criteria: Sequence[Asked], reviews: Sequence[Mapping[str, Given]], record_gates: Sequence[RecordGate] = ()
) -> PanelScores:
    """Return what the submitted ``reviews`` (code to score, the latest version of each) add up to.

    The panel composite is the mean of the reviews' composites. A gate compares the lowest score with its minimum.
    """
    if not reviews:
        return PanelScores((), None, (), tuple(record_gates), pending=_named(record_gates, Gate.PENDING))
    reviews = [as_it_applies(criteria, scores) for scores in reviews]
    weights = {asked.code: asked.weight for asked in criteria}
    composites = tuple(composite(weights, scores) for scores in reviews)
    rows = tuple(criterion_row(asked, [scores[asked.code] for scores in reviews]) for asked in criteria)
    failed = tuple(row.code for row in rows if row.gate_state == Gate.FAIL) + _named(record_gates, Gate.FAIL)
    total = mean(composites)
    return PanelScores(
        composites=composites,
        composite=total,
        rows=rows,
        record_gates=tuple(record_gates),
        band=band(total, every_gate_passed=not failed),
        failed=failed,
        pending=_named(record_gates, Gate.PENDING),
    )


def _named(gates: Sequence[RecordGate], state: Gate) -> tuple[str, ...]:
    """Return the codes of the record gates in ``state`` that count at a recommendation."""
    return tuple(gate.code for gate in gates if gate.counts and gate.state == state)
