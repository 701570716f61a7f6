"""What grants puts into the bar."""

from collections.abc import Iterator

from vetting_portal.models import User
from vetting_portal.navigation import NavItem


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield the desks, then grants and funds, for who may read them."""
    if user.has_perm("grants.view_queue"):
        yield NavItem("Queue", "grants:queue", 5)
    if user.has_perm("grants.view_overview"):
        yield NavItem("Overview", "grants:overview", 6)
    if user.has_perm("grants.list_to_sign"):
        yield NavItem("To sign", "grants:to_sign", 7)
        yield NavItem("Signed", "grants:signed", 25)
    if user.has_perm("grants.list_grants"):
        yield NavItem("Grants", "grants:list", 30)
        yield NavItem("Match funds", "grants:funds", 50)
