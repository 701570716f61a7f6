"""Triggers of endings: a request never changes what was asked or by whom, and what came back is only added."""

from vetting_portal.guards import append_only, kept

GUARDS = [
    kept(
        "grants_ending",
        [
            "id", "grant_id", "ordinal", "number", "reason", "words", "public_reason", "ends_on", "due_on",
            "letter_id", "asked_at", "asked_by_id", "expires_at",
        ],
        "what was asked for stays as it was",
    ),
    append_only("grants_moneyreturned", "id"),
]  # fmt: skip
