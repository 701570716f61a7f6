"""What the ledger page shows of a campaign: figures that add up."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from grants.campaigns.holding import holds_what_it_counts
from grants.campaigns.models import Campaign, Gift
from grants.payments.due import payments_of
from vetting_portal.workflow import transition_blockers


def made_up(campaign: Campaign) -> dict[str, Any]:
    """Return how payable is made up today, and the gap to what donors see, named."""
    risk = campaign.at_risk()
    in_dispute = risk["net"] + risk["match"]
    added, payable = campaign.fee_top_up_minor(risk), campaign.payable_minor()
    return {
        "top_up_minor": added,
        "payable_minor": payable,
        "in_dispute_minor": in_dispute,
        "risk_match_minor": risk["match"],
        "seen_minor": campaign.so_far_minor,
        "gap_minor": campaign.so_far_minor - payable,
    }


def reserve_of(campaign: Campaign) -> dict[str, Any]:
    """Compare the campaign with its gifts and with the funds' accounts, counted anew; what was paid is left aside."""
    recounted = campaign.gifts.aggregate(matched=Sum("matched_minor", default=0))["matched"]
    is_closed = campaign.state == Campaign.State.CLOSED
    reserved = 0 if is_closed else campaign.available_minor
    agrees = recounted == campaign.matched_minor and holds_what_it_counts(campaign)
    return {"reserved_minor": reserved, "agrees": agrees, "is_closed": is_closed}


def rest_of_ledger(campaign: Campaign, shown: Sequence[Gift]) -> dict[str, Any]:
    """Return the sums of the gifts that a page of the ledger does not show, so that it adds up on the page."""
    sums = {
        "count": campaign.gift_count - len(shown),
        "gross": campaign.gross_minor - sum(gift.gross_minor for gift in shown),
        "fee": campaign.fees_minor - sum(gift.fee_minor for gift in shown),
        "refunded": campaign.refunded_minor - sum(gift.refunded_minor for gift in shown),
        "matched": campaign.matched_minor - sum(gift.matched_minor for gift in shown),
    }
    return {**sums, "net": sums["gross"] - sums["fee"] - sums["refunded"]}


def ledger_page(campaign: Campaign, gifts: Sequence[Gift]) -> dict[str, Any]:
    """Return what the ledger's page shows around its ``gifts``."""
    figures = made_up(campaign)
    planned = campaign.state == Campaign.State.PLANNED
    return {
        "campaign": campaign,
        "grant": campaign.grant,
        "partner": campaign.grant.submission.organisation,
        "gifts": gifts,
        "rest": rest_of_ledger(campaign, gifts),
        "figures": figures,
        "reserve": reserve_of(campaign),
        "bank_blockers": campaign.grant.bank_blockers(),
        "payments": payments_of(campaign, figures["payable_minor"]),
        "reports": campaign.grant.reports.order_by("number"),
        "days_left": campaign.days_left(),
        "gift_goal_minor": campaign.grant.goal_minor - campaign.grant.cap_minor,
        "open_blockers": transition_blockers(campaign, "open") if planned else [],
        "resume_blockers": transition_blockers(campaign, "resume") if campaign.state == campaign.State.PAUSED else [],
        "statement": campaign.grant.statement,
        "today": timezone.localdate(),
    }
