"""The ledger of a grant, the opening of its campaign, and the finance officer's first page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.views.generic import ListView

from grants.banking.duties import MONEY
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.views.pages import CampaignPage
from grants.payments.actions import open_campaign
from grants.payments.overview import ledger_page
from vetting_portal.duties import Wanted, counts, duties, duty_kinds
from vetting_portal.money import format_amount
from vetting_portal.views.base import PER_PAGE, ConfirmMixin, RoleMixin, TransitionView

SHOWN = 5


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


class OpenView(ConfirmMixin, CampaignPage, TransitionView):
    """Open the campaign, after a page that says what happens then."""

    question = "Open this campaign?"
    consequence = (
        "Its page is public from now on, and gifts are recorded and matched. The payments and reports of the signed "
        "terms are scheduled. You can pause or close it later; it cannot go back to being planned."
    )
    confirm_label = "Open the campaign"
    confirm_kind = "go"
    move = "open"

    def about(self, found: Campaign) -> str:
        """Return what the act is about: the page, whose grant, until when, and the most that is matched."""
        grant = found.grant
        cap, until = format_amount(grant.cap_minor, grant.currency), date_format(grant.window_last_on, "j F Y")
        whose = f"grant {grant.number} to {grant.submission.organisation.legal_name}"
        return f"{found.title.rstrip('.')}: {whose}, at most {cap} of match, for gifts until the end of {until}"

    permission_required = "grants.open_campaign"
    action = open_campaign
    argument = "campaign"
    success_message = "The campaign is open. Its public page is there."


def about_money() -> frozenset[str]:
    """Return the kinds of duties that the finance page shows: those about money, and a campaign to close."""
    return frozenset({key for key, kind in duty_kinds().items() if kind.group == MONEY} | {"grants.close_campaign"})


class FinanceView(RoleMixin, ListView[Campaign]):
    """The finance officer's first page: every campaign that takes or took gifts, and what to do next."""

    template_name = "grants/payments/finance.html"
    permission_required = "grants.view_finance"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return the campaigns, newest first."""
        return Campaign.objects.opened().for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the first duties about money, and how many there are."""
        user, wanted = self.request.user, Wanted(is_own=True, keys=about_money())
        many = sum(every for every, _ in counts(user, wanted).values())
        mine = duties(user, wanted, 0, SHOWN)
        first = mine[0] if mine else None
        return super().get_context_data(first=first, duties=mine[1:], many=many, **kwargs)
