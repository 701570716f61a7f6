"""Who may open the pages of work."""

import rules

from partners.organisations.rules import is_person
from vetting_portal import rules as portal

rules.add_perm("grants.view_work", is_person)
rules.add_perm("grants.view_aims", portal.is_staff_member)
rules.add_perm("grants.view_set_up", portal.reads_everything)
rules.add_perm("grants.view_overview", portal.is_auditor)
