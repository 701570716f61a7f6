"""The pages of a grant that know its amendments, conditions and money."""

from collections.abc import Iterable
from typing import Any

from grants.agreements.models import Grant
from grants.agreements.views.grants import GrantView, SealAgainView
from grants.agreements.views.signing import PartnerAgreementView
from grants.amendments.actions import try_everything_again
from grants.amendments.models import Amendment
from grants.campaigns.models import Campaign
from grants.conditions.models import Condition
from grants.conditions.rows import condition_rows, conditions_of_rows
from grants.payments.due import money_of
from reviews.panels.conditions import VettingCondition, read_all


def unrecorded(grant: Grant, conditions: Iterable[Condition]) -> list[VettingCondition]:
    """Return the conditions of the plan that stand on no record: all of a draft, and those of terms of schema 1, which
    are text alone.
    """
    known = {one.number for one in conditions}
    return [one for one in read_all(grant.plan["conditions"]) if not one.blocks or one.number not in known]


class GrantTermsView(GrantView):
    """One grant, with its conditions and reports, and what came in and was paid so far."""

    def get_queryset(self) -> Any:
        """Read the conditions with the grant."""
        return super().get_queryset().annotate(condition_rows=condition_rows())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the conditions; once there is a campaign, its money, the payments and the reports."""
        campaign = Campaign.objects.with_grant().filter(grant=self.object.pk).first()
        conditions = conditions_of_rows(getattr(self.object, "condition_rows", None))
        return super().get_context_data(
            conditions=conditions,
            planned=unrecorded(self.object, conditions),
            campaign=campaign,
            money=money_of(campaign) if campaign else None,
            reports=self.object.reports.order_by("number") if campaign else [],
            **kwargs,
        )


class EverythingAgainView(SealAgainView):
    """Try every seal and timestamp of a grant that failed again, its amendments' too."""

    action = staticmethod(try_everything_again)


class PartnerTermsView(PartnerAgreementView):
    """The partner's page of its agreement, with amendments and conditions."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the amendments that the partner may read, and the conditions."""
        shown = Amendment.objects.of_partner(self.request.user).filter(grant=self.object.pk)
        conditions = list(self.object.conditions.order_by("number"))
        planned = unrecorded(self.object, conditions)
        return super().get_context_data(amendments=shown, conditions=conditions, planned=planned, **kwargs)
