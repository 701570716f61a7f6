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
from grants.campaigns.models import Campaign, CampaignEvent, Dispute, Donor, DonorDetails, Gift, GiftEntry
from grants.funds.models import Account, LedgerLine, LedgerTransaction, MatchFund
from grants.intake.models import (
    ChargeAssignment,
    GiftImport,
    GiftSource,
    HandGift,
    HandLimit,
    ImportFault,
    StagedGift,
    StripeEvent,
    StripeOutcome,
    StripePayer,
    WebhookRefusal,
)
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
    "ChargeAssignment",
    "Dispute",
    "Donor",
    "DonorDetails",
    "Gift",
    "GiftEntry",
    "GiftImport",
    "GiftSource",
    "Grant",
    "GrantSeries",
    "HandGift",
    "HandLimit",
    "HeldNumber",
    "ImportFault",
    "LedgerLine",
    "LedgerTransaction",
    "MatchFund",
    "Passage",
    "Report",
    "SealCertificate",
    "Setback",
    "Signature",
    "SigningChallenge",
    "SpentCode",
    "StagedGift",
    "StripeEvent",
    "StripeOutcome",
    "StripePayer",
    "Terms",
    "Timestamp",
    "Tranche",
    "WebhookRefusal",
    "WordingEditor",
    "WordingVersion",
]
