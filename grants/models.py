"""Every model of grants, gathered from its rooms."""

from grants.agreements.models import (
    Agreement,
    Brief,
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
from grants.campaigns.models import (
    Campaign,
    CampaignEvent,
    Dispute,
    Donor,
    DonorDetails,
    Gift,
    GiftEntry,
    StatementBranch,
    StatementLine,
)
from grants.funds.models import Account, LedgerLine, LedgerTransaction, MatchFund
from grants.payments.models import Report, Tranche
from grants.public.models import ReceiptLink
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
    "Gift",
    "GiftEntry",
    "Grant",
    "GrantSeries",
    "HeldNumber",
    "LedgerLine",
    "LedgerTransaction",
    "MatchFund",
    "Passage",
    "ReceiptLink",
    "Report",
    "SealCertificate",
    "Setback",
    "Signature",
    "SigningChallenge",
    "SpentCode",
    "StatementBranch",
    "StatementLine",
    "Terms",
    "Timestamp",
    "Tranche",
    "WordingEditor",
    "WordingVersion",
]
