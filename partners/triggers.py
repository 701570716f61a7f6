"""Triggers of partners: duties against memberships, frozen checklists and questions, what was sent stays."""

from partners.organisations import triggers as organisations
from partners.places import triggers as places
from partners.submissions import triggers as submissions
from partners.vault import triggers as vault
from vetting_portal.guards import Guard, append_only

APART = "somebody who acts or acted for an organisation has no part in judging its submissions"
KEPT = "a membership is never removed or moved: it ends"


def _row_guard(name: str, table: str, sqlite_when: str, pg_body: str, message: str) -> Guard:
    """Return a guard that refuses a new or changed row of ``table`` where a condition holds.

    ``sqlite_when`` is the condition on SQLite; ``pg_body`` the PL/pgSQL that raises where it holds.
    """
    return Guard(
        name=name,
        table=table,
        sqlite=[
            statement
            for verb in ("insert", "update")
            for statement in (
                f"DROP TRIGGER IF EXISTS {name}_{verb}",
                f"CREATE TRIGGER {name}_{verb} BEFORE {verb.upper()} ON {table} WHEN {sqlite_when} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            )
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {pg_body} $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[f"{name}_insert", f"{name}_update"],
        postgresql_triggers=[name],
    )


# Both triggers lock the organisation's row on PostgreSQL: two transactions that each add one side meet there.
MEMBERSHIP_APART = _row_guard(
    "partners_membership_apart",
    "partners_membership",
    "EXISTS (SELECT 1 FROM partners_duty d JOIN partners_submission s ON s.id = d.submission_id "
    "WHERE d.user_id = NEW.user_id AND s.organisation_id = NEW.organisation_id)",
    "BEGIN PERFORM 1 FROM partners_organisation WHERE id = NEW.organisation_id FOR NO KEY UPDATE; "
    "IF EXISTS (SELECT 1 FROM partners_duty d JOIN partners_submission s ON s.id = d.submission_id "
    "WHERE d.user_id = NEW.user_id AND s.organisation_id = NEW.organisation_id) "
    f"THEN RAISE EXCEPTION '{APART}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END",
    APART,
)
DUTY_APART = _row_guard(
    "partners_duty_apart",
    "partners_duty",
    "EXISTS (SELECT 1 FROM partners_membership m JOIN partners_submission s ON s.organisation_id = m.organisation_id "
    "WHERE m.user_id = NEW.user_id AND s.id = NEW.submission_id)",
    "BEGIN PERFORM 1 FROM partners_organisation o JOIN partners_submission s ON s.organisation_id = o.id "
    "WHERE s.id = NEW.submission_id FOR NO KEY UPDATE OF o; "
    "IF EXISTS (SELECT 1 FROM partners_membership m JOIN partners_submission s "
    "ON s.organisation_id = m.organisation_id WHERE m.user_id = NEW.user_id AND s.id = NEW.submission_id) "
    f"THEN RAISE EXCEPTION '{APART}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END",
    APART,
)
MEMBERSHIP_KEPT = Guard(
    name="partners_membership_kept",
    table="partners_membership",
    sqlite=[
        "DROP TRIGGER IF EXISTS partners_membership_kept_delete",
        "DROP TRIGGER IF EXISTS partners_membership_kept_update",
        "CREATE TRIGGER partners_membership_kept_delete BEFORE DELETE ON partners_membership "
        f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
        "CREATE TRIGGER partners_membership_kept_update BEFORE UPDATE ON partners_membership "
        "WHEN NEW.user_id <> OLD.user_id OR NEW.organisation_id <> OLD.organisation_id "
        f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION partners_membership_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' THEN IF NEW.user_id = OLD.user_id AND NEW.organisation_id = OLD.organisation_id "
        f"THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION '{KEPT}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "DROP TRIGGER IF EXISTS partners_membership_kept ON partners_membership",
        "CREATE TRIGGER partners_membership_kept BEFORE UPDATE OR DELETE ON partners_membership "
        "FOR EACH ROW EXECUTE FUNCTION partners_membership_kept()",
    ],
    sqlite_triggers=["partners_membership_kept_delete", "partners_membership_kept_update"],
    postgresql_triggers=["partners_membership_kept"],
)


def _immutable(table: str, column: str) -> Guard:
    """Return the guard that keeps ``column`` of a row as it was made."""
    name = f"{table}_{column}_fixed"
    message = f"{column} of {table} never changes"
    return Guard(
        name=name,
        table=table,
        sqlite=[
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN NEW.{column} <> OLD.{column} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.{column} <> OLD.{column} THEN RAISE EXCEPTION '{message}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[name],
        postgresql_triggers=[name],
    )


def _frozen_itself(table: str) -> Guard:
    """Return the guard that refuses any change to a row of ``table`` once it is published."""
    name = f"{table}_frozen"
    message = f"a published {table.removeprefix('partners_')} never changes"
    return Guard(
        name=name,
        table=table,
        sqlite=[
            statement
            for verb in ("update", "delete")
            for statement in (
                f"DROP TRIGGER IF EXISTS {name}_{verb}",
                f"CREATE TRIGGER {name}_{verb} BEFORE {verb.upper()} ON {table} WHEN OLD.published_at IS NOT NULL "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            )
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION '{message}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[f"{name}_update", f"{name}_delete"],
        postgresql_triggers=[name],
    )


def _frozen_parts(table: str, published: str) -> Guard:
    """Return the guard that refuses any change to a part of a published whole.

    ``published`` is a query for a published whole, with ``{row}`` where the part's row (OLD or NEW) stands.
    """
    name = f"{table}_frozen"
    message = f"{table.removeprefix('partners_')}: the version it belongs to is published and never changes"
    sqlite: list[str] = []
    for verb, rows in (("insert", ["NEW"]), ("update", ["OLD", "NEW"]), ("delete", ["OLD"])):
        when = " OR ".join(f"EXISTS ({published.format(row=row)})" for row in rows)
        sqlite += [
            f"DROP TRIGGER IF EXISTS {name}_{verb}",
            f"CREATE TRIGGER {name}_{verb} BEFORE {verb.upper()} ON {table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ]
    check = (
        "IF EXISTS ({query}) THEN RAISE EXCEPTION '" + message + "' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
    )
    return Guard(
        name=name,
        table=table,
        sqlite=sqlite,
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF TG_OP <> 'INSERT' THEN " + check.format(query=published.format(row="OLD")) + "END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
            + check.format(query=published.format(row="NEW"))
            + "RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[f"{name}_insert", f"{name}_update", f"{name}_delete"],
        postgresql_triggers=[name],
    )


TRIGGERS = [
    MEMBERSHIP_APART,
    DUTY_APART,
    MEMBERSHIP_KEPT,
    _immutable("partners_submission", "organisation_id"),
    _immutable("partners_submission", "number"),
    _immutable("partners_submission", "checklist_id"),
    _immutable("partners_submission", "questionnaire_id"),
    _immutable("partners_duty", "user_id"),
    _frozen_itself("partners_checklistversion"),
    _frozen_itself("partners_questionnaire"),
    _frozen_parts(
        "partners_criterion",
        "SELECT 1 FROM partners_checklistversion v WHERE v.id = {row}.checklist_id AND v.published_at IS NOT NULL",
    ),
    _frozen_parts(
        "partners_section",
        "SELECT 1 FROM partners_questionnaire v WHERE v.id = {row}.questionnaire_id AND v.published_at IS NOT NULL",
    ),
    _frozen_parts(
        "partners_question",
        "SELECT 1 FROM partners_questionnaire v JOIN partners_section s ON s.questionnaire_id = v.id "
        "WHERE s.id = {row}.section_id AND v.published_at IS NOT NULL",
    ),
    append_only("partners_submissionversion", "id"),
    append_only("partners_frozenevidence", "id"),
    *places.TRIGGERS,
    *organisations.TRIGGERS,
    *submissions.TRIGGERS,
    *vault.TRIGGERS,
]
