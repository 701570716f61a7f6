"""The trigger of amendments: none goes away, none changes its grant, number or base, and in force it never changes."""

from vetting_portal.guards import kept

TRIGGERS = [
    kept(
        "grants_amendment",
        ["id", "grant_id", "ordinal", "number", "base_id", "created_at", "created_by_id"],
        "an amendment is kept as it is",
        final="in_force_at",
    ),
]
