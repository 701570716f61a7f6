"""Who may take tables out of the portal, and whose file names how a donor is reached."""

import rules

from vetting_portal import rules as portal

rules.add_perm("grants.take_exports", portal.is_finance_officer | portal.is_auditor | portal.is_system)
rules.add_perm("grants.export_donor_addresses", portal.is_finance_officer)
