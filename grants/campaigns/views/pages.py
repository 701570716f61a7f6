"""A campaign's own pages for staff: planning it, its words, pausing, closing."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from grants.agreements.models import Grant
from grants.campaigns.actions import pause_campaign, resume_campaign
from grants.campaigns.forms import CloseForm, EditForm, PlanForm
from grants.campaigns.models import Campaign
from vetting_portal.views.base import ActionFormView, PageMixin, TransitionView
from vetting_portal.workflow import Refused, transition_blockers


class CampaignPage(PageMixin):
    """Finds a campaign by the number of its grant."""

    model = Campaign
    permission_required = "grants.view_campaign"

    def get_queryset(self) -> Any:
        """Return what this user may see of this number, with its grant."""
        return Campaign.objects.visible_to(self.request.user).with_grant()

    def get_object(self, queryset: Any = None) -> Campaign:
        """Return the campaign of the grant. Raises Http404, or PermissionDenied."""
        rows = self.get_queryset() if queryset is None else queryset
        self.kwargs["pk"] = get_object_or_404(rows, grant__number=self.kwargs["number"]).pk
        found: Campaign = super().get_object(rows)
        return found


class PlanView(ActionFormView):
    """Write the page of a grant's campaign."""

    model = Grant
    lookup = "number"
    permission_required = "grants.plan_campaign"
    form_class = PlanForm
    template_name = "grants/campaigns/words.html"
    success_message = "The campaign is planned. Read its page, then open it."

    def get_queryset(self) -> Any:
        """Return what this user may see, with the partner."""
        return Grant.objects.visible_to(self.request.user).for_page()

    def get_object(self, queryset: Any = None) -> Any:
        """Return the grant. Raises Refused when it has a campaign already."""
        grant = super().get_object(queryset)
        if Campaign.objects.filter(grant=grant).exists():
            raise Refused(["This grant has a campaign already."], subject=grant)
        return grant

    def get_success_url(self) -> str:
        """Go to the ledger, where the campaign is opened."""
        return reverse("grants:ledger", args=[self.object.number])


class EditView(CampaignPage, ActionFormView):
    """Change the words of the page."""

    permission_required = "grants.edit_campaign"
    form_class = EditForm
    template_name = "grants/campaigns/words.html"
    success_message = "The page is changed."

    def get_success_url(self) -> str:
        """Go back to the ledger."""
        return str(self.object.get_absolute_url())


class PauseView(CampaignPage, TransitionView):
    """Stop offering it."""

    permission_required = "grants.pause_campaign"
    action = pause_campaign
    argument = "campaign"
    success_message = "The campaign is paused. Gifts that still arrive are recorded and matched."


class ResumeView(CampaignPage, TransitionView):
    """Offer it again."""

    permission_required = "grants.resume_campaign"
    action = resume_campaign
    argument = "campaign"
    success_message = "The campaign is open again."


class CloseView(CampaignPage, ActionFormView):
    """Close it, after the page that says what happens then."""

    permission_required = "grants.close_campaign"
    form_class = CloseForm
    template_name = "grants/campaigns/close.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the figures that will be frozen, and what is in the way."""
        risk = self.object.at_risk()
        sums = {"payable": self.object.payable_minor(), "top_up": self.object.fee_top_up_minor(risk)}
        blockers = transition_blockers(self.object, "close")
        days = self.object.days_left()
        return super().get_context_data(risk=risk, days_left=days, blockers=blockers, **sums, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Close it and say what comes."""
        response = super().form_valid(form)
        if response.status_code < 400:  # noqa: PLR2004 a form that was refused says why itself
            messages.success(self.request, "The campaign is closed. Its statement of match is being sealed.")
        return response

    def get_success_url(self) -> str:
        """Go back to the ledger."""
        return str(self.object.get_absolute_url())
