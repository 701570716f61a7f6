"""Who may see the figures of a round: who runs the panels, who decides on them, who checks them; never a reviewer."""

from typing import Any

import rules

from vetting_portal import rules as portal_rules
from vetting_portal.models import User


@rules.predicate
def did_not_review_in_it(user: User, programme: Any) -> bool:
    """Has no review of a submission of this programme, open or submitted: a figure of one's own, or of those one is
    compared with, pulls scores to the mean instead of to the written anchors.
    """
    if programme is None:
        return False
    return (
        not user.reviews.filter(submission__programme_id=programme.pk).exclude(state__in=["recused", "ended"]).exists()
    )


reads_rounds = portal_rules.is_programme_officer | portal_rules.is_director | portal_rules.is_auditor

rules.add_perm("reviews.view_rounds", reads_rounds)
rules.add_perm("reviews.view_round", reads_rounds)
rules.add_perm("reviews.view_severity", reads_rounds & did_not_review_in_it)
