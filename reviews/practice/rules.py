"""Who may practise, and who may read the practice application with its reference scores."""

from typing import Any

import rules

from vetting_portal import rules as portal_rules
from vetting_portal.models import User


@rules.predicate
def is_own_practice(user: User, attempt: Any) -> bool:
    """The practice review is the user's own; nobody else opens it."""
    return attempt is not None and attempt.reviewer_id == user.pk


rules.add_perm("reviews.practise", portal_rules.is_reviewer)
rules.add_perm("reviews.open_practice", portal_rules.is_reviewer & is_own_practice)
rules.add_perm("reviews.read_practice", portal_rules.is_programme_officer | portal_rules.is_administrator)
