"""Who may write a report of a visit, and who may read it."""

from typing import Any

import rules

from reviews.references.rules import declared_no_interest, is_sent, officer, reviews_it, stands_outside
from vetting_portal import rules as portal_rules
from vetting_portal.models import User


@rules.predicate
def is_handed_in(user: User, visit: Any) -> bool:  # noqa: ARG001 a predicate takes both
    """The report was handed in."""
    return visit is not None and visit.submitted_at is not None


rules.add_perm(
    "reviews.list_visits",
    is_sent & stands_outside & declared_no_interest & (portal_rules.reads_everything | reviews_it),
)
rules.add_perm(
    "reviews.view_visit",
    stands_outside & declared_no_interest & (portal_rules.reads_everything | (is_handed_in & reviews_it)),
)
rules.add_perm("reviews.write_visit", officer)
