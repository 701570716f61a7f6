"""Triggers of campaigns: what a ledger transaction did to a gift is only added."""

from vetting_portal.guards import append_only

GUARDS = [append_only("grants_giftentry", "id")]
