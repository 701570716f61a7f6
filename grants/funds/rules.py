"""Who may see and fill match funds."""

import rules

from vetting_portal import rules as portal

rules.add_perm("grants.view_fund", portal.is_finance_officer | portal.is_director | portal.is_auditor)
rules.add_perm("grants.list_funds", portal.is_finance_officer | portal.is_director | portal.is_auditor)
rules.add_perm("grants.create_fund", portal.is_finance_officer)
rules.add_perm("grants.top_up_fund", portal.is_finance_officer)
rules.add_perm("grants.restrict_fund", portal.is_finance_officer)
rules.add_perm("grants.record_pledge", portal.is_finance_officer)
rules.add_perm("grants.withdraw_pledge", portal.is_finance_officer)
