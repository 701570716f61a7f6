"""Who reads the money of grants."""

import rules

from vetting_portal import rules as portal

rules.add_perm("grants.view_finance", portal.is_finance_officer | portal.is_auditor)
