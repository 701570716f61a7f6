"""What partners put into the bar."""

from collections.abc import Iterator
from typing import cast

from partners.models import Membership, Organisation
from partners.places.countries import only_time_zone_of
from vetting_portal.models import User
from vetting_portal.navigation import Known, NavItem
from vetting_portal.rules import reads_everything

KNOWN = (
    Known("partners.Submission", "number"),
    Known("partners.Organisation", "legal_name"),
    Known("partners.Programme", "title"),
    Known("partners.Questionnaire", "name"),
    Known("partners.ChecklistVersion", "name"),
    Known("partners.Paper"),
    Known("partners.Document", related=("paper",)),
    Known("partners.Embargo"),
)


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield a partner's links by what they act for, and the lists that staff read."""
    organisation = organisation_of(user)
    if organisation is not None:
        yield NavItem("Home", "partners:home", 1)
        yield NavItem("Documents", "partners:vault", 20, (organisation.pk,))
    if organisation is not None or reads_everything(user):
        yield NavItem("Applications", "partners:submission_list", 10)
    if reads_everything(user):
        yield NavItem("Programmes", "partners:programme_list", 11, section="Applications")
        yield NavItem("Organisations", "partners:organisation_list", 60)
        yield NavItem("Places", "partners:places", 75, section="Organisations")


def role_words(user: User) -> str:
    """Return what a member acts for, and as what: ``LIFT International · owner``."""
    membership = Membership.objects.current().filter(user=user).select_related("organisation").order_by("pk").first()
    return f"{membership.organisation.legal_name} · {membership.get_role_display().lower()}" if membership else ""


def time_zone(user: User) -> str:
    """Return the zone of the country that a member's organisation is in; an empty text where a country has several."""
    organisation = organisation_of(user)
    return only_time_zone_of(organisation.country) if organisation else ""


def organisation_of(user: User) -> Organisation | None:
    """Return the organisation that ``user`` acts for, the first of several; looked up once for a page."""
    if not hasattr(user, "acts_for"):
        user.acts_for = Organisation.objects.of_member(user).first()  # type: ignore[attr-defined]
    return cast("Organisation | None", user.acts_for)  # type: ignore[attr-defined]
