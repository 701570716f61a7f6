"""Who may take a grant's evidence out of the portal."""

import rules

from grants.agreements.rules import has_no_tie_to_partner, reads_grants
from vetting_portal import rules as portal

rules.add_perm("grants.list_evidence", reads_grants)
rules.add_perm("grants.export_evidence", (reads_grants & has_no_tie_to_partner) | portal.is_system)
