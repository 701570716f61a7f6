"""Who carries counsel's checklist out. The rest about holds is asked of the organisation, below."""

import rules

from reviews.screening.rules import is_outsider
from vetting_portal import rules as portal_rules

rules.add_perm("reviews.view_holds", portal_rules.reads_everything)
rules.add_perm("reviews.do_counsel_step", (portal_rules.is_programme_officer | portal_rules.is_director) & is_outsider)
