"""Every model of grants, gathered from its rooms."""

from grants.agreements.models import Agreement as Agreement
from grants.agreements.models import Grant as Grant
from grants.agreements.models import GrantSeries as GrantSeries
from grants.agreements.models import Signature as Signature
from grants.agreements.models import SigningChallenge as SigningChallenge
from grants.agreements.models import SpentCode as SpentCode
from grants.agreements.models import Terms as Terms
from grants.campaigns.models import Campaign as Campaign
from grants.campaigns.models import CampaignEvent as CampaignEvent
from grants.campaigns.models import Dispute as Dispute
from grants.campaigns.models import Donor as Donor
from grants.campaigns.models import DonorDetails as DonorDetails
from grants.campaigns.models import Gift as Gift
from grants.campaigns.models import GiftEntry as GiftEntry
from grants.funds.models import Account as Account
from grants.funds.models import LedgerLine as LedgerLine
from grants.funds.models import LedgerTransaction as LedgerTransaction
from grants.funds.models import MatchFund as MatchFund
from grants.payments.models import Report as Report
from grants.payments.models import Tranche as Tranche
