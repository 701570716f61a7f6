"""Who may open, send and judge papers."""

from typing import Any

import rules

from vetting_portal.models import Role, User
from vetting_portal.rules import is_programme_officer, is_system, reads_everything


@rules.predicate
def is_of_own_organisation(user: User, document: Any) -> bool:
    """The paper belongs to an organisation that the user acts for now."""
    if document is None:
        return False
    return document.paper.organisation.memberships.filter(user_id=user.pk, until_at=None).exists()


@rules.predicate
def is_of_applicant(user: User, document: Any) -> bool:  # noqa: ARG001 a predicate's first argument
    """The paper belongs to an organisation that has sent a submission."""
    if document is None:
        return False
    return document.paper.organisation.submissions.filter(submitted_at__isnull=False).exists()


@rules.predicate
def was_sent_with_accessible_submission(user: User, document: Any) -> bool:
    """This version was sent with a submission that the user has access to as a reviewer, and holds that role."""
    if document is None or Role.REVIEWER not in user.role_keys:
        return False
    return document.frozen_in.filter(
        version__submission__accesses__user_id=user.pk, version__submission__accesses__until_at=None
    ).exists()


@rules.predicate
def was_never_of_its_organisation(user: User, document: Any) -> bool:
    """Never acted for the organisation that the paper belongs to."""
    if document is None:
        return False
    return not document.paper.organisation.memberships.filter(user_id=user.pk).exists()


@rules.predicate
def reviews_what_it_was_sent_with(user: User, document: Any) -> bool:
    """Reviews a submission that this version was sent with."""
    if document is None or Role.REVIEWER not in user.role_keys:
        return False
    return document.frozen_in.filter(
        version__submission__accesses__user_id=user.pk,
        version__submission__accesses__until_at=None,
        version__submission__accesses__as_role=Role.REVIEWER,
    ).exists()


@rules.predicate
def verified_it(user: User, verification: Any) -> bool:
    """Recorded the verification."""
    return verification is not None and verification.verified_by_id == user.pk


@rules.predicate
def is_programme_officer_apart(user: User, verification: Any) -> bool:
    """Is a programme officer who never acted for the organisation whose paper was verified."""
    if verification is None:
        return False
    document = verification.document
    return bool(is_programme_officer(user) and was_never_of_its_organisation(user, document))


def role_towards(user: User, document: Any) -> str:
    """Return as what somebody of the funder reads a paper: ``reviewer`` where they review it, else a role, or ""."""
    if user.is_system or not was_never_of_its_organisation(user, document):
        return ""
    if reviews_what_it_was_sent_with(user, document):
        return str(Role.REVIEWER)
    held = [key for key in Role.values if key in user.role_keys]
    return held[-1] if len(held) == 1 else next((key for key in held if key != Role.REVIEWER), "")


rules.add_perm(
    "partners.view_document",
    is_of_own_organisation | (reads_everything & is_of_applicant) | was_sent_with_accessible_submission,
)
rules.add_perm("partners.accept_document", is_system | (is_programme_officer & is_of_applicant))
rules.add_perm("partners.reject_document", is_system | (is_programme_officer & is_of_applicant))
rules.add_perm("partners.supersede_document", is_system | (is_programme_officer & is_of_applicant))
rules.add_perm("partners.recheck_document", is_system | (is_programme_officer & is_of_applicant))
rules.add_perm(
    "partners.verify_document",
    was_never_of_its_organisation & ((is_programme_officer & is_of_applicant) | reviews_what_it_was_sent_with),
)
rules.add_perm("partners.withdraw_verification", verified_it | is_programme_officer_apart)
