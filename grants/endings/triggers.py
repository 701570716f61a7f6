"""Triggers of endings: a request never changes what was asked or by whom, what came back is only added, and no grant is
terminated before a second person has confirmed its end.
"""

from vetting_portal.guards import Guard, append_only, kept

_SAYS = "a grant is terminated only once a second person has confirmed its end"
_WITHOUT = (
    "NEW.state = 'terminated' AND OLD.state <> 'terminated' AND NOT EXISTS "
    "(SELECT 1 FROM grants_ending WHERE grant_id = NEW.id AND state = 'carried_out')"
)
# It stands on the grant and reads the endings: it is made where there are endings.
CONFIRMED = Guard(
    name="grant_end_confirmed",
    table="grants_ending",
    sqlite=[
        "DROP TRIGGER IF EXISTS grant_end_confirmed",
        f"CREATE TRIGGER grant_end_confirmed BEFORE UPDATE ON grants_grant WHEN {_WITHOUT} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION grant_end_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_WITHOUT} THEN RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NEW; END $$",
        "DROP TRIGGER IF EXISTS grant_end_confirmed ON grants_grant",
        "CREATE TRIGGER grant_end_confirmed BEFORE UPDATE ON grants_grant FOR EACH ROW "
        "EXECUTE FUNCTION grant_end_confirmed()",
    ],
    sqlite_triggers=["grant_end_confirmed"],
    postgresql_triggers=["grant_end_confirmed"],
)
TRIGGERS = [
    CONFIRMED,
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
