"""The pages of gifts: one gift with its history, a refund, the ledger as CSV."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.views.generic import DetailView, View

from grants.campaigns.forms import RefundForm
from grants.campaigns.ledgerfile import ledger_rows
from grants.campaigns.models import Gift
from grants.campaigns.views.pages import CampaignPage
from vetting_portal.csvlines import Echo
from vetting_portal.views.base import ActionFormView, PageMixin
from vetting_portal.workflow import Refused


class GiftPage(PageMixin):
    """Finds a gift with its campaign and donor."""

    model = Gift
    permission_required = "grants.view_gift"

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        rows = Gift.objects.visible_to(self.request.user)
        return rows.select_related("campaign__grant__submission__organisation", "donor__details", "recorded_by")


class GiftView(GiftPage, DetailView[Gift]):
    """One gift: where it stands, and everything that moved it."""

    template_name = "grants/campaigns/gift.html"
    context_object_name = "gift"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what ledger transactions did to it."""
        entries = self.object.entries.select_related("transaction__by").order_by("pk")
        corrections = self.object.events.corrections()
        extra: dict[str, Any] = {"entries": entries, "corrections": corrections, "campaign": self.object.campaign}
        if self.object.state == Gift.State.DISPUTED:
            extra["needs_response"] = self.object.disputes.to_answer().exists()
        return super().get_context_data(**extra, **kwargs)


class GiftRefundView(GiftPage, ActionFormView):
    """Refund a gift, in whole or in part."""

    permission_required = "grants.refund_gift"
    form_class = RefundForm
    template_name = "grants/campaigns/refund.html"
    success_message = "The refund is in the ledger. Its match went back once."

    def get_object(self, queryset: Any = None) -> Any:
        """Return the gift. Raises Refused when nothing is left of it."""
        gift = super().get_object(queryset)
        if self.request.method == "GET" and not gift.left_minor:
            raise Refused(["Nothing is left of this gift."], subject=gift)
        return gift

    def get_success_url(self) -> str:
        """Go to the gift."""
        return reverse("grants:gift", args=[self.object.pk])


class GiftsFileView(CampaignPage, View):
    """The ledger of gifts as a CSV file that a spreadsheet cannot be tricked with."""

    def get(self, request: HttpRequest, number: str) -> StreamingHttpResponse:  # noqa: ARG002 Django's signature
        """Stream the file."""
        campaign = self.get_object()
        writer = csv.writer(Echo())

        def lines() -> Iterator[Any]:
            yield "\ufeff"
            for row in ledger_rows(campaign):
                yield writer.writerow(row)

        response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="gifts-{number}.csv"'
        response["X-Content-Type-Options"] = "nosniff"
        return response
