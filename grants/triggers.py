"""The triggers of grants, gathered from its rooms."""

from grants.agreements.triggers import TRIGGERS as AGREEMENTS
from grants.amendments.triggers import TRIGGERS as AMENDMENTS
from grants.arrivals.triggers import TRIGGERS as ARRIVALS
from grants.banking.triggers import TRIGGERS as BANKING
from grants.campaigns.triggers import TRIGGERS as CAMPAIGNS
from grants.conditions.triggers import TRIGGERS as CONDITIONS
from grants.endings.triggers import TRIGGERS as ENDINGS
from grants.funds.triggers import TRIGGERS as FUNDS
from grants.intake.triggers import TRIGGERS as INTAKE
from grants.payments.triggers import TRIGGERS as PAYMENTS
from grants.public.triggers import TRIGGERS as PUBLIC
from grants.reports.triggers import TRIGGERS as REPORTS
from grants.sealing.triggers import TRIGGERS as SEALING
from grants.wordings.triggers import TRIGGERS as WORDINGS
from vetting_portal.guards import Guard

TRIGGERS: list[Guard] = [
    *FUNDS, *SEALING, *WORDINGS, *CONDITIONS, *AGREEMENTS, *BANKING, *CAMPAIGNS, *INTAKE, *ARRIVALS, *REPORTS,
    *PAYMENTS, *AMENDMENTS, *ENDINGS, *PUBLIC,
]  # fmt: skip
