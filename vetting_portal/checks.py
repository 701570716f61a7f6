"""Checks at start-up: guards that are gone, example data in production, a scanner that has no address."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Hint
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from vetting_portal.guards import missing_triggers
from vetting_portal.inspection.scanning import NONE, client_for


def guards_are_there(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 Django's signature
    """Return an error for each trigger that is missing from a migrated database."""
    if not databases:
        return []
    try:
        if "vetting_portal_auditentry" not in connection.introspection.table_names():
            return []
        missing = list(missing_triggers())
        example = (
            settings.PRODUCTION and apps.get_model("vetting_portal", "Funder").objects.filter(is_example=True).exists()
        )
    except DatabaseError as error:
        return [Error(f"The database does not answer: {error}", id="portal.E002")]
    hint = "Run manage.py migrate; if it stays, a table was rebuilt outside a migration."
    found: list[CheckMessage] = []
    if example:
        found.append(Error("This is an example installation: PRODUCTION=1 refuses its data.", id="portal.E003"))
    if missing and _is_behind():  # `migrate` runs this check too, and makes them
        return [*found, Hint("Migrations wait to be applied.", hint="Run manage.py migrate.", id="portal.W001")]
    return found + [
        Error(f"The trigger {name} is missing from the database.", hint=hint, id="portal.E001") for name in missing
    ]


def _is_behind() -> bool:
    """Whether the database has not seen every migration of this version yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def scanner_has_an_address(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 Django's signature
    """Return an error when SCANNER is neither ``none`` nor an address of clamd: no file could ever be checked."""
    if settings.SCANNER == NONE:
        return []
    try:
        client_for(settings.SCANNER)
    except ValueError as error:
        return [Error(str(error), id="portal.E004")]
    return []
