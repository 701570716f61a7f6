"""The panel result of a submission: scores, gates, disagreement, and what is still in the way of each next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from partners.checklists.conditions import Facts
from partners.submissions.models import Submission
from reviews.panels.gates import CONFLICTS, record_gates, related_party_mark
from reviews.panels.models import (
    ConflictDeclaration,
    Moderation,
    Recommendation,
    Review,
    ReviewVersion,
    scored_criteria,
)
from reviews.panels.scoring import (
    CONDITIONS_FROM,
    RECOMMEND_FROM,
    REVIEWS_NEEDED,
    SPREAD_TO_MODERATE,
    Asked,
    Band,
    Gate,
    PanelScores,
    Row,
    panel,
    two_decimals,
)
from reviews.references.standing import ReferencesStanding, references_of
from reviews.screening.status import ScreeningStatus, screening_status
from vetting_portal.canonical import sha256_of
from vetting_portal.workflow import Blocker

LONGEST_MARK = 200


@dataclass(frozen=True)
class Reviewed:
    """One counting review: who, and the latest submitted version."""

    review: Review
    version: ReviewVersion
    composite_text: str


@dataclass(frozen=True)
class Reading:
    """What one reviewer submitted last for a criterion on which they differ: score, justification, citations."""

    reviewer: str
    score: str
    justification: str
    citations: tuple[str, ...]
    version: int
    is_below_gate: bool


@dataclass(frozen=True)
class ModerationNeed:
    """A criterion on which the reviewers differ: the row, a mark of these very versions, and the resolution if there
    is one; ``earlier`` is one that was made for other versions.
    """

    row: Row
    criterion_id: int
    concerns: str
    moderation: Moderation | None
    readings: tuple[Reading, ...]
    earlier: Moderation | None = None

    @property
    def why(self) -> str:
        """What makes it a disagreement, in words."""
        if self.row.is_contested:
            return "Somebody set it aside, though the partner’s answers say that it applies."
        reasons = [f"The scores lie {self.row.spread} apart."] if self.row.spread >= SPREAD_TO_MODERATE else []
        if 0 < sum(one.is_below_gate for one in self.readings) < len(self.readings):
            reasons.append(f"The reviewers stand on different sides of the gate, {self.row.gate}.")
        return " ".join(reasons)

    @property
    def is_resolved(self) -> bool:
        """Whether a resolution for these very versions is recorded."""
        return self.moderation is not None


@dataclass(frozen=True)
class GateLine:
    """One gate as the page and the recommendation show it."""

    code: str
    title: str
    state: str
    text: str
    counts: bool
    never_overridden: bool = False
    reasons: tuple[str, ...] = ()

    def as_record(self) -> dict[str, object]:
        """Return what a recommendation keeps of it."""
        return {"code": self.code, "title": self.title, "state": self.state, "text": self.text, "counts": self.counts}


@dataclass(frozen=True)
class PanelResult:
    """Everything that the panel page, the recommendation and the director's brief say about the reviews."""

    submission: Submission
    scores: PanelScores
    reviewed: tuple[Reviewed, ...]
    waiting: tuple[Review, ...]
    gates: tuple[GateLine, ...]
    moderations: tuple[ModerationNeed, ...]
    screening: ScreeningStatus
    declarations: tuple[ConflictDeclaration, ...]
    related_party: Moderation | None = None
    behind: tuple[Review, ...] = ()  # submitted on an older version, and not confirmed on the newest
    unscored: tuple[Blocker, ...] = ()  # switched on by a newer version, and not scored yet

    @cached_property
    def references(self) -> ReferencesStanding:
        """What the referees said; asked only where it is shown or decides."""
        return references_of(self.submission)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The scores by criterion."""
        return self.scores.rows

    @property
    def band(self) -> Band | None:
        """What score and gates allow; None without a review."""
        return self.scores.band

    @property
    def composite_text(self) -> str:
        """The score for show."""
        return self.scores.composite_text

    @property
    def open_moderations(self) -> list[ModerationNeed]:
        """The disagreements without a recorded resolution."""
        return [need for need in self.moderations if not need.is_resolved]

    @property
    def url(self) -> str:
        """The address of the page."""
        return reverse("reviews:panel", args=[self.submission.pk])

    def assess_blockers(self) -> list[str]:
        """Say why the reviews cannot be closed: fewer than two submitted, or somebody is still at it."""
        work = reverse("reviews:work", args=[self.submission.pk])
        blockers: list[str] = []
        counting = [one for one in self.reviewed if one.review.state == Review.State.SUBMITTED]
        if len(counting) < REVIEWS_NEEDED:
            count = {0: "no submitted review", 1: "one submitted review"}[len(counting)]
            blockers.append(
                Blocker("At least two submitted reviews", hint=f"There is {count}.", url=f"{work}#reviewers")
            )
        blockers += [
            Blocker(
                f"{review.reviewer}: {_waiting_word(review)}",
                hint=f"Due {review.due_on:%-d %B %Y}. Wait, remind, or end this review.",
                url=f"{work}#review-{review.pk}",
            )
            for review in self.waiting
        ]
        blockers += [
            Blocker(
                f"{review.reviewer}: scores of an earlier version, not confirmed",
                hint="They count once the reviewer confirms them. Wait, remind, or end this review.",
                url=f"{work}#review-{review.pk}",
            )
            for review in self.behind
            if review.state == Review.State.SUBMITTED
        ]
        return [*blockers, *self.unscored]

    @cached_property
    def disputes(self) -> list[str]:
        """What is open between the reviewers: somebody still at work, a disagreement without a resolution."""
        blockers = self.assess_blockers()
        blockers += [
            Blocker(
                f"{need.row.code} {need.row.title}: no recorded resolution",
                code=need.row.code,
                url=f"{self.url}#moderate-{need.row.code}",
            )
            for need in self.open_moderations
        ]
        return blockers

    @cached_property
    def open_points(self) -> list[str]:
        """What is open before any recommendation: reviewers at work, disagreements, gates that pend."""
        blockers = list(self.disputes)
        for gate in self.gates:
            if gate.counts and gate.state == Gate.PENDING:
                urls = [getattr(reason, "url", "") for reason in gate.reasons]
                hint = " ".join(str(reason) for reason in gate.reasons)
                blockers.append(
                    Blocker(
                        f"{gate.code} {gate.title}: {gate.text}",
                        hint=hint,
                        code=gate.code,
                        url=next(filter(None, urls), f"{self.url}#gates"),
                    )
                )
        return blockers

    @property
    def failed_gates(self) -> list[GateLine]:
        """The gates that fail and count."""
        return [gate for gate in self.gates if gate.counts and gate.state == Gate.FAIL]

    def recommend_blockers(self, outcome: str) -> list[str]:
        """Say why ``outcome`` (recommend, conditions, decline) cannot be recommended now."""
        if self.screening.is_held and (held := self.submission.hold_blockers()):
            return [*held]
        if self.submission.state != Submission.State.ASSESSED:
            return [
                Blocker(
                    f"This submission is {self.submission.get_state_display().lower()} now.",
                    hint="Close the reviews first.",
                    url=reverse("reviews:work", args=[self.submission.pk]),
                )
            ]
        if outcome == Recommendation.Outcome.DECLINE:
            # A failed gate decides whatever gate else is open; a low score only when everything is in. What the
            # reviewers dispute is settled first: it may be the very gate.
            return self.disputes if self.failed_gates else self.open_points
        blockers: list[str] = [
            Blocker(
                f"{gate.code} {gate.title}: {gate.text}",
                code=gate.code,
                hint="A failed gate is a decline.",
                url=f"{self.url}#gates",
            )
            for gate in self.failed_gates
        ]
        blockers += self.open_points
        blockers += self.references.blockers()
        low = self.scores.composite is not None and self.scores.composite < (
            RECOMMEND_FROM if outcome == Recommendation.Outcome.RECOMMEND else CONDITIONS_FROM
        )
        if low:
            needed = RECOMMEND_FROM if outcome == Recommendation.Outcome.RECOMMEND else CONDITIONS_FROM
            blockers.append(Blocker(f"The score is {self.composite_text}, below {needed}.", url=f"{self.url}#score"))
        return blockers

    def override_blockers(self) -> list[str]:
        """Say why a director cannot override: nothing to override, something open, or a gate that nobody overrides."""
        if self.screening.is_held and (held := self.submission.hold_blockers()):
            return [*held]
        if self.submission.state != Submission.State.ASSESSED:
            return [Blocker(f"This submission is {self.submission.get_state_display().lower()} now.")]
        blockers: list[str] = [
            Blocker(
                f"{gate.code} {gate.title}: {gate.text}",
                code=gate.code,
                hint="Nobody overrides this gate.",
                url=f"{self.url}#gates",
            )
            for gate in self.failed_gates
            if gate.never_overridden
        ]
        blockers += self.open_points
        blockers += self.references.blockers()
        if self.band != Band.DECLINE and not blockers:
            blockers.append(Blocker("There is nothing to override: the officer can recommend it."))
        return blockers

    @property
    def sentence(self) -> str:
        """What the score means, in words."""
        if self.scores.composite is None:
            return "No review is submitted yet."
        if self.failed_gates:
            return f"Decline. Gate {', '.join(gate.code for gate in self.failed_gates)} fails."
        if self.band == Band.RECOMMEND:
            return "Recommend."
        if self.band == Band.CONDITIONS:
            short = two_decimals(RECOMMEND_FROM - self.scores.composite)
            return f"Recommend with conditions. {short} short of a plain recommendation."
        short = two_decimals(CONDITIONS_FROM - self.scores.composite)
        return f"Decline. {short} short of a recommendation with conditions."


def _waiting_word(review: Review) -> str:
    """Return how far a review is that is waited for."""
    return "reopened, not submitted again" if review.version else str(review.get_state_display()).lower()


def asked_criteria(submission: Submission, facts: Facts) -> list[Asked]:
    """Return the scored criteria as this submission meets them."""
    return [
        Asked(
            code=criterion.code,
            title=criterion.title,
            weight=criterion.weight,
            minimum=criterion.minimum(facts),
            applies_by_facts=criterion.applies_by_answers(facts),
        )
        for criterion in scored_criteria(submission)
    ]


def panel_result(
    submission: Submission, *, reviews_read: Sequence[Review] | None = None, with_payment: bool = True
) -> PanelResult:
    """Return the panel result as it stands: from the latest submitted versions of the reviews that count.

    ``reviews_read`` are all reviews of the submission with their reviewers, where a page has them already. Without
    ``with_payment`` the gate that counts for payment alone is left out.
    """
    facts = submission.facts()
    asked = asked_criteria(submission, facts)
    active = _active(submission, reviews_read)
    submitted = [review for review in active if review.counts]
    versions: dict[int, Any] = {version.review_id: version for version in ReviewVersion.objects.of_versions(submitted)}
    reviews = [review for review in submitted if not versions[review.pk].is_behind]
    behind = tuple(review for review in submitted if versions[review.pk].is_behind)
    waiting = tuple(review for review in active if review.is_open)
    moderations = list(submission.moderations.select_related("criterion", "resolved_by"))
    related = _related_party(submission, moderations)
    screening = screening_status(submission.organisation)
    declarations = tuple(submission.declarations.select_related("user").order_by("declared_at", "pk"))
    gates = record_gates(
        submission,
        facts,
        screening=screening,
        related=related,
        active=active,
        declarations=declarations,
        with_payment=with_payment,
    )
    scores = panel(asked, [versions[review.pk].given for review in reviews], gates)
    reviewed = tuple(
        Reviewed(review, versions[review.pk], two_decimals(value))
        for review, value in zip(reviews, scores.composites, strict=True)
    )
    return PanelResult(
        submission=submission,
        scores=scores,
        reviewed=reviewed,
        waiting=waiting,
        gates=_gate_lines(submission, scores, facts),
        moderations=_needs(submission, scores, reviewed, moderations),
        screening=screening,
        declarations=declarations,
        related_party=related,
        behind=behind,
        unscored=_unscored(asked, reviewed),
    )


def _related_party(submission: Submission, moderations: Sequence[Moderation]) -> Moderation | None:
    """Return the resolution about the related parties that the partner names now."""
    mark = related_party_mark(submission)
    return next((one for one in moderations if one.criterion.code == CONFLICTS and one.concerns == mark), None)


def _active(submission: Submission, read: Sequence[Review] | None) -> list[Review]:
    """Return the reviews that were neither stepped aside from nor ended, each with its reviewer and this submission."""
    rows = submission.reviews.select_related("reviewer").order_by("pk") if read is None else read
    active = [review for review in rows if review.is_open or review.state == Review.State.SUBMITTED]
    for review in active:
        review.submission = submission
    return active


def _unscored(asked: Sequence[Asked], reviewed: Sequence[Reviewed]) -> tuple[Blocker, ...]:
    """Return the submitted reviews that lack a score because the partner's answers switched the criterion on later."""
    return tuple(
        Blocker(
            f"{one.review.reviewer}: {criterion.code} {criterion.title} has no score",
            hint="It applies since the partner changed an answer. The reviewer reopens the review and scores it.",
            code=criterion.code,
            url=f"{reverse('reviews:work', args=[one.review.submission_id])}#review-{one.review.pk}",
        )
        for one in reviewed
        if one.review.state == Review.State.SUBMITTED
        for criterion in asked
        if criterion.applies_by_facts and one.version.content["scores"][criterion.code].get("by_answer")
    )


