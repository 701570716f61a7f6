"""The records of campaigns: the campaign, its donors and gifts, what moved each gift, other events, what was sealed."""

from grants.campaigns.models.campaign import Campaign as Campaign
from grants.campaigns.models.event import CampaignEvent as CampaignEvent
from grants.campaigns.models.event import Dispute as Dispute
from grants.campaigns.models.gift import Donor as Donor
from grants.campaigns.models.gift import DonorDetails as DonorDetails
from grants.campaigns.models.gift import Gift as Gift
from grants.campaigns.models.gift import GiftEntry as GiftEntry
from grants.campaigns.models.statement import StatementBranch as StatementBranch
from grants.campaigns.models.statement import StatementLine as StatementLine
