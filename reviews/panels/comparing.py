"""What each reader of an application had seen of its versions, and what a reviewer still has to confirm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from partners.submissions.comparing import Comparison, compared
from partners.submissions.models import FrozenEvidence, Submission, SubmissionVersion, VersionReading
from reviews.panels.models import Review, ReviewVersion, Score
from vetting_portal.models import User


@dataclass(frozen=True)
class Seen:
    """One reviewer of the application: which versions they opened when, and which scores wait for their word.

    ``to_confirm`` are codes of criteria; ``is_ended`` for who does not review it any more.
    """

    review: Review
    readings: tuple[VersionReading, ...]
    to_confirm: tuple[str, ...]
    may_be_reminded: bool

    @property
    def confirm_words(self) -> str:
        """How many scores wait: ``2 to confirm``."""
        return f"{len(self.to_confirm)} to confirm"


def versions_of(submission: Submission) -> list[SubmissionVersion]:
    """Return every version, oldest first, with who submitted it."""
    return list(submission.versions.select_related("submitted_by").order_by("number"))


def last_seen(versions: Sequence[SubmissionVersion], readings: Sequence[VersionReading], user: User) -> int:
    """Return the newest version before the last that ``user`` has opened, by number; by default the last but one."""
    opened = {reading.version_id for reading in readings if reading.user_id == user.pk}
    earlier = [version.number for version in versions[:-1]]
    return max((version.number for version in versions[:-1] if version.pk in opened), default=max(earlier, default=0))


def comparison_of(submission: Submission, older: SubmissionVersion, newer: SubmissionVersion) -> Comparison:
    """Return what differs between two versions. The number of queries does not grow with fields or documents."""
    evidence = FrozenEvidence.objects.filter(version__in=[older, newer]).select_related(
        "criterion", "document__paper", "document__file"
    )
    return compared(
        older,
        newer,
        questions=submission.questions,
        codes={criterion.pk: criterion.code for criterion in submission.criteria},
        evidence=evidence,
    )


def readings_of(submission: Submission) -> list[VersionReading]:
    """Return who opened which version, in order."""
    rows = VersionReading.objects.filter(version__submission=submission).select_related("user", "version")
    return list(rows.defer("version__content").order_by("version__number", "read_at", "pk"))


def seen_by_reviewers(
    submission: Submission, readings: Sequence[VersionReading], newest: SubmissionVersion | None
) -> list[Seen]:
    """Return each reviewer with what they opened and what they still have to confirm, in the order they were asked."""
    if newest is None:
        return []
    newer = SubmissionVersion.objects.filter(submission=OuterRef("review__submission"), pk__gt=OuterRef("given_on"))
    waiting: dict[int, list[str]] = {}
    given = Score.objects.filter(review__submission=submission, given_on__isnull=False).filter(Exists(newer))
    facts = submission.facts()
    applying = {criterion.pk for criterion in submission.criteria if criterion.applies(facts)}
    for score in given.select_related("criterion").order_by("criterion__position"):
        if score.is_given and score.criterion_id in applying:
            waiting.setdefault(score.review_id, []).append(score.criterion.code)
    behind = behind_of(submission)
    return [
        Seen(
            review=review,
            readings=tuple(one for one in readings if one.user_id == review.reviewer_id),
            to_confirm=tuple(waiting.get(review.pk, ())),
            may_be_reminded=review.is_open or review.pk in behind,
        )
        for review in submission.reviews.active().select_related("reviewer").order_by("pk")
    ]


def behind_of(submission: Submission) -> set[int]:
    """Return the ids of the reviews that were submitted last on an older version of the application."""
    rows: Any = ReviewVersion.objects.of_versions(submission.reviews.counting())
    return {pk for pk, is_behind in dict(rows.values_list("review", "is_behind")).items() if is_behind}
