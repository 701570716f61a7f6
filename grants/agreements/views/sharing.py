"""The page on which further match funds are named."""

from typing import Any

from django.urls import reverse

from grants.agreements.forms.shares import SharesForm
from grants.agreements.models import Grant
from grants.agreements.views.grants import GrantPage
from vetting_portal.views.base import ActionFormView
from vetting_portal.workflow import Refused


class FundSharesView(GrantPage, ActionFormView):
    """Name the funds behind a draft after its own."""

    form_class = SharesForm
    template_name = "grants/agreements/fund_shares.html"
    permission_required = "grants.change_grant"
    success_message = "Saved. The match is earned from the first fund until its share is used, then from the next."

    def get_object(self, queryset: Any = None) -> Grant:
        """Return the grant. Raises Refused when its terms are frozen."""
        grant: Grant = super().get_object(queryset)
        if grant.state != Grant.State.DRAFT:
            raise Refused(["The terms are frozen: their match funds stand."], subject=grant)
        return grant

    def get_success_url(self) -> str:
        """Return the grant's page."""
        return reverse("grants:grant", args=[self.object.number])
