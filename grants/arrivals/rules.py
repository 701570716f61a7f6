"""Who confirms a payment, and who looks for one that has not arrived."""

from typing import Any

import rules

from grants.campaigns.rules import is_about_a_record
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def acts_for_payee(user: User, payment: Any) -> bool:
    """Acts now for the organisation that is paid."""
    if payment is None:
        return False
    members = payment.grant.submission.organisation.memberships
    return bool(members.filter(user_id=user.pk, until_at__isnull=True).exists())


@rules.predicate
def is_no_payee(user: User, payment: Any) -> bool:
    """Never belonged to the organisation that is paid."""
    return (
        payment is not None
        and not payment.grant.submission.organisation.memberships.filter(user_id=user.pk).exists()
    )  # fmt: skip


reads_arrivals = portal.is_programme_officer | portal.is_director | portal.is_finance_officer | portal.is_auditor

rules.add_perm("grants.view_arrival", is_about_a_record & (reads_arrivals | acts_for_payee))
rules.add_perm("grants.confirm_payment", acts_for_payee)
rules.add_perm("grants.answer_missing_payment", portal.is_finance_officer & is_no_payee)
