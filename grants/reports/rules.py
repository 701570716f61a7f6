"""Who sends reports, and who answers them."""

from typing import Any

import rules

from grants.campaigns.rules import is_about_a_record, reads_campaigns
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def is_of_partner(user: User, report: Any) -> bool:
    """Acts now for the organisation whose grant the report is about."""
    if report is None:
        return False
    members = report.grant.submission.organisation.memberships
    return bool(members.filter(user_id=user.pk, until_at__isnull=True).exists())


@rules.predicate
def is_signed_in(user: User) -> bool:
    """Somebody is signed in; the list itself is cut to what is theirs."""
    return user.is_active


rules.add_perm("grants.list_own_reports", is_signed_in)
rules.add_perm("grants.list_reports", reads_campaigns)
rules.add_perm("grants.view_report", is_about_a_record & (reads_campaigns | is_of_partner))
rules.add_perm("grants.write_report", is_of_partner)
rules.add_perm("grants.submit_report", is_of_partner)
rules.add_perm("grants.answer_report", is_about_a_record & portal.is_programme_officer)
