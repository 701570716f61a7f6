"""Triggers of arrivals: what was said stays as it was said."""

from vetting_portal.guards import Guard, append_only

TRIGGERS: list[Guard] = [append_only("grants_arrival", "id"), append_only("grants_arrivalnotice", "id")]
