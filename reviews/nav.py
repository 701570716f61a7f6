"""What reviews puts into the bar."""

from collections.abc import Iterator

from vetting_portal.models import User
from vetting_portal.navigation import NavItem


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield the reviewer's home, and the screening page for who may read it."""
    if user.has_perm("reviews.view_my_reviews"):
        yield NavItem("My reviews", "reviews:home", 10)
    if user.has_perm("reviews.view_screening"):
        yield NavItem("Screening", "reviews:screening", 40)
