"""Gives every test that commits a fresh database, copied from a template.

Django empties the tables after such a test; ours refuse to be emptied, the audit trail first of all. So the migrated
database is kept as a template: a file on SQLite, a template database on PostgreSQL.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from vetting_portal.guards import all_guards

TEMPLATE = "template"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix: None) -> None:
    """Use a real file on SQLite (threads and WAL as in use), and no connection that outlives its request."""
    ours = connections["default"].settings_dict
    ours["CONN_MAX_AGE"] = 0
    ours["CONN_HEALTH_CHECKS"] = False
    if connection.vendor == "sqlite":
        ours["TEST"]["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After the migrations: keep a template, and put it back after each test that commits."""
    with django_db_blocker.unblock():
        keep_template()
    emptied = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda _case: restore_template()
    yield
    TransactionTestCase._fixture_teardown = emptied
    with django_db_blocker.unblock():
        drop_template()


def keep_template() -> None:
    """Copy the migrated database aside."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _copy_file(_name(connection), _template(connection))
    else:
        connection.close()
        _execute(f'CREATE DATABASE "{_template(connection)}" TEMPLATE "{_name(connection)}"')


def restore_template() -> None:
    """Replace the database by its template; whoever is still connected is cut off."""
    if connection.vendor == "sqlite":
        _copy_file(_template(connection), _name(connection))
    else:
        connection.close()
        _execute(f'DROP DATABASE "{_name(connection)}" WITH (FORCE)')
        _execute(f'CREATE DATABASE "{_name(connection)}" TEMPLATE "{_template(connection)}"')


def drop_template() -> None:
    """Forget the template; on SQLite it goes with the run's folder."""
    if connection.vendor == "postgresql":
        _execute(f'DROP DATABASE IF EXISTS "{_template(connection)}"')


def _name(database: BaseDatabaseWrapper) -> str:
    return database.settings_dict["NAME"]


def _template(database: BaseDatabaseWrapper) -> str:
    return f"{_name(database)}_{TEMPLATE}"


def _execute(statement: str) -> None:
    """Run a statement about databases, which no transaction may hold, from the maintenance database."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def _copy_file(source: str, target: str) -> None:
    """Put a copy of an SQLite database in another's place; a log beside the old one would spoil it."""
    connection.close()
    scratch = Path(f"{target}.new")
    shutil.copyfile(source, scratch)
    for left in (f"{target}-wal", f"{target}-shm"):
        Path(left).unlink(missing_ok=True)
    scratch.replace(target)


def drop_guards(table: str) -> None:
    """Take every trigger of ours off a table, as who holds the database could; the test rolls it back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending events keeps its triggers
        for guard in all_guards():
            for name in guard.triggers(connection.vendor) if guard.table == table else ():
                cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))


@contextmanager
def append_only() -> Iterator[None]:
    """Expect the database itself to refuse what is done within: the table keeps what it has."""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        yield
