"""Who reads the money of grants, releases it, says that it is paid, and compares it with the bank's word."""

import rules

from grants.campaigns.rules import is_about_a_record, reads_campaigns
from reviews.screening.rules import is_outsider
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def has_an_account(user: User) -> bool:
    """Somebody is signed in; the list itself is cut to what is theirs."""
    return user.is_active


moves_payments = (portal.is_finance_officer | portal.is_programme_officer) & is_outsider
reads_payments = portal.is_finance_officer | portal.is_programme_officer | portal.is_auditor
reads_bank_files = portal.is_finance_officer | portal.is_auditor

rules.add_perm("grants.view_finance", reads_bank_files)
rules.add_perm("grants.view_payments", is_about_a_record & reads_campaigns)
rules.add_perm("grants.list_payments", reads_payments)
rules.add_perm("grants.list_own_payments", has_an_account)
rules.add_perm("grants.release_payment", moves_payments)
rules.add_perm("grants.record_payment", moves_payments)
rules.add_perm("grants.bounce_payment", moves_payments)
rules.add_perm("grants.hold_payment", moves_payments)
rules.add_perm("grants.cancel_payment", (portal.is_programme_officer & is_outsider) | portal.is_system)
rules.add_perm("grants.make_payment_file", portal.is_finance_officer)
rules.add_perm("grants.view_payment_file", reads_bank_files)
rules.add_perm("grants.list_statements", reads_bank_files)
rules.add_perm("grants.upload_statement", portal.is_finance_officer)
rules.add_perm("grants.view_bank_statement", reads_bank_files)
rules.add_perm("grants.match_line", portal.is_finance_officer)
