"""Triggers of the public room: a receipt's link never becomes another's, and a revoked one stays revoked."""

from vetting_portal.guards import kept

TRIGGERS = [
    kept(
        "grants_receiptlink",
        ["id", "gift_id", "token_sha256", "made_at", "made_by_id"],
        "a link to a receipt is only revoked",
        final="revoked_at",
    )
]
