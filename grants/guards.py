"""The triggers of grants, gathered from its rooms."""

from grants.agreements.guards import GUARDS as AGREEMENTS
from grants.amendments.guards import GUARDS as AMENDMENTS
from grants.arrivals.guards import GUARDS as ARRIVALS
from grants.banking.guards import GUARDS as BANKING
from grants.campaigns.guards import GUARDS as CAMPAIGNS
from grants.conditions.guards import GUARDS as CONDITIONS
from grants.endings.guards import GUARDS as ENDINGS
from grants.funds.guards import GUARDS as FUNDS
from grants.intake.guards import GUARDS as INTAKE
from grants.payments.guards import GUARDS as PAYMENTS
from grants.public.guards import GUARDS as PUBLIC
from grants.reports.guards import GUARDS as REPORTS
from grants.sealing.guards import GUARDS as SEALING
from grants.wordings.guards import GUARDS as WORDINGS
from vetting_portal.guards import Guard

GUARDS: list[Guard] = [
    *FUNDS, *SEALING, *WORDINGS, *CONDITIONS, *AGREEMENTS, *BANKING, *CAMPAIGNS, *INTAKE, *ARRIVALS, *REPORTS,
    *PAYMENTS, *AMENDMENTS, *ENDINGS, *PUBLIC,
]  # fmt: skip
