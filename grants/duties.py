"""The kinds of duties of the rooms of grants, from the bottom up."""

from grants.agreements import duties as agreements
from grants.amendments import duties as amendments
from grants.banking import duties as banking
from grants.campaigns import duties as campaigns
from grants.cases import duties as cases
from grants.conditions import duties as conditions
from grants.endings import duties as endings
from grants.intake import duties as intake
from grants.payments import duties as payments
from grants.reports import duties as reports
from grants.wordings import duties as wordings

DUTIES = (
    *conditions.DUTIES,
    *agreements.DUTIES,
    *amendments.DUTIES,
    *banking.DUTIES,
    *campaigns.DUTIES,
    *reports.DUTIES,
    *payments.DUTIES,
    *endings.DUTIES,
    *intake.DUTIES,
    *wordings.DUTIES,
    *cases.DUTIES,
)
