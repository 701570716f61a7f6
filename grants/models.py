"""Every model of grants, gathered from its rooms."""

from grants.agreements.models import (
    Agreement,
    Brief,
    FundShare,
    Grant,
    GrantSeries,
    Setback,
    Signature,
    SigningChallenge,
    SpentCode,
    Terms,
    Timestamp,
)
from grants.amendments.models import Amendment
from grants.banking.models import BankDetails, HeldNumber
from grants.campaigns.models import Campaign, CampaignEvent, Dispute, Donor, DonorDetails, Gift, GiftEntry
from grants.funds.models import Account, LedgerLine, LedgerTransaction, MatchFund, Pledge
from grants.payments.models import Report, Tranche
from grants.sealing.models import SealCertificate
from grants.wordings.models import Passage, WordingEditor, WordingVersion

__all__ = [
    "Account",
    "Agreement",
    "Amendment",
    "BankDetails",
    "Brief",
    "Campaign",
    "CampaignEvent",
    "Dispute",
    "Donor",
    "DonorDetails",
    "FundShare",
    "Gift",
    "GiftEntry",
    "Grant",
    "GrantSeries",
    "HeldNumber",
    "LedgerLine",
    "LedgerTransaction",
    "MatchFund",
    "Passage",
    "Pledge",
    "Report",
    "SealCertificate",
    "Setback",
    "Signature",
    "SigningChallenge",
    "SpentCode",
    "Terms",
    "Timestamp",
    "Tranche",
    "WordingEditor",
    "WordingVersion",
]
