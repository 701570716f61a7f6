"""What stops every payment of a grant and is known only to a room above: that somebody asks for its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from vetting_portal.duties import Rows
from vetting_portal.registry import from_apps
from vetting_portal.workflow import Blocker


@dataclass(frozen=True)
class Stop:
    """One reason: ``rows`` returns the records that stop payments, each with a field ``grant``, and ``says`` the
    sentence of one of them. An app lists its own as ``PAYMENT_STOPS`` in its module ``stopping``.
    """

    rows: Callable[[], QuerySet[Any]]
    says: Callable[[Any], Blocker]


def _stops() -> Iterator[Stop]:
    for listed in from_apps("PAYMENT_STOPS", module="stopping"):
        yield from listed


def stop_blockers(grant: Any) -> Iterator[Blocker]:
    """Yield why no payment of ``grant`` is released now, whatever its own conditions say."""
    for stop in _stops():
        for record in stop.rows().filter(grant=grant):
            yield stop.says(record)


def unstopped(rows: Rows) -> Rows:
    """Cut payments to those of grants that nothing stops, as ``stop_blockers`` says of one."""
    for stop in _stops():
        rows = rows.exclude(Exists(stop.rows().filter(grant=OuterRef("grant"))))
    return rows
