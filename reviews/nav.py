"""What reviews puts into the bar."""

from collections.abc import Iterator

from django.db.models import Model

from partners.programmes.models import Programme
from vetting_portal.models import User
from vetting_portal.navigation import NavItem


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield the reviewer's home, the screening page and the rounds for who may read them."""
    if user.has_perm("reviews.view_my_reviews"):
        yield NavItem("My reviews", "reviews:home", 10)
    if user.has_perm("reviews.view_screening"):
        yield NavItem("Screening", "reviews:screening", 40)
    if user.has_perm("reviews.view_rounds"):
        yield NavItem("Rounds", "reviews:rounds", 45)


def links(user: User, record: Model) -> Iterator[NavItem]:
    """Yield what leads from a programme's own page to its reviews."""
    if isinstance(record, Programme) and user.has_perm("reviews.view_round", record):
        yield NavItem("How its reviewers agree", "reviews:round", args=(record.slug,))
