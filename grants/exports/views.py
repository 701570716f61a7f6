"""The page of exports, and the files it hands on."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.generic import TemplateView, View

from grants.exports.actions import take_360giving, take_table
from grants.exports.giving import package_blockers
from grants.exports.tables import TABLES
from vetting_portal.models import Funder
from vetting_portal.views.base import RoleMixin


def _file(pieces: Iterator[str], name: str, content_type: str) -> StreamingHttpResponse:
    """Answer with a file that is sent as it is read; its name carries the day."""
    stem, _, ending = name.rpartition(".")
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{stem}-{timezone.localdate():%Y-%m-%d}.{ending}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class ExportsView(RoleMixin, TemplateView):
    """Every table that can be taken out."""

    template_name = "grants/exports/list.html"
    permission_required = "grants.take_exports"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the tables, and why there is no 360Giving file yet."""
        blockers = package_blockers(Funder.objects.current())
        return super().get_context_data(tables=TABLES.values(), blockers=blockers, **kwargs)


class TableFileView(RoleMixin, View):
    """One table as CSV; that it was taken is recorded."""

    http_method_names = ["post"]
    permission_required = "grants.take_exports"

    def post(self, request: HttpRequest, table: str) -> StreamingHttpResponse:
        """Record it, then send it piece by piece."""
        if table not in TABLES:
            raise Http404(table)
        return _file(take_table(table=TABLES[table], by=request.user), f"{table}.csv", "text/csv; charset=utf-8")


class GivingFileView(RoleMixin, View):
    """The awarded grants as 360Giving JSON; that they were taken is recorded."""

    http_method_names = ["post"]
    permission_required = "grants.take_exports"

    def post(self, request: HttpRequest) -> StreamingHttpResponse:
        """Record it, then send it grant by grant."""
        return _file(take_360giving(by=request.user), "360giving.json", "application/json")
