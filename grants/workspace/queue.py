"""The officer's queue: what waits, since when, and the one thing to do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from grants.agreements.models import Grant
from partners.organisations.models import Hold
from partners.submissions.models import Submission
from reviews.panels.models import Review
from reviews.panels.scoring import REVIEWS_NEEDED
from reviews.screening.models import FRESH_FOR, Screening, ScreeningHit
from vetting_portal.models import User

AIM = timedelta(days=7)  # a submission waits at most a week for its next step


@dataclass(frozen=True)
class QueueRow:
    """One submission of the queue: the verb, a sentence, where the button leads, and how long it waits."""

    submission: Submission
    verb: str
    hint: str
    label: str
    url: str
    days: int
    for_others: bool = False

    @property
    def days_late(self) -> int:
        """How many days it waits longer than the aim."""
        return max(self.days - AIM.days, 0)


@dataclass(frozen=True)
class _Next:
    verb: str
    hint: str
    label: str
    url: str
    for_others: bool = False


def waiting_for_staff(user: User) -> QuerySet[Submission]:
    """Return the submissions that wait for the funder and that ``user`` may see, longest waiting first."""
    return Submission.objects.visible_to(user).waiting()


def _views(user: User, now: datetime) -> dict[str, Q]:
    """Return what each view of the queue shows."""
    return {"mine": Q(officer=user) | Q(officer__isnull=True), "late": Q(waiting_since__lt=now - AIM), "all": Q()}


def cut(rows: QuerySet[Submission], *, show: str, user: User, now: datetime) -> QuerySet[Submission]:
    """Cut the queue to one view of it: ``mine`` (or nobody's), ``late``, ``all``."""
    return rows.filter(_views(user, now)[show])


def counts(rows: QuerySet[Submission], *, user: User, now: datetime) -> dict[str, int]:
    """Return how many rows each view has, by one statement."""
    return rows.order_by().aggregate(
        **{show: Count("pk", filter=condition) for show, condition in _views(user, now).items()}
    )


def found(rows: QuerySet[Submission], words: str) -> QuerySet[Submission]:
    """Cut to the submissions whose partner, number or officer has ``words`` in it."""
    if not words.strip():
        return rows
    text = words.strip()
    return rows.filter(
        Q(organisation__legal_name__icontains=text) | Q(number__icontains=text) | Q(officer__name__icontains=text)
    )


def with_facts(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Add what the next step follows from, in one statement for the whole page."""
    reviews = Review.objects.filter(submission=OuterRef("pk")).order_by().values("submission")
    asked = reviews.filter(state__in=[Review.State.INVITED, Review.State.IN_PROGRESS, Review.State.SUBMITTED])
    sent_in = reviews.filter(state=Review.State.SUBMITTED)
    hits = ScreeningHit.objects.filter(organisation=OuterRef("organisation"), state=ScreeningHit.State.OPEN).order_by()
    fresh = Screening.objects.filter(organisation=OuterRef("organisation"), screened_at__gt=timezone.now() - FRESH_FOR)
    count = Count("pk")
    return rows.select_related("organisation", "officer", "grant").annotate(
        reviews_asked=Coalesce(Subquery(asked.annotate(n=count).values("n")), 0),
        reviews_in=Coalesce(Subquery(sent_in.annotate(n=count).values("n")), 0),
        first_hit=Subquery(hits.order_by("found_at", "pk").values("pk")[:1]),
        open_hits=Coalesce(Subquery(hits.values("organisation").annotate(n=count).values("n")), 0),
        is_screened=Exists(fresh),
        is_held=Exists(Hold.objects.current().filter(organisation=OuterRef("organisation"))),
    )


def queue_rows(submissions: list[Any], now: datetime) -> list[QueueRow]:
    """Return the rows of a page of submissions that ``with_facts`` loaded."""
    rows = []
    for submission in submissions:
        step = _next_step(submission)
        days = (now - submission.waiting_since).days
        rows.append(QueueRow(submission, step.verb, step.hint, step.label, step.url, days, step.for_others))
    return rows


def _next_step(submission: Any) -> _Next:
    if submission.is_held:
        url = reverse("reviews:organisation_screening", args=[submission.organisation_id])
        return _Next("Held", "Nothing moves until two people release it", "Look", url, for_others=True)
    if submission.state == Submission.State.RECOMMENDED:
        return _grant_step(submission)
    if submission.open_hits or not submission.is_screened:
        return _screening_step(submission)
    if submission.state == Submission.State.ASSESSED:
        url = reverse("reviews:panel", args=[submission.pk])
        return _Next("Write the recommendation", f"{submission.reviews_in} reviews are in", "Read", url)
    return _reviewers_step(submission)


def _screening_step(submission: Any) -> _Next:
    if not submission.open_hits:
        url = reverse("reviews:organisation_screening", args=[submission.organisation_id])
        return _Next("Screen the names", "Organisation, board, senior staff, signatories", "Screen", url)
    many = f"{submission.open_hits} names look" if submission.open_hits > 1 else "A name looks"
    first = reverse("reviews:hit", args=[submission.first_hit])
    return _Next("Decide a sanctions hit", f"{many} like a listed one", "Compare", first)


def _reviewers_step(submission: Any) -> _Next:
    work = reverse("reviews:work", args=[submission.pk])
    if submission.reviews_asked < REVIEWS_NEEDED:
        asked = "Nobody is asked yet" if not submission.reviews_asked else "One is asked, two are needed"
        return _Next("Find reviewers", asked, "Assign", work)
    if submission.reviews_in < submission.reviews_asked:
        hint = f"{submission.reviews_in} of {submission.reviews_asked} reviews are in"
        return _Next("Wait for the reviewers", hint, "Look", work, for_others=True)
    return _Next("Close the reviews", f"All {submission.reviews_in} are in", "Close", work)


def _grant_step(submission: Any) -> _Next:
    grant: Grant | None = getattr(submission, "grant", None)
    if grant is None:
        url = reverse("grants:draft", args=[submission.number])
        return _Next("Draft the grant", "Recommended", "Draft", url)
    if grant.state == Grant.State.DRAFT:
        return _Next("Freeze the terms", f"Grant {grant.number} is a draft", "Open", grant.get_absolute_url())
    return _Next(
        "Wait for the directors", f"Grant {grant.number} to sign", "Look", grant.get_absolute_url(), for_others=True
    )
