"""What reviewers and officers have to do between an application's arrival and its recommendation."""

from django.db.models import Count, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from partners.organisations.acting import an_officer, readers
from partners.submissions.duties import APPLICATION, APPLICATIONS, application_by, unheld
from partners.submissions.models import Submission
from reviews.panels.models import Review
from reviews.panels.scoring import REVIEWS_NEEDED
from vetting_portal.duties import Actor, DutyKind, OpenDuty, Rows
from vetting_portal.models import Role, User

REVIEWED_WHILE = ("in_review", "changes_requested", "assessed")


def _own(user: User, rows: Rows) -> Rows | None:
    return rows.filter(reviewer=user) if Role.REVIEWER in user.role_keys else None


REVIEWER = Actor("a reviewer", _own, readers)


def _reviews() -> Rows:
    rows = Review.objects.open().filter(submission__state__in=REVIEWED_WHILE)
    return unheld(rows, "submission__organisation")


def _counted(reviews: QuerySet[Review]) -> Coalesce:
    """Return how many reviews there are of the application at hand."""
    of_it = reviews.filter(submission=OuterRef("pk")).order_by().values("submission")
    return Coalesce(Subquery(of_it.annotate(many=Count("pk")).values("many")), 0)


def _with_reviews(rows: Rows) -> Rows:
    return rows.annotate(
        reviews_open=_counted(Review.objects.open()),
        reviews_in=_counted(Review.objects.filter(state=Review.State.SUBMITTED)),
    )


def _to_assign() -> Rows:
    rows = Submission.objects.filter(state__in=[Submission.State.SUBMITTED, Submission.State.IN_REVIEW])
    asked = _counted(Review.objects.filter(state__in=["invited", "in_progress", "submitted"]))
    return unheld(rows.annotate(reviews_asked=asked).filter(reviews_asked__lt=REVIEWS_NEEDED))


def _to_close() -> Rows:
    rows = _with_reviews(Submission.objects.filter(state=Submission.State.IN_REVIEW))
    return unheld(rows.filter(reviews_open=0, reviews_in__gte=REVIEWS_NEEDED))


def _work(duty: OpenDuty) -> str:
    return reverse("reviews:work", args=[duty.submission])


def _asked(duty: OpenDuty) -> str:
    return "Nobody is assigned yet; two are needed" if duty.facts["asked"] == "0" else "One is assigned; two are needed"


DUTIES = (
    DutyKind(
        key="reviews.write_review",
        group=APPLICATIONS,
        verb="Write your review",
        why=lambda duty: duty.facts["title"],
        button="Continue",
        url=lambda duty: reverse("reviews:review", args=[duty.record]),
        waiting=_reviews,
        actor=REVIEWER,
        case=application_by("submission"),
        since="invited_at",
        due="due_on",
        facts={"title": "submission__title"},
        permission="reviews.declare_review",
    ),
    DutyKind(
        key="reviews.assign_reviewers",
        group=APPLICATIONS,
        verb="Assign reviewers",
        why=_asked,
        button="Assign reviewer",
        url=lambda duty: reverse("reviews:assign", args=[duty.submission]),
        waiting=_to_assign,
        actor=an_officer("organisation"),
        case=APPLICATION,
        since="waiting_since",
        facts={"asked": Cast(_counted(Review.objects.active()), TextField())},
        permission="reviews.assign_reviewer",
    ),
    DutyKind(
        key="reviews.close_reviews",
        group=APPLICATIONS,
        verb="Close the reviews",
        why=lambda duty: f"All {duty.facts['submitted']} reviews are submitted",
        button="Close reviews",
        url=_work,
        waiting=_to_close,
        actor=an_officer("organisation"),
        case=APPLICATION,
        since="waiting_since",
        facts={"submitted": Cast(_counted(Review.objects.filter(state=Review.State.SUBMITTED)), TextField())},
        permission="reviews.close_panel",
    ),
)
