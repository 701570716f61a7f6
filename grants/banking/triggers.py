"""What was entered, called and approved stays: a change of bank details is a new version."""

from vetting_portal.guards import Guard, append_only

TABLE = "grants_bankdetails"
NAME = "grants_bankdetails_frozen"
MESSAGE = "bank details that were entered never change: a change is a new version"
ENTERED = (
    "organisation_id", "number", "bank_id", "holder", "holder_reason", "bank_name", "country", "form",
    "account_locked", "account_mark", "last4", "bic", "entered_at", "entered_by_id",
)  # fmt: skip
ONCE = (
    "called_at", "called_by_id", "held_number_id", "held_since_at", "approved_at", "approved_by_id", "refused_at",
    "refused_by_id", "superseded_at", "superseded_by_id",
)  # fmt: skip


def _changed(differs: str) -> str:
    entered = [f"NEW.{column} {differs} OLD.{column}" for column in ENTERED]
    once = [f"(OLD.{column} IS NOT NULL AND NEW.{column} {differs} OLD.{column})" for column in ONCE]
    return " OR ".join([*entered, *once])


TRIGGERS = [
    Guard(
        name=NAME,
        table=TABLE,
        sqlite=[
            f"DROP TRIGGER IF EXISTS {NAME}_update",
            f"DROP TRIGGER IF EXISTS {NAME}_delete",
            f"CREATE TRIGGER {NAME}_update BEFORE UPDATE ON {TABLE} WHEN {_changed('IS NOT')} "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
            f"CREATE TRIGGER {NAME}_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'UPDATE' THEN IF NOT ({_changed('IS DISTINCT FROM')}) THEN RETURN NEW; END IF; END IF; "
            f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}",
            f"CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
        ],
        sqlite_triggers=[f"{NAME}_update", f"{NAME}_delete"],
        postgresql_triggers=[NAME],
    ),
    append_only("grants_heldnumber", "id"),
]
