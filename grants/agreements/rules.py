"""Who may draft, sign, countersign, seal and end grants. Duties that exclude each other stand in blockers and
in the database.
"""

from typing import Any

import rules

from reviews.panels import rules as panels
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def is_of_partner(user: User, grant: Any) -> bool:
    """Acts now for the organisation that receives the grant."""
    return (
        grant is not None
        and grant.submission.organisation.memberships.filter(user_id=user.pk, until_at__isnull=True).exists()
    )


@rules.predicate
def is_owner_of_partner(user: User, grant: Any) -> bool:
    """Is an owner now of the organisation that receives the grant."""
    return (
        grant is not None
        and grant.submission.organisation.memberships.filter(
            user_id=user.pk, until_at__isnull=True, role="owner"
        ).exists()
    )


@rules.predicate
def is_shown_to_partner(_user: User, grant: Any) -> bool:
    """The directors have signed it, so that the partner may read it."""
    return grant is not None and grant.state in {
        grant.State.APPROVED,
        grant.State.IN_FORCE,
        grant.State.SUSPENDED,
        grant.State.COMPLETED,
        grant.State.CLOSED,
        grant.State.TERMINATED,
    }


@rules.predicate
def has_no_tie_to_partner(user: User, grant: Any) -> bool:
    """Never belonged to the organisation that receives the grant, and declared no interest in it."""
    return grant is not None and not grant.is_tied_to(user)


reads_grants = portal.is_programme_officer | portal.is_director | portal.is_finance_officer | portal.is_auditor

rules.add_perm("grants.list_grants", reads_grants)
rules.add_perm("grants.view_grant", reads_grants | (is_of_partner & is_shown_to_partner))
rules.add_perm("grants.view_own_grant", is_of_partner & is_shown_to_partner)
rules.add_perm("grants.draft_grant", panels.officer)
rules.add_perm("grants.change_grant", panels.officer)
rules.add_perm("grants.freeze_grant", panels.officer)
rules.add_perm("grants.list_to_sign", portal.is_director)
rules.add_perm("grants.declare_grant", portal.is_director)
rules.add_perm(
    "grants.open_brief",
    (portal.is_director | portal.is_programme_officer | portal.is_auditor) & panels.is_no_longer_blind,
)
rules.add_perm("grants.read_brief", has_no_tie_to_partner & (portal.is_programme_officer | portal.is_auditor))
rules.add_perm("grants.sign_grant", panels.director)
rules.add_perm("grants.send_back_grant", panels.director | panels.officer)
rules.add_perm("grants.decline_grant", panels.director)
rules.add_perm("grants.countersign_grant", is_owner_of_partner & is_shown_to_partner)
rules.add_perm("grants.seal_grant", portal.is_system)
rules.add_perm("grants.try_seal_again", panels.officer)
rules.add_perm("grants.complete_grant", panels.officer)
rules.add_perm("grants.close_grant", panels.officer)
rules.add_perm("grants.lapse_grant", panels.officer | portal.is_system)
rules.add_perm("grants.terminate_grant", panels.director | portal.is_system)
rules.add_perm("grants.suspend_grant", panels.officer | panels.director | portal.is_system)
rules.add_perm("grants.resume_grant", panels.director)
rules.add_perm("grants.set_signing_policy", portal.is_administrator)
rules.add_perm("grants.view_signing_policy", portal.is_director | portal.is_auditor | portal.is_administrator)
rules.add_perm("grants.list_absences", portal.is_director | portal.is_auditor | portal.is_administrator)
rules.add_perm("grants.note_absence", portal.is_administrator | (portal.is_director & portal.is_own_account))
rules.add_perm("grants.revoke_grant", panels.director)
