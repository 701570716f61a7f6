"""Taking tables out: who took which is recorded first, then the file is handed on as it is read."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied

from grants.exports.cells import csv_text
from grants.exports.giving import package, package_blockers
from grants.exports.tables import Table
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Refused, action, record


def take_table(*, table: Table, by: User) -> Iterator[str]:
    """Record who takes the table and return its CSV, piece by piece. Raises PermissionDenied."""
    _record_export(name=table.name, by=by)
    return csv_text(table.columns(by), table.rows(by))


def take_360giving(*, by: User) -> Iterator[str]:
    """Record who takes the awarded grants and return them as 360Giving JSON, piece by piece.

    Raises PermissionDenied; Refused where no grant is awarded yet, or nothing identifies the funder.
    """
    funder = Funder.objects.current()
    if reasons := package_blockers(funder):
        raise Refused(reasons, subject=funder)
    _record_export(name="360giving", by=by)
    return package(funder)


@action
def _record_export(*, name: str, by: User) -> None:
    """Record that a table was taken out."""
    if not by.has_perm("grants.take_exports"):
        raise PermissionDenied("take_exports")
    record("data_exported", Funder.objects.current(), by=by, facts={"table": name})
