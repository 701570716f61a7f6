"""Triggers of submissions' licences: what was recorded stays, until it is withdrawn."""

from vetting_portal.guards import kept

TRIGGERS = [
    kept(
        "partners_licence",
        ["organisation_id", "submission_id", "embargo_id", "kind", "number", "scope", "granted_on", "valid_until_on",
         "paper_id", "recorded_at", "recorded_by_id"],
        "a licence is never removed or rewritten: it is withdrawn",
        final="withdrawn_at",
    )
]  # fmt: skip
