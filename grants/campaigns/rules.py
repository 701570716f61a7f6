"""Who may run a campaign, and who may touch its money."""

from typing import Any

import rules

from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def is_about_a_record(user: User, subject: Any) -> bool:  # noqa: ARG001 a rule is asked about both
    """A campaign, gift or grant is named: nothing here is allowed in general."""
    return subject is not None


reads_campaigns = (
    portal.is_programme_officer | portal.is_director | portal.is_finance_officer | portal.is_auditor
)  # fmt: skip
handles_gifts = portal.is_finance_officer | portal.is_system

rules.add_perm("grants.list_campaigns", reads_campaigns)
rules.add_perm("grants.view_campaign", is_about_a_record & reads_campaigns)
rules.add_perm("grants.view_gift", is_about_a_record & reads_campaigns)
rules.add_perm("grants.plan_campaign", is_about_a_record & portal.is_programme_officer)
rules.add_perm("grants.edit_campaign", is_about_a_record & portal.is_programme_officer)
rules.add_perm("grants.open_campaign", is_about_a_record & portal.is_programme_officer)
rules.add_perm("grants.pause_campaign", is_about_a_record & (portal.is_programme_officer | portal.is_system))
rules.add_perm("grants.resume_campaign", is_about_a_record & portal.is_programme_officer)
rules.add_perm(
    "grants.close_campaign",
    is_about_a_record & (portal.is_finance_officer | portal.is_programme_officer | portal.is_system),
)
rules.add_perm("grants.record_gift", is_about_a_record & handles_gifts)
rules.add_perm("grants.refund_gift", is_about_a_record & handles_gifts)
rules.add_perm(
    "grants.correct_eligibility", is_about_a_record & (portal.is_finance_officer | portal.is_programme_officer)
)
# Payment sources tell of disputes; a signed amendment raises a cap. No person does either by hand.
rules.add_perm("grants.dispute_gift", is_about_a_record & portal.is_system)
rules.add_perm("grants.raise_cap", is_about_a_record & portal.is_system)
rules.add_perm("grants.erase_donor", is_about_a_record & (portal.is_administrator | portal.is_finance_officer))
