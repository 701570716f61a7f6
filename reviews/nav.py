"""What reviews puts into the bar."""

from collections.abc import Iterator

from django.db.models import Model

from partners.programmes.models import Programme
from partners.submissions.models import Submission
from reviews.panels.models import Moderation, Recommendation, Review
from vetting_portal.models import User
from vetting_portal.navigation import Known, NavItem

KNOWN = (Known("reviews.SanctionsList"), Known("reviews.ScreeningHit"), Known("reviews.Visit"))


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield the reviewer's home, the screening page and the rounds for who may read them."""
    if user.has_perm("reviews.view_my_reviews"):
        yield NavItem("My reviews", "reviews:home", 6, section="My work")
    if user.has_perm("reviews.view_screening"):
        yield NavItem("Screening", "reviews:screening", 62, section="Organisations")
    if user.has_perm("reviews.view_rounds"):
        yield NavItem("Rounds", "reviews:rounds", 15, section="Applications")


def links(user: User, record: Model) -> Iterator[NavItem]:
    """Yield what leads from a programme's own page to its reviews."""
    if isinstance(record, Programme) and user.has_perm("reviews.view_round", record):
        yield NavItem("How its reviewers agree", "reviews:round", args=(record.slug,))


def kept_from(user: User) -> set[tuple[str, str]]:
    """Return what speaks of others' scores where ``user`` was asked to review and has not submitted yet.

    The reasons for reopening, the resolutions, recommendations and returns of those submissions, as the trail names
    their subjects.
    """
    blind = list(user.reviews.open().filter(version=0).values_list("submission", flat=True))
    if not blind:
        return set()
    records = [
        *Review.objects.filter(submission__in=blind).exclude(reviewer=user),
        *Moderation.objects.filter(submission__in=blind),
        *Recommendation.objects.filter(submission__in=blind),
        *Submission.objects.filter(pk__in=blind),
    ]
    return {(record._meta.label, str(record.pk)) for record in records}
