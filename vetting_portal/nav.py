"""What the ground floor puts into the bar."""

from collections.abc import Iterator

from vetting_portal.models import User
from vetting_portal.navigation import Known, NavItem

KNOWN = (Known("vetting_portal.Funder"), Known("vetting_portal.User"), Known("vetting_portal.DailyRound"))


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield the links of administrators and of who reads the trail."""
    if user.has_perm("portal.invite_staff"):
        yield NavItem("Staff", "portal:staff", 91, section="Administration")
    if user.has_perm("portal.erase_people"):
        yield NavItem("Erase a person", "portal:erasure", 97, section="Administration")
    if user.has_perm("portal.read_trail"):
        yield NavItem("Audit trail", "portal:trail", 90, section="Administration")
    if user.has_perm("portal.see_background_work"):
        yield NavItem("Background tasks", "portal:background", 95, section="Administration")
