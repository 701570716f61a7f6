"""The permissions of grants, gathered from its rooms: importing a room's rules registers them."""

from grants.agreements import rules as agreements
from grants.amendments import rules as amendments
from grants.arrivals import rules as arrivals
from grants.banking import rules as banking
from grants.campaigns import rules as campaigns
from grants.cases import rules as cases
from grants.conditions import rules as conditions
from grants.endings import rules as endings
from grants.evidence import rules as evidence
from grants.exports import rules as exports
from grants.funds import rules as funds
from grants.intake import rules as intake
from grants.payments import rules as payments
from grants.public import rules as public
from grants.reports import rules as reports
from grants.sealing import rules as sealing
from grants.wordings import rules as wordings
from grants.workspace import rules as workspace

ROOMS = (
    funds, sealing, wordings, conditions, agreements, banking, campaigns, intake, arrivals, reports, payments,
    amendments, endings, exports, public, evidence, cases, workspace,
)  # fmt: skip
