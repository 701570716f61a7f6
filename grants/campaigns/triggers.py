"""Triggers of campaigns: what a ledger transaction did to a gift, and the lines of a statement, are only added."""

from vetting_portal.guards import append_only

TRIGGERS = [
    append_only("grants_giftentry", "id"),
    append_only("grants_statementline", "id"),
    append_only("grants_statementbranch", "id"),
]
