"""Who may screen names and decide on candidates."""

from typing import Any

import rules

from vetting_portal import rules as portal_rules
from vetting_portal.models import User


def _organisation_of(subject: Any) -> Any:
    """Return the organisation that a candidate is about, or the organisation itself."""
    return None if subject is None else getattr(subject, "organisation", subject)


@rules.predicate
def is_outsider(user: User, subject: Any) -> bool:
    """Has never belonged to the organisation that the record is about."""
    organisation = _organisation_of(subject)
    return organisation is not None and not organisation.memberships.filter(user_id=user.pk).exists()


@rules.predicate
def has_subject(user: User, subject: Any) -> bool:  # noqa: ARG001 a predicate takes both
    """The question is about a record."""
    return subject is not None


officer_from_outside = portal_rules.is_programme_officer & is_outsider

rules.add_perm("reviews.view_screening", portal_rules.reads_everything)
rules.add_perm("reviews.view_hit", portal_rules.reads_everything & has_subject)
rules.add_perm("reviews.screen_organisation", (portal_rules.is_system & has_subject) | officer_from_outside)
rules.add_perm(
    "reviews.rescreen",
    portal_rules.is_system | portal_rules.is_programme_officer | portal_rules.is_administrator,
)
rules.add_perm("reviews.decide_hit", officer_from_outside)
rules.add_perm("reviews.reopen_hit", (portal_rules.is_system & has_subject) | officer_from_outside)
rules.add_perm("reviews.release_hit", (portal_rules.is_programme_officer | portal_rules.is_director) & is_outsider)
rules.add_perm("reviews.import_list", portal_rules.is_system | portal_rules.is_administrator)
