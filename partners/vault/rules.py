"""Who may open, send and judge papers."""

from typing import Any

import rules

from vetting_portal.models import User
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
    """This version was sent with a submission that the user has access to."""
    if document is None:
        return False
    return document.frozen_in.filter(
        version__submission__accesses__user_id=user.pk, version__submission__accesses__until_at=None
    ).exists()


rules.add_perm(
    "partners.view_document",
    is_of_own_organisation | (reads_everything & is_of_applicant) | was_sent_with_accessible_submission,
)
rules.add_perm("partners.accept_document", is_system | (is_programme_officer & is_of_applicant))
rules.add_perm("partners.reject_document", is_system | (is_programme_officer & is_of_applicant))
rules.add_perm("partners.supersede_document", is_system | (is_programme_officer & is_of_applicant))
rules.add_perm("partners.recheck_document", is_system | (is_programme_officer & is_of_applicant))
