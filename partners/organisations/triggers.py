"""Triggers of holds: two people release one, neither of whom placed it, superusers included; none is removed."""

from vetting_portal.guards import Guard, append_only, kept

TWO = "a hold is released by two people, neither of whom placed it"
_COLUMNS = ["organisation_id", "kind", "cause_id", "note", "placed_at", "placed_by_id"]
_OTHERS = (
    "(SELECT COUNT(DISTINCT r.given_by_id) FROM partners_holdrelease r "
    "WHERE r.hold_id = NEW.id AND r.given_by_id <> NEW.placed_by_id)"
)
_RELEASING = "NEW.released_at IS NOT NULL"
_ABORT = f"SELECT RAISE(ABORT, '{TWO}')"
_RAISE = f"RAISE EXCEPTION '{TWO}' USING ERRCODE = 'integrity_constraint_violation'"

RELEASED_BY_TWO = Guard(
    name="partners_hold_two",
    table="partners_hold",
    sqlite=[
        "DROP TRIGGER IF EXISTS partners_hold_two_insert",
        "DROP TRIGGER IF EXISTS partners_hold_two_update",
        f"CREATE TRIGGER partners_hold_two_insert BEFORE INSERT ON partners_hold WHEN {_RELEASING} BEGIN {_ABORT}; END",
        f"CREATE TRIGGER partners_hold_two_update BEFORE UPDATE ON partners_hold "
        f"WHEN {_RELEASING} AND {_OTHERS} < 2 BEGIN {_ABORT}; END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION partners_hold_two() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_RELEASING} THEN IF TG_OP = 'INSERT' THEN {_RAISE}; END IF; "
        f"IF {_OTHERS} < 2 THEN {_RAISE}; END IF; END IF; RETURN NEW; END $$",
        "DROP TRIGGER IF EXISTS partners_hold_two ON partners_hold",
        "CREATE TRIGGER partners_hold_two BEFORE INSERT OR UPDATE ON partners_hold "
        "FOR EACH ROW EXECUTE FUNCTION partners_hold_two()",
    ],
    sqlite_triggers=["partners_hold_two_insert", "partners_hold_two_update"],
    postgresql_triggers=["partners_hold_two"],
)

TRIGGERS = [
    RELEASED_BY_TWO,
    kept("partners_hold", _COLUMNS, "a hold is never removed or rewritten: it is released", final="released_at"),
    append_only("partners_holdrelease", "id"),
    kept(
        "partners_heldmessage",
        ["organisation_id", "address", "subject", "body", "held_at"],
        "a held message is never removed or rewritten: it is sent or discarded",
    ),
]
