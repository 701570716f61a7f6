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
from grants.arrivals.models import Arrival, ArrivalNotice
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
from grants.cases.models import CaseMention, CaseNote
from grants.conditions.models import Condition, ConditionAnswer, ConditionNotice
from grants.endings.models import Ending, MoneyReturned
from grants.funds.models import Account, LedgerLine, LedgerTransaction, MatchFund, Pledge
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
from grants.payments.bankstatements import BankLine, BankStatement, LineMatch
from grants.payments.files import PaymentFile, PaymentLine
from grants.payments.models import Tranche
from grants.public.models import ReceiptLink
from grants.reports.models import Consent, Report, ReportNotice, ReportPaper, Showing, Story
from grants.sealing.models import SealCertificate
from grants.wordings.models import Passage, WordingEditor, WordingVersion
from grants.workspace.models import WorkReminder

__all__ = [
    "Account",
    "Agreement",
    "Amendment",
    "Arrival",
    "ArrivalNotice",
    "BankDetails",
    "BankLine",
    "BankStatement",
    "Brief",
    "Campaign",
    "CampaignEvent",
    "CaseMention",
    "CaseNote",
    "ChargeAssignment",
    "Condition",
    "ConditionAnswer",
    "ConditionNotice",
    "Consent",
    "Dispute",
    "Donor",
    "DonorDetails",
    "Ending",
    "FundShare",
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
    "LineMatch",
    "MatchFund",
    "MoneyReturned",
    "Passage",
    "PaymentFile",
    "PaymentLine",
    "Pledge",
    "ReceiptLink",
    "Report",
    "ReportNotice",
    "ReportPaper",
    "SealCertificate",
    "Setback",
    "Showing",
    "Signature",
    "SigningChallenge",
    "SpentCode",
    "StagedGift",
    "StatementBranch",
    "StatementLine",
    "Story",
    "StripeEvent",
    "StripeOutcome",
    "StripePayer",
    "Terms",
    "Timestamp",
    "Tranche",
    "WebhookRefusal",
    "WordingEditor",
    "WordingVersion",
    "WorkReminder",
]
