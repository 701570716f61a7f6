"""Triggers that hold in the database what no code may forget; made by migrations, compared at start-up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from vetting_portal.registry import from_apps, module_of


@dataclass(frozen=True)
class Guard:
    """Triggers of one table: for each vendor the names of its triggers and the statements that make them.

    Every statement list can be run again: each begins by dropping what it makes.
    """

    name: str
    table: str
    sqlite: Sequence[str]
    postgresql: Sequence[str]
    sqlite_triggers: Sequence[str] = field(default=())
    postgresql_triggers: Sequence[str] = field(default=())

    def statements(self, vendor: str) -> Sequence[str]:
        """Return the statements for ``sqlite`` or ``postgresql``."""
        return self.sqlite if vendor == "sqlite" else self.postgresql

    def triggers(self, vendor: str) -> Sequence[str]:
        """Return the names of the triggers that must exist."""
        return self.sqlite_triggers if vendor == "sqlite" else self.postgresql_triggers


def append_only(table: str, key: str) -> Guard:
    """Return the guard that lets rows of ``table`` (primary key ``key``) be inserted and nothing else."""
    name = f"{table}_append_only"
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    return Guard(
        name=name,
        table=table,
        sqlite=[
            *(f"DROP TRIGGER IF EXISTS {name}_{verb}" for verb in ("insert", "update", "delete")),
            # INSERT OR REPLACE would remove the old row without a DELETE trigger: refuse a key that is taken.
            f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} WHEN EXISTS "
            f"(SELECT 1 FROM {table} WHERE {key} = NEW.{key}) BEGIN {refuse}; END",
            f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
            f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
            f"DROP TRIGGER IF EXISTS {name}_rows ON {table}",
            f"DROP TRIGGER IF EXISTS {name}_truncate ON {table}",
            f"CREATE TRIGGER {name}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[f"{name}_insert", f"{name}_update", f"{name}_delete"],
        postgresql_triggers=[f"{name}_rows", f"{name}_truncate"],
    )


def kept(table: str, fixed: Sequence[str], message: str, *, final: str = "") -> Guard:
    """Return the guard that lets no row of ``table`` go, and none of its ``fixed`` columns change.

    With ``final``, a column, a row in which it is set never changes again at all.
    """
    name = f"{table}_kept"
    more = f" OR OLD.{final} IS NOT NULL" if final else ""
    changed = {
        differs: " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in fixed) + more
        for differs in ("IS NOT", "IS DISTINCT FROM")
    }
    refuse = f"SELECT RAISE(ABORT, '{message}')"
    return Guard(
        name=name,
        table=table,
        sqlite=[
            *(f"DROP TRIGGER IF EXISTS {name}_{verb}" for verb in ("insert", "update", "delete")),
            # INSERT OR REPLACE would remove the old row without a DELETE trigger: refuse a key that is taken.
            f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} WHEN EXISTS "
            f"(SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse}; END",
            f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} WHEN {changed['IS NOT']} BEGIN {refuse}; END",
            f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'UPDATE' THEN IF NOT ({changed['IS DISTINCT FROM']}) THEN RETURN NEW; END IF; END IF; "
            f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[f"{name}_insert", f"{name}_update", f"{name}_delete"],
        postgresql_triggers=[name],
    )


def _guards_of(app_label: str) -> Sequence[Guard]:
    found = module_of(apps.get_app_config(app_label), "triggers")
    return found.TRIGGERS if found else ()


def all_guards() -> Iterator[Guard]:
    """Yield the guards of every app of the portal."""
    for listed in from_apps("TRIGGERS", module="triggers"):
        yield from listed


class InstallGuards(Operation):
    """Make (again) the triggers of an app: after its tables, and after every migration that rebuilds a guarded one."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, app_label: str) -> None:
        self.app_label = app_label

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        """Run the statements of this database's vendor."""
        for guard in _guards_of(self.app_label):
            for statement in guard.statements(schema_editor.connection.vendor):
                schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Leave the triggers: they go with their tables."""

    def describe(self) -> str:
        """Say what ``migrate`` does here."""
        return f"Make the triggers of {self.app_label}"


def missing_triggers() -> Iterator[str]:
    """Yield the name of every trigger that should guard this database and does not exist or does not fire."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        there = {row[0] for row in cursor.fetchall()}
    for guard in all_guards():
        for trigger in guard.triggers(connection.vendor):
            if trigger not in there:
                yield trigger
