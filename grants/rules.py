"""The permissions of grants, gathered from its rooms: importing a room's rules registers them."""

from grants.agreements import rules as agreements
from grants.banking import rules as banking
from grants.campaigns import rules as campaigns
from grants.desk import rules as desk
from grants.evidence import rules as evidence
from grants.funds import rules as funds
from grants.payments import rules as payments

ROOMS = (funds, agreements, banking, campaigns, payments, evidence, desk)
