"""The ledger of a grant, the opening of its campaign, and the finance officer's first page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.generic import ListView

from grants.campaigns.models import Campaign, Gift
from grants.campaigns.views.pages import CampaignPage
from grants.payments.actions import open_campaign
from grants.payments.overview import ledger_page
from grants.payments.waiting import in_turn, to_pay
from vetting_portal.views.base import PER_PAGE, RoleMixin, TransitionView


class LedgerView(CampaignPage, ListView[Gift]):  # type: ignore[misc]  # a list of gifts, found by its campaign
    """Every gift, how payable is made up, the reserve, payments and reports: sums that agree on the page."""

    template_name = "grants/payments/ledger.html"
    paginate_by = PER_PAGE
    newest = 10

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the ledger; before the campaign is planned lead to the grant."""
        self.campaign = self.get_object(CampaignPage.get_queryset(self))
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_queryset(self) -> Any:
        """Return the gifts, newest first."""
        return self.campaign.gifts.for_ledger()

    def get_paginate_by(self, queryset: Any) -> int:  # noqa: ARG002 Django's signature
        """Show the newest few; with ?show=all every gift, page by page."""
        return self.paginate_by if self.shows_all else self.newest

    @property
    def shows_all(self) -> bool:
        """Whether every gift was asked for, or a page of them."""
        return "show" in self.request.GET or "page" in self.request.GET

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the figures."""
        context = super().get_context_data(**kwargs)
        gifts = list(context["page_obj"].object_list)
        return {**context, **ledger_page(self.campaign, gifts), "show_all": self.shows_all}


class OpenView(CampaignPage, TransitionView):
    """Open the campaign."""

    permission_required = "grants.open_campaign"
    action = open_campaign
    argument = "campaign"
    success_message = "The campaign is open. Its public page is there."


class FinanceView(RoleMixin, ListView[Campaign]):
    """The finance officer's first page: every campaign that takes or took gifts, and what to do next."""

    template_name = "grants/payments/finance.html"
    permission_required = "grants.view_finance"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return the campaigns, newest first."""
        return Campaign.objects.opened().for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what leads."""
        context = super().get_context_data(**kwargs)
        now = timezone.now()
        ended = [
            campaign
            for campaign in context["page_obj"].object_list
            if campaign.state in {"open", "paused"} and campaign.grant.window_ends_at <= now
        ]
        user = self.request.user
        return {
            **context,
            "ended": ended,
            "now": now,
            "to_pay": to_pay(user).count(),
            "in_turn": in_turn(user).count(),
        }
