"""The conditions of a grant, read in the same query as the grant: for pages whose number of queries is limited."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models.functions import JSONObject

from grants.conditions.models import Condition
from vetting_portal.models import User

READ = (
    "pk", "number", "text", "blocks", "of", "asked_of", "due_on", "state", "waived_reason", "waived_by__name",
    "waiver_asked_at",
)  # fmt: skip


class JsonRows(models.Aggregate):
    """The rows of a group as one JSON array."""

    function = "JSON_GROUP_ARRAY"
    output_field = models.JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Name the function as PostgreSQL does."""
        return self.as_sql(compiler, connection, function="JSONB_AGG", **more)


def condition_rows() -> models.Subquery:
    """Return the conditions of the grant at hand as JSON, to be annotated and then read by ``conditions_of_rows``."""
    rows = Condition.objects.filter(grant=models.OuterRef("pk")).order_by().values("grant")
    return models.Subquery(rows.annotate(rows=JsonRows(JSONObject(**{name: name for name in READ}))).values("rows"))


def conditions_of_rows(rows: list[dict[str, Any]] | None) -> list[Condition]:
    """Return the conditions by number. They hold what a brief shows and nothing else, and are never saved."""
    found = []
    for row in sorted(rows or [], key=lambda one: int(one["number"])):
        told = dict(row)
        name = told.pop("waived_by__name")
        condition = Condition(**{**told, "due_on": date.fromisoformat(told["due_on"])})
        condition.waived_by = User(name=name) if name else None
        found.append(condition)
    return found
