"""Who may read and change an organisation: its own people, and the funder's staff."""

from typing import Any

import rules

from vetting_portal.models import Role, User
from vetting_portal.rules import is_director, is_programme_officer, reads_everything


@rules.predicate
def is_person(user: User) -> bool:
    """A person who signed in, not a system user."""
    return user.is_authenticated and not user.is_system


@rules.predicate
def is_member(user: User, organisation: Any) -> bool:
    """Acts for the organisation now."""
    return organisation is not None and organisation.memberships.filter(user_id=user.pk, until_at=None).exists()


@rules.predicate
def is_owner(user: User, organisation: Any) -> bool:
    """Owns the organisation's account now."""
    if organisation is None:
        return False
    return organisation.memberships.filter(user_id=user.pk, until_at=None, role="owner").exists()


@rules.predicate
def has_access_to_its_submission(user: User, organisation: Any) -> bool:
    """Was given access to one of the organisation's submissions as a reviewer, and holds both access and role."""
    if organisation is None or Role.REVIEWER not in user.role_keys:
        return False
    return organisation.submissions.filter(accesses__user_id=user.pk, accesses__until_at=None).exists()


@rules.predicate
def never_belonged(user: User, organisation: Any) -> bool:
    """Has never acted for the organisation."""
    return organisation is not None and not organisation.memberships.filter(user_id=user.pk).exists()


@rules.predicate
def has_applied(user: User, organisation: Any) -> bool:  # noqa: ARG001 a predicate takes both
    """Has submitted an application."""
    return organisation is not None and organisation.submissions.filter(submitted_at__isnull=False).exists()


@rules.predicate
def is_about_one(user: User, organisation: Any) -> bool:  # noqa: ARG001 a predicate takes both
    """The question is about an organisation."""
    return organisation is not None


rules.add_perm("partners.create_organisation", is_person)
rules.add_perm("partners.view_organisation", is_member | reads_everything | has_access_to_its_submission)
rules.add_perm("partners.act_for_organisation", is_member)
rules.add_perm("partners.change_organisation", is_member)
rules.add_perm("partners.manage_members", is_owner)
rules.add_perm("partners.view_members", is_owner | (reads_everything & has_applied))
rules.add_perm("partners.view_documents", is_member | (reads_everything & has_applied))
# A confirmed person holds every organisation that names them, so who places a hold is asked of the hit, above.
rules.add_perm("partners.place_hold", is_about_one & (is_programme_officer | is_director))
rules.add_perm("partners.release_hold", (is_programme_officer | is_director) & never_belonged)
rules.add_perm("partners.handle_held_messages", is_programme_officer & never_belonged)
rules.add_perm("partners.view_licences", reads_everything)
rules.add_perm("partners.record_licence", is_programme_officer & never_belonged)