def _needs(
    submission: Submission, scores: PanelScores, reviewed: Sequence[Reviewed], moderations: Sequence[Moderation]
) -> tuple[ModerationNeed, ...]:
    """Return each disagreement with the resolution made for these very versions: a reopened review asks again."""
    ids = {criterion.code: criterion.pk for criterion in submission.criteria}
    made = {(one.criterion_id, one.concerns): one for one in moderations}
    needs = []
    for row in scores.to_moderate:
        marks = [f"{one.review.pk}.{one.version.number}:{one.version.given[row.code]}" for one in reviewed]
        concerns = ",".join(marks)
        concerns = concerns if len(concerns) <= LONGEST_MARK else sha256_of(concerns)
        found = made.get((ids[row.code], concerns))
        others = [one for one in moderations if one.criterion_id == ids[row.code] and one != found]
        readings = tuple(_reading(one, row) for one in reviewed)
        needs.append(ModerationNeed(row, ids[row.code], concerns, found, readings, others[-1] if others else None))
    return tuple(needs)


def _reading(one: Reviewed, row: Row) -> Reading:
    """Return what one reviewer submitted last for the criterion of ``row``."""
    kept, given = one.version.content["scores"][row.code], one.version.given[row.code]
    return Reading(
        reviewer=str(one.review.reviewer),
        score=str(given),
        justification=kept["justification"],
        citations=tuple(citation["text"] for citation in kept["citations"]),
        version=one.version.number,
        is_below_gate=row.gate is not None and isinstance(given, int) and given < row.gate,
    )


