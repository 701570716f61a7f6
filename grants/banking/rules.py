"""Who enters bank details, who checks them, who reads the whole number."""

import rules

from partners.organisations.rules import is_member, is_owner
from reviews.screening.rules import is_outsider
from vetting_portal import rules as portal

reads_bank = portal.is_programme_officer | portal.is_director | portal.is_finance_officer | portal.is_auditor
checks_bank = (portal.is_finance_officer | portal.is_programme_officer) & is_outsider

rules.add_perm("grants.list_bank", portal.is_finance_officer | portal.is_programme_officer | portal.is_auditor)
rules.add_perm("grants.view_bank", is_member | (reads_bank & is_outsider))
rules.add_perm("grants.enter_bank", is_owner)
rules.add_perm("grants.check_bank", checks_bank)
rules.add_perm("grants.read_account", portal.is_finance_officer & is_outsider)
