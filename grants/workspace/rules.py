"""Who may open the pages of work."""

import rules

from vetting_portal import rules as portal

rules.add_perm("grants.view_queue", portal.is_programme_officer)
rules.add_perm("grants.view_set_up", portal.reads_everything)
rules.add_perm("grants.view_overview", portal.is_auditor)
