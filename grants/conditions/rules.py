"""Who shows that a condition is met, who checks it, and who may waive it."""

from typing import Any

import rules

from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def acts_for_partner(user: User, condition: Any) -> bool:
    """Acts now for the organisation whose grant the condition belongs to, and may read the condition."""
    if condition is None or not condition.is_shown_to_partner:
        return False
    members = condition.grant.submission.organisation.memberships
    return bool(members.filter(user_id=user.pk, until_at__isnull=True).exists())


@rules.predicate
def is_asked_of_partner(user: User, condition: Any) -> bool:  # noqa: ARG001 a rule is asked about both
    """The partner shows that it is met."""
    return condition is not None and condition.asked_of == condition.AskedOf.PARTNER


@rules.predicate
def has_no_tie(user: User, condition: Any) -> bool:
    """Never belonged to the partner of the grant, and declared no interest in it."""
    return condition is not None and not condition.grant.is_tied_to(user)


@rules.predicate
def is_signed_in(user: User) -> bool:
    """Somebody is signed in; the list itself is cut to what is theirs."""
    return user.is_active


reads_conditions = portal.is_programme_officer | portal.is_director | portal.is_finance_officer | portal.is_auditor
officer = portal.is_programme_officer & has_no_tie
director = portal.is_director & has_no_tie

rules.add_perm("grants.list_conditions", reads_conditions)
rules.add_perm("grants.list_own_conditions", is_signed_in)
rules.add_perm("grants.view_condition", reads_conditions | acts_for_partner)
rules.add_perm("grants.show_condition", officer | (acts_for_partner & is_asked_of_partner))
rules.add_perm("grants.check_condition", officer | director)
rules.add_perm("grants.ask_waiver", officer)
rules.add_perm("grants.waive_condition", director)
rules.add_perm("grants.end_condition", portal.is_programme_officer | portal.is_director | portal.is_system)
