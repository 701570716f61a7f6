"""Who takes gifts in, who is the second person, and who sets from where one is needed."""

from typing import Any

import rules

from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def is_about_a_record(user: User, subject: Any) -> bool:  # noqa: ARG001 a rule is asked about both
    """A record is named: nothing here is allowed in general."""
    return subject is not None


@rules.predicate
def did_not_enter_it(user: User, gift: Any) -> bool:
    """Somebody else entered the gift that waits."""
    return gift is not None and gift.entered_by_id != user.pk


handles_gifts = portal.is_finance_officer | portal.is_system
sees_gifts = portal.is_finance_officer | portal.is_programme_officer

rules.add_perm("grants.view_intake", sees_gifts | portal.is_director | portal.is_auditor)
rules.add_perm("grants.import_gifts", is_about_a_record & handles_gifts)
rules.add_perm("grants.enter_gift", is_about_a_record & handles_gifts)
rules.add_perm("grants.confirm_gift", did_not_enter_it & sees_gifts)
rules.add_perm("grants.refuse_gift", is_about_a_record & sees_gifts)
rules.add_perm("grants.set_hand_limit", portal.is_director | portal.is_administrator)
rules.add_perm("grants.take_stripe", portal.is_system)
rules.add_perm("grants.assign_charge", is_about_a_record & portal.is_finance_officer)
