"""Triggers: a certificate of the seal stays on record as it is; what is said of its end is said once."""

from vetting_portal.guards import Guard, kept

CERTIFICATES = "grants_sealcertificate"
FIXED = [
    "id",
    "fingerprint",
    "source",
    "subject",
    "pem",
    "begins_at",
    "ends_at",
    "recorded_at",
    "recorded_by_id",
]

TRIGGERS: list[Guard] = [
    kept(CERTIFICATES, FIXED, "a certificate of the seal stays on record", final="compromised_at"),
]