def _gate_lines(submission: Submission, scores: PanelScores, facts: Facts) -> tuple[GateLine, ...]:
    """Return every gate: those of records first, then those of scores."""
    never = {criterion.code for criterion in submission.criteria if criterion.is_never_overridden}
    lines = [
        GateLine(
            gate.code, gate.title, gate.state.value, gate.summary, gate.counts, gate.code in never, tuple(gate.reasons)
        )
        for gate in scores.record_gates
    ]
    why = {criterion.code: criterion.why_not(facts) for criterion in submission.criteria}
    for row in scores.rows:
        if row.gate is None:
            continue
        state = row.gate_state or Gate.PASS
        off = f"does not apply. {why[row.code]}".rstrip(". ")
        text = f"lowest {row.lowest}, needs {row.gate}" if row.gate_state else off
        lines.append(GateLine(row.code, row.title, state.value, text, counts=True, never_overridden=row.code in never))
    return tuple(lines)


def recommendation_record(result: PanelResult) -> dict[str, object]:
    """Return the parts of a recommendation that follow from the result: exact score, band, gates, figures."""
    composite = result.scores.composite
    if composite is None or result.band is None:
        message = "a recommendation needs reviews"
        raise ValueError(message)
    return {
        "composite_exact": f"{composite.numerator}/{composite.denominator}",
        "composite_text": result.composite_text,
        "band": result.band.value,
        "review_count": len(result.reviewed),
        "gates": [gate.as_record() for gate in result.gates],
        "disagreements": [
            {
                "code": need.row.code,
                "title": need.row.title,
                "scores": list(need.row.scores),
                "spread": need.row.spread,
                "resolution": need.moderation.resolution if need.moderation else "",
            }
            for need in result.moderations
        ],
        "figures": {
            "reviews": [{"review": one.review.pk, "composite": one.composite_text} for one in result.reviewed],
            "criteria": [
                {"code": row.code, "title": row.title, "weight": row.weight, "scores": list(row.scores)}
                for row in result.rows
            ],
        },
        "recommended_at": timezone.now(),
    }
