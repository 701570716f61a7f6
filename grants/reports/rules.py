"""Who sends reports, who answers them, and who may record and withdraw a consent."""

from typing import Any

import rules

from grants.campaigns.rules import is_about_a_record, reads_campaigns
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def is_of_partner(user: User, subject: Any) -> bool:
    """Acts now for the organisation whose grant it is about: the grant itself, a report, a story or a consent."""
    if subject is None:
        return False
    members = getattr(subject, "grant", subject).submission.organisation.memberships
    return bool(members.filter(user_id=user.pk, until_at__isnull=True).exists())


@rules.predicate
def has_no_tie(user: User, report: Any) -> bool:
    """Never belonged to the partner of the grant, and declared no interest in it."""
    return report is not None and not report.grant.is_tied_to(user)


@rules.predicate
def is_signed_in(user: User) -> bool:
    """Somebody is signed in; the list itself is cut to what is theirs."""
    return user.is_active


rules.add_perm("grants.list_own_reports", is_signed_in)
rules.add_perm("grants.list_reports", reads_campaigns)
rules.add_perm("grants.view_report", is_about_a_record & (reads_campaigns | is_of_partner))
rules.add_perm("grants.write_report", is_of_partner)
rules.add_perm("grants.submit_report", is_of_partner)
rules.add_perm("grants.answer_report", portal.is_programme_officer & has_no_tie)
rules.add_perm("grants.cancel_report", is_about_a_record & portal.is_system)
rules.add_perm("grants.publish_report", portal.is_programme_officer & has_no_tie)
rules.add_perm("grants.view_consent", is_about_a_record & (reads_campaigns | is_of_partner))
rules.add_perm("grants.record_consent", is_about_a_record & (portal.is_programme_officer | is_of_partner))
rules.add_perm("grants.withdraw_consent", is_about_a_record & (portal.is_programme_officer | is_of_partner))
