"""Who reads and keeps the list of closed places."""

import rules

from vetting_portal.rules import is_administrator, is_programme_officer, reads_everything

rules.add_perm("partners.view_embargoes", reads_everything)
rules.add_perm("partners.change_embargoes", is_programme_officer | is_administrator)
