"""What partners put into the bar."""

from collections.abc import Iterator

from partners.models import Membership, Organisation
from vetting_portal.models import User
from vetting_portal.navigation import NavItem
from vetting_portal.rules import reads_everything


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield a partner's links by what they act for, and the lists that staff read."""
    organisation = Organisation.objects.of_member(user).first()
    if organisation is not None:
        yield NavItem("Home", "partners:home", 1)
        yield NavItem("Papers", "partners:vault", 20, (organisation.pk,))
    if organisation is not None or reads_everything(user):
        yield NavItem("Applications", "partners:submission_list", 10)
    if reads_everything(user):
        yield NavItem("Organisations", "partners:organisation_list", 60)
        yield NavItem("Programmes", "partners:programme_list", 70)


def role_words(user: User) -> str:
    """Return what a member acts for, and as what: ``LIFT International · owner``."""
    membership = Membership.objects.current().filter(user=user).select_related("organisation").order_by("pk").first()
    return f"{membership.organisation.legal_name} · {membership.get_role_display().lower()}" if membership else ""
