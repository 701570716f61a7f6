"""Every write to a campaign: its page, its gifts, what goes back, its closing."""

from grants.campaigns.actions.bearing import bear_shortfall as bear_shortfall
from grants.campaigns.actions.bearing import set_paid_out as set_paid_out
from grants.campaigns.actions.bearing import sweep_pots as sweep_pots
from grants.campaigns.actions.closing import close_campaign as close_campaign
from grants.campaigns.actions.closing import raise_cap as raise_cap
from grants.campaigns.actions.judging import correct_eligibility as correct_eligibility
from grants.campaigns.actions.judging import tell_fee as tell_fee
from grants.campaigns.actions.lines import freeze_lines as freeze_lines
from grants.campaigns.actions.pages import edit_campaign as edit_campaign
from grants.campaigns.actions.pages import erase_donor as erase_donor
from grants.campaigns.actions.pages import pause_campaign as pause_campaign
from grants.campaigns.actions.pages import plan_campaign as plan_campaign
from grants.campaigns.actions.pages import resume_campaign as resume_campaign
from grants.campaigns.actions.recording import Recorded as Recorded
from grants.campaigns.actions.recording import record_gift as record_gift
from grants.campaigns.actions.recording import record_gifts as record_gifts
from grants.campaigns.actions.reversals import Reversed as Reversed
from grants.campaigns.actions.reversals import note_dispute_response as note_dispute_response
from grants.campaigns.actions.reversals import record_dispute as record_dispute
from grants.campaigns.actions.reversals import refund_gift as refund_gift
