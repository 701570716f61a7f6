"""Triggers of closed places: a row begins and ends, and never changes or goes away otherwise."""

from vetting_portal.guards import kept

TRIGGERS = [
    kept(
        "partners_embargo",
        ["name", "country", "region", "since_on", "source", "checked_on", "recorded_at", "recorded_by_id", "reason"],
        "a closed place is never removed or rewritten: it ends",
        final="until_on",
    )
]
