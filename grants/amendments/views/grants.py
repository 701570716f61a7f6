"""The pages of a grant that know its amendments and its whole history."""

from typing import Any

from grants.agreements.views.grants import GrantView, SealAgainView, ToSignView
from grants.agreements.views.signing import PartnerAgreementView
from grants.amendments.actions import try_everything_again
from grants.amendments.history import history
from grants.amendments.models import Amendment
from grants.campaigns.models import Campaign
from grants.conditions.rows import condition_rows, conditions_of_rows
from grants.payments.due import money_of
from reviews.panels.conditions import read_all


class GrantHistoryView(GrantView):
    """One grant, with everything that happened to it on one line, and what came in and was paid so far."""

    def get_queryset(self) -> Any:
        """Read the conditions with the grant."""
        return super().get_queryset().annotate(condition_rows=condition_rows())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the history and the amendments; once there is a campaign, its money, the payments and the reports."""
        campaign = Campaign.objects.with_grant().filter(grant=self.object.pk).first()
        return super().get_context_data(
            history=history(self.object),
            conditions=conditions_of_rows(getattr(self.object, "condition_rows", None)),
            planned=read_all(self.object.plan["conditions"]),
            campaign=campaign,
            money=money_of(campaign) if campaign else None,
            reports=self.object.reports.order_by("number") if campaign else [],
            **kwargs,
        )


class EverythingAgainView(SealAgainView):
    """Try every seal and timestamp of a grant that failed again, its amendments' too."""

    action = staticmethod(try_everything_again)


class PartnerHistoryView(PartnerAgreementView):
    """The partner's page, with its own part of the history."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the history and the amendments that the partner may read."""
        shown = Amendment.objects.of_partner(self.request.user).filter(grant=self.object.pk)
        told = history(self.object, for_partner=True)
        conditions = list(self.object.conditions.order_by("number"))
        planned = read_all(self.object.plan["conditions"])
        return super().get_context_data(
            history=told, amendments=shown, conditions=conditions, planned=planned, **kwargs
        )


class EverythingToSignView(ToSignView):
    """What waits for a director's signature: grants, and amendments of grants."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the amendments."""
        user = self.request.user
        waiting = Amendment.objects.visible_to(user).to_sign(user)
        return super().get_context_data(amendments=waiting, **kwargs)
