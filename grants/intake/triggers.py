"""Triggers of intake: what Stripe told, and the limits that once held, are only added."""

from vetting_portal.guards import append_only

TRIGGERS = [append_only("grants_stripeevent", "id"), append_only("grants_handlimit", "id")]
