"""Triggers of payments: two people; what is paid stays unless returned; what the bank was told is only added."""

from vetting_portal.guards import Guard, append_only, kept

TABLE = "grants_tranche"
NAME = "grants_tranche_two_people"
MESSAGE = "who approved the bank details does not release what is paid to them"
_SAME = (
    "NEW.details_id IS NOT NULL AND NEW.released_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM grants_bankdetails "
    "WHERE id = NEW.details_id AND approved_by_id = NEW.released_by_id)"
)

TWO_PEOPLE = Guard(
    name=NAME,
    table=TABLE,
    sqlite=[
        *(f"DROP TRIGGER IF EXISTS {NAME}_{verb}" for verb in ("insert", "update")),
        *(
            f"CREATE TRIGGER {NAME}_{verb} BEFORE {verb.upper()} ON {TABLE} WHEN {_SAME} "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            for verb in ("insert", "update")
        ),
    ],
    postgresql=[
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_SAME} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}",
        f"CREATE TRIGGER {NAME} BEFORE INSERT OR UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
    ],
    sqlite_triggers=[f"{NAME}_insert", f"{NAME}_update"],
    postgresql_triggers=[NAME],
)

STAYS = "grants_tranche_paid_stays"
STAYS_MESSAGE = "a payment that was made stays as it is, unless the bank returned it"
_RETURNED = (
    "NEW.state = 'held' AND NEW.paid_at IS NULL AND COALESCE(NEW.amount_minor, -1) = OLD.amount_minor "
    "AND COALESCE(NEW.details_id, -1) = OLD.details_id AND NEW.bank_reference = OLD.bank_reference "
    "AND EXISTS (SELECT 1 FROM grants_arrival WHERE tranche_id = OLD.id AND kind = 'returned' "
    "AND said_at >= OLD.paid_at)"
)

PAID_STAYS = Guard(
    name=STAYS,
    table=TABLE,
    sqlite=[
        f"DROP TRIGGER IF EXISTS {STAYS}",
        f"CREATE TRIGGER {STAYS} BEFORE UPDATE ON {TABLE} WHEN OLD.paid_at IS NOT NULL AND NOT ({_RETURNED}) "
        f"BEGIN SELECT RAISE(ABORT, '{STAYS_MESSAGE}'); END",
    ],
    postgresql=[
        f"CREATE OR REPLACE FUNCTION {STAYS}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.paid_at IS NOT NULL THEN IF NOT ({_RETURNED}) THEN RAISE EXCEPTION '{STAYS_MESSAGE}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS {STAYS} ON {TABLE}",
        f"CREATE TRIGGER {STAYS} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {STAYS}()",
    ],
    sqlite_triggers=[STAYS],
    postgresql_triggers=[STAYS],
)

TRIGGERS: list[Guard] = [
    TWO_PEOPLE,
    PAID_STAYS,
    kept(TABLE, ["id", "grant_id", "number"], "a payment stays with its grant and number"),
    append_only("grants_paymentfile", "id"),
    append_only("grants_paymentline", "id"),
    append_only("grants_bankstatement", "id"),
    append_only("grants_bankline", "id"),
    append_only("grants_linematch", "id"),
]
