"""The order in which a payment is locked: after everything that it depends on."""

from grants.campaigns.models import Campaign
from grants.funds.models import Account, MatchFund
from grants.payments.models import Tranche
from vetting_portal.workflow import lock


def locked(tranche: Tranche) -> tuple[Tranche, Campaign | None]:
    """Return the payment and its campaign, locked after all that they depend on: organisation, funds, grant."""
    lock(tranche.organisation)
    funds = Account.objects.filter(reference=tranche.grant.number).values("fund")
    lock(MatchFund.objects.filter(pk__in=funds))
    lock(tranche.grant)
    campaign = Campaign.objects.filter(grant=tranche.grant).first()
    campaign = lock(campaign) if campaign else None
    lock(tranche)
    return Tranche.objects.for_list().get(pk=tranche.pk), campaign
