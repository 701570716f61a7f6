"""The vault of an organisation, and the passport in which it takes its papers along."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import DetailView

from partners.organisations.models import Organisation
from partners.vault.actions import take_passport
from partners.vault.forms import PaperForm
from partners.vault.passport.contents import items_of
from partners.vault.passport.names import readable
from partners.vault.passport.stream import zip_stream
from partners.vault.renewal import criteria_by_code
from partners.vault.shelf import ACCEPTED, CHECKING, NEEDS_YOU, Row, shelf
from vetting_portal.views.base import ActionFormView, PageMixin

FILTERS = [("", "All"), (NEEDS_YOU, "Need you"), (CHECKING, "Being checked"), (ACCEPTED, "Accepted")]
GROUPS = [(NEEDS_YOU, "Needs you"), (CHECKING, "On its way"), (ACCEPTED, "Accepted")]
SHOWN_ACCEPTED = 3  # on a phone the rest stands behind a link
PER_PAGE = 25


def chips(rows: list[Row], shown: str) -> list[dict[str, Any]]:
    """Return the filters of the vault with their counts."""
    counts = Counter(row.group for row in rows)
    return [
        {
            "label": label,
            "count": counts[key] if key else len(rows),
            "url": f"?show={key}" if key else "?",
            "current": key == shown,
        }
        for key, label in FILTERS
    ]


def grouped(rows: list[Row], shown: str) -> list[dict[str, Any]]:
    """Return the groups with their rows; of the accepted ones only the first, and how many more there are."""
    groups = []
    for key, title in GROUPS:
        mine = [row for row in rows if row.group == key]
        most = SHOWN_ACCEPTED if key == ACCEPTED else PER_PAGE
        if mine and not shown:
            groups.append({"key": key, "title": title, "rows": mine[:most], "more": max(0, len(mine) - most)})
    return groups


class VaultView(ActionFormView):
    """Shows an organisation's papers, sorted by who must act, and takes new ones in."""

    model = Organisation
    permission_required = "partners.act_for_organisation"
    reading_permission = "partners.view_documents"
    form_class = PaperForm
    template_name = "partners/vault/vault.html"
    success_message = "We have it. It is being checked now."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows by group; one group by itself comes in pages."""
        user: Any = self.request.user
        rows = shelf(self.object.papers.for_vault(), criteria_by_code().values(), timezone.localdate())
        asked = self.request.GET.get("show", "")
        shown = asked if asked in {NEEDS_YOU, CHECKING, ACCEPTED} else ""
        groups, page = grouped(rows, shown), None
        if shown:
            mine = [row for row in rows if row.group == shown]
            page = Paginator(mine, PER_PAGE).get_page(self.request.GET.get("page"))
            title = dict(GROUPS)[shown]
            groups = [{"key": shown, "title": title, "rows": list(page), "more": 0}] if mine else []
        return super().get_context_data(
            groups=groups,
            chips=chips(rows, shown),
            total=len(rows),
            page=page,
            early=[row for row in rows if row.ends_early],
            decision_on=max((row.decision_on for row in rows if row.decision_on), default=None),
            is_member=not user.is_staff_member or user.has_perm("partners.act_for_organisation", self.object),
            has_accepted=any(row.document is not None and row.document.accepted_at for row in rows),
            **kwargs,
        )

    def get_success_url(self) -> str:
        """Stay in the vault."""
        return reverse("partners:vault", args=[self.object.pk])


class PassportView(PageMixin, DetailView[Organisation]):
    """Says what a passport holds; sends it on request, piece by piece."""

    model = Organisation
    permission_required = "partners.act_for_organisation"
    template_name = "partners/vault/passport.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what would be in it now."""
        items = items_of(self.object, criteria_by_code())
        verified = sum(1 for item in items if item.document.verified)
        size = sum(item.document.size for item in items)
        return super().get_context_data(items=items, verified=verified, size=size, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # noqa: ARG002 picked by get_object
        """Send the ZIP."""
        organisation: Organisation = self.get_object()
        passport = take_passport(organisation=organisation, by=request.user)
        name = f"{readable(organisation.legal_name)} passport {timezone.localdate(passport.made_at).isoformat()}.zip"
        response = StreamingHttpResponse(zip_stream(passport), content_type="application/zip")
        disposition = content_disposition_header(as_attachment=True, filename=name)
        response["Content-Disposition"] = disposition or "attachment"
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response
