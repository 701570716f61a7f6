"""What was handed in stays: a report of a visit is corrected by a new version only."""

from vetting_portal.guards import Guard

MESSAGE = "a report of a visit that was handed in never changes"
NAME = "reviews_visit_frozen"

TRIGGERS = [
    Guard(
        name=NAME,
        table="reviews_visit",
        sqlite=[
            statement
            for verb in ("update", "delete")
            for statement in (
                f"DROP TRIGGER IF EXISTS {NAME}_{verb}",
                f"CREATE TRIGGER {NAME}_{verb} BEFORE {verb.upper()} ON reviews_visit "
                f"WHEN OLD.submitted_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
            )
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF OLD.submitted_at IS NOT NULL THEN RAISE EXCEPTION '{MESSAGE}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {NAME} ON reviews_visit",
            f"CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON reviews_visit FOR EACH ROW EXECUTE FUNCTION {NAME}()",
        ],
        sqlite_triggers=[f"{NAME}_update", f"{NAME}_delete"],
        postgresql_triggers=[NAME],
    )
]
