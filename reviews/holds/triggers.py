"""Triggers of holds' checklists: what was done stays as it was recorded."""

from vetting_portal.guards import append_only

TRIGGERS = [append_only("reviews_counselstep", "id")]
