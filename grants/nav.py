"""What grants puts into the bar."""

from collections.abc import Iterator

from grants.agreements.models import Grant
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
    if user.has_perm("grants.view_finance"):
        yield NavItem("Finance", "grants:finance", 8)
    if user.has_perm("grants.list_grants"):
        yield NavItem("Grants", "grants:list", 30)
    if user.has_perm("grants.list_funds"):
        yield NavItem("Match funds", "grants:funds", 50)
    if user.has_perm("grants.list_reports"):
        yield NavItem("Reports", "grants:reports", 45)
    if not user.is_staff_member and (grant := Grant.objects.of_partner(user).order_by("-pk").first()):
        yield NavItem("Agreement", "grants:partner_agreement", 40, (grant.number,))
        yield NavItem("Reports", "grants:partner_reports", 45)
