"""Who may read, write, send and move a submission."""

from typing import Any

import rules

from vetting_portal.models import Role, User
from vetting_portal.rules import is_director, is_programme_officer, is_system, reads_everything


@rules.predicate
def acts_for_applicant(user: User, submission: Any) -> bool:
    """Acts for the organisation that applies, now."""
    if submission is None:
        return False
    return submission.organisation.memberships.filter(user_id=user.pk, until_at=None).exists()


@rules.predicate
def owns_applicant(user: User, submission: Any) -> bool:
    """Owns the account of the organisation that applies, now."""
    if submission is None:
        return False
    return submission.organisation.memberships.filter(user_id=user.pk, until_at=None, role="owner").exists()


@rules.predicate
def was_a_member(user: User, submission: Any) -> bool:
    """Acts or once acted for the organisation that applies."""
    return submission is not None and submission.organisation.memberships.filter(user_id=user.pk).exists()


@rules.predicate
def is_sent(user: User, submission: Any) -> bool:  # noqa: ARG001 a predicate's first argument
    """The partner has sent it at least once."""
    return submission is not None and submission.submitted_at is not None


@rules.predicate
def has_access(user: User, submission: Any) -> bool:
    """Was given access to it as a reviewer, and holds both the access and the role."""
    return (
        Role.REVIEWER in user.role_keys
        and submission is not None
        and submission.accesses.filter(user_id=user.pk, until_at=None).exists()
    )


@rules.predicate
def was_never_a_member(user: User, submission: Any) -> bool:
    """Never acted for the organisation that applies."""
    return submission is not None and not was_a_member(user, submission)


officer_of_it = is_programme_officer & was_never_a_member
director_of_it = is_director & was_never_a_member

rules.add_perm("partners.view_submission", acts_for_applicant | (reads_everything & is_sent) | has_access)
rules.add_perm("partners.change_submission", acts_for_applicant)
rules.add_perm("partners.submit_submission", owns_applicant)
rules.add_perm("partners.resubmit_submission", owns_applicant)
rules.add_perm("partners.withdraw_submission", owns_applicant)
rules.add_perm("partners.request_changes_submission", officer_of_it)
rules.add_perm("partners.start_review_submission", officer_of_it)
rules.add_perm("partners.assess_submission", officer_of_it | is_system)
rules.add_perm("partners.recommend_submission", officer_of_it)
rules.add_perm("partners.override_submission", director_of_it)
rules.add_perm("partners.return_to_review_submission", director_of_it)
rules.add_perm("partners.approve_submission", director_of_it | is_system)
rules.add_perm("partners.restore_submission", is_system)
rules.add_perm("partners.decline_submission", officer_of_it | director_of_it)
rules.add_perm("partners.give_access_submission", officer_of_it | director_of_it | is_system)
