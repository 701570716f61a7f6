"""Who reads, changes and publishes the wording of agreements. That nobody publishes what they changed is a blocker."""

import rules

from vetting_portal import rules as portal

reads_wordings = (
    portal.is_programme_officer
    | portal.is_director
    | portal.is_finance_officer
    | portal.is_auditor
    | portal.is_administrator
)

rules.add_perm("grants.view_wording", reads_wordings)
rules.add_perm("grants.list_wordings", reads_wordings)
rules.add_perm("grants.change_wording", portal.is_programme_officer | portal.is_administrator)
rules.add_perm("grants.publish_wording", portal.is_programme_officer | portal.is_director | portal.is_administrator)
