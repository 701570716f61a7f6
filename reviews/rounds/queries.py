"""What the pages of rounds ask the database for, by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from partners.checklists.models import ChecklistVersion
from partners.programmes.models import Programme
from reviews.panels.models import Review, ReviewVersion
from reviews.rounds.figures import FirstVersion
from vetting_portal.models import User

CHUNK = 200
COUNTING = [Review.State.SUBMITTED, Review.State.IN_PROGRESS]


@dataclass(frozen=True, slots=True)
class Round:
    """The reviews of one programme whose first version was submitted from ``since`` to ``until``, both days included,
    scored with one checklist.
    """

    programme: Programme
    checklist: ChecklistVersion | None = None
    since: date | None = None
    until: date | None = None

    def _instant(self, day: date) -> datetime:
        """Return the start of a day in the programme's own time zone."""
        return datetime.combine(day, time.min, tzinfo=ZoneInfo(self.programme.time_zone))

    def firsts(self, user: User) -> QuerySet[ReviewVersion]:
        """Return the first versions of the reviews that count, as far as ``user`` is not blind to them."""
        found = ReviewVersion.objects.visible_to(user).filter(
            number=1, review__state__in=COUNTING, review__submission__programme=self.programme
        )
        if self.checklist is not None:
            found = found.filter(review__submission__checklist=self.checklist)
        if self.since is not None:
            found = found.filter(submitted_at__gte=self._instant(self.since))
        if self.until is not None:
            found = found.filter(submitted_at__lt=self._instant(self.until + timedelta(days=1)))
        return found.order_by("review__submission_id", "review_id")


def first_versions(cut: Round, user: User) -> list[FirstVersion]:
    """Return the first version of each review of a round, as the figures take them."""
    rows = cut.firsts(user).values_list(
        "review__reviewer_id", "review__reviewer__name", "review__submission_id", "content__scores"
    )
    return [
        FirstVersion(reviewer, name, submission, {code: given["value"] for code, given in scores.items()})
        for reviewer, name, submission, scores in rows
    ]


def scored_lines(cut: Round, user: User) -> Iterator[tuple[ReviewVersion, ReviewVersion]]:
    """Yield the first and the latest version of each review of a round, a few at a time."""
    firsts = cut.firsts(user).select_related("review__reviewer", "review__submission")
    for first in firsts.prefetch_related("review__versions").iterator(chunk_size=CHUNK):
        yield first, max(first.review.versions.all(), key=lambda version: version.number)


def checklists_of(programme: Programme) -> list[ChecklistVersion]:
    """Return the checklists that submitted reviews of the programme were scored with, the newest first."""
    return list(
        ChecklistVersion.objects.filter(submissions__programme=programme, submissions__reviews__version__gte=1)
        .distinct()
        .order_by("-number", "-pk")
    )


def criteria_of(checklist: ChecklistVersion | None) -> list[tuple[str, str]]:
    """Return code and title of the criteria that reviewers score, in order."""
    if checklist is None:
        return []
    return [(one.code, one.title) for one in checklist.criteria.order_by("position") if one.is_scored]


def programmes_with_reviews(user: User) -> QuerySet[Programme]:
    """Return the programmes with how many reviews are submitted and how many are open, newest call first."""
    reviews = Review.objects.filter(submission__programme=OuterRef("pk")).order_by().values("submission__programme")
    submitted = reviews.filter(version__gte=1, state__in=COUNTING).annotate(number=Count("pk")).values("number")
    still_open = reviews.filter(version=0, state__in=[Review.State.INVITED, Review.State.IN_PROGRESS])
    waiting = still_open.annotate(number=Count("pk")).values("number")
    return (
        Programme.objects.visible_to(user)
        .annotate(submitted=Coalesce(Subquery(submitted), 0), waiting=Coalesce(Subquery(waiting), 0))
        .order_by("-opens_on", "title")
    )
