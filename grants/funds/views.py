"""The pages of match funds: the list, one fund with its ledger, a new fund, money put in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.views.generic import FormView, ListView

from grants.funds.forms import FundForm, PledgeForm, RestrictForm, TopUpForm, WithdrawForm
from grants.funds.ledger import runs
from grants.funds.models import Account, LedgerTransaction, MatchFund, Pledge
from vetting_portal.navigation import links_for
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, add_errors

LEDGER_PER_PAGE = 25  # on a phone each row is a card


class FundListView(RoleMixin, ListView[MatchFund]):
    """Every match fund with what is free, reserved and matched."""

    template_name = "grants/funds/list.html"
    permission_required = "grants.list_funds"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return MatchFund.objects.visible_to(self.request.user).for_list()


class FundView(PageMixin, ListView[LedgerTransaction]):
    """One fund: its balances and its ledger, newest first."""

    model = MatchFund  # type: ignore[assignment]
    template_name = "grants/funds/fund.html"
    permission_required = "grants.view_fund"
    paginate_by = LEDGER_PER_PAGE

    def get_queryset(self) -> Any:
        """Return the fund's ledger."""
        self.fund = self.get_object(MatchFund.objects.visible_to(self.request.user).for_list())
        return LedgerTransaction.objects.for_page(self.fund)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the fund, what binds it, its pledges and what it holds for each grant."""
        context = super().get_context_data(
            fund=self.fund,
            programmes=self.fund.programmes.all(),
            pledges=Pledge.objects.for_page(self.fund),
            grants=Account.objects.by_grant(self.fund),
            **kwargs,
        )
        pages = {link.label: link.url for link in links_for(self.request.user, self.fund)}
        return {**context, "runs": list(runs(context["page_obj"])), "pages": pages}


class FundNewView(RoleMixin, FormView[FundForm]):
    """Make a fund."""

    form_class = FundForm
    template_name = "grants/funds/form.html"
    permission_required = "grants.create_fund"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form who asks."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: FundForm) -> HttpResponse:
        """Make it and go to its page."""
        try:
            fund = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        self.success_url = reverse("grants:fund", args=[fund.pk])
        messages.success(self.request, "The fund is there, and empty. Put money in.")
        return super().form_valid(form)

    def form_invalid(self, form: FundForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class FundFormView(ActionFormView):
    """A form about a fund; it leads back to the fund's page."""

    model: type[Any] = MatchFund

    def get_success_url(self) -> str:
        """Return the fund's page."""
        return reverse("grants:fund", args=[self.object.pk])


class FundTopUpView(FundFormView):
    """Put money in."""

    form_class = TopUpForm
    template_name = "grants/funds/top_up.html"
    permission_required = "grants.top_up_fund"
    success_message = "The money is in the fund."


class FundRestrictView(FundFormView):
    """Say what the fund may match."""

    form_class = RestrictForm
    template_name = "grants/funds/restrict.html"
    permission_required = "grants.restrict_fund"
    success_message = "Saved. Grants that were signed keep their match."

    def get_initial(self) -> dict[str, Any]:
        """Show what binds it now."""
        fund = self.object
        return {
            "programmes": fund.programmes.all(),
            "countries": ", ".join(fund.countries),
            "gives_from_on": fund.gives_from_on,
            "gives_until_on": fund.gives_until_on,
        }


class PledgeNewView(FundFormView):
    """Note a pledge."""

    form_class = PledgeForm
    template_name = "grants/funds/pledge.html"
    permission_required = "grants.record_pledge"
    success_message = "The pledge is noted. Money counts once it has come."


class PledgeWithdrawView(ActionFormView):
    """Note that the money of a pledge will not come."""

    model = Pledge
    form_class = WithdrawForm
    template_name = "grants/funds/withdraw.html"
    permission_required = "grants.withdraw_pledge"
    success_message = "The pledge is marked as withdrawn."

    def get_queryset(self) -> Any:
        """Return the pledges of the funds that this user may see."""
        return Pledge.objects.filter(fund__in=MatchFund.objects.visible_to(self.request.user)).select_related("fund")

    def get_success_url(self) -> str:
        """Return the fund's page."""
        return reverse("grants:fund", args=[self.object.fund_id])
