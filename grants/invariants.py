"""What must be true of grants at any moment, gathered from its rooms."""

from collections.abc import Callable, Iterator

from grants.agreements.invariants import INVARIANTS as AGREEMENTS
from grants.amendments.invariants import INVARIANTS as AMENDMENTS
from grants.banking.invariants import INVARIANTS as BANKING
from grants.campaigns.invariants import INVARIANTS as CAMPAIGNS
from grants.conditions.invariants import INVARIANTS as CONDITIONS
from grants.endings.invariants import INVARIANTS as ENDINGS
from grants.funds.invariants import INVARIANTS as FUNDS
from grants.intake.invariants import INVARIANTS as INTAKE
from grants.payments.invariants import INVARIANTS as PAYMENTS
from grants.reports.invariants import INVARIANTS as REPORTS
from grants.wordings.invariants import INVARIANTS as WORDINGS

INVARIANTS: list[Callable[[], Iterator[str]]] = [
    *FUNDS,
    *WORDINGS,
    *CONDITIONS,
    *AGREEMENTS,
    *BANKING,
    *CAMPAIGNS,
    *INTAKE,
    *REPORTS,
    *PAYMENTS,
    *AMENDMENTS,
    *ENDINGS,
]
