"""The figures of a campaign as plain data: the match as it stands, gift by gift, and what a closing freezes."""

from datetime import datetime
from typing import Any

from grants.campaigns.budget import budget_of
from grants.campaigns.models import Campaign


def match_statement(campaign: Campaign) -> dict[str, Any]:
    """Return the match as it stands, in minor units, gift by gift in the order of the ledger."""
    added = campaign.fee_top_up_minor(campaign.at_risk())
    gifts = campaign.gifts.order_by("seq").values_list(
        "key", "seq", "gross_minor", "fee_minor", "refunded_minor", "matched_minor"
    )
    return {
        "currency": campaign.currency,
        "cap": campaign.cap_minor,
        "ratio": [campaign.grant.ratio_p, campaign.grant.ratio_q],
        "gross": campaign.raised_minor,
        "fees": campaign.fees_minor,
        "net": campaign.net_minor,
        "matched": campaign.matched_minor,
        "available": campaign.available_minor,
        "at_risk_match": campaign.risk_match_minor,
        **({"fee_top_up": added} if campaign.grant.fee_top_up_minor else {}),
        "payable": campaign.payable_minor(),
        "gifts": [
            {"key": key, "seq": seq, "gross": gross, "fee": fee, "refunded": refunded, "matched": matched}
            for key, seq, gross, fee, refunded, matched in gifts.iterator(chunk_size=2000)
        ],
    }


def closing_content(campaign: Campaign, closed_at: datetime, lines: dict[str, Any]) -> dict[str, Any]:
    """Return what the statement of match says for good: Schedule C with its final figures, how many lines it rests on
    and their root (``lines``), and no donor's name.
    """
    agreement = campaign.grant.agreement
    added, payable = campaign.fee_top_up_minor(campaign.at_risk()), campaign.payable_minor()
    return {
        "kind": "statement",
        "number": campaign.grant.number,
        "campaign": campaign.slug,
        "closed_at": closed_at.isoformat(),
        "agreement_sealed_sha256": agreement.sealed_sha256 if agreement else "",
        "lines": lines,
        "figures": {
            "first_seq": min(1, campaign.gift_count),
            "last_seq": campaign.gift_count,
            "gifts": campaign.gift_count,
            "gross_minor": campaign.gross_minor,
            "fees_minor": campaign.fees_minor,
            "refunded_minor": campaign.refunded_minor,
            "net_minor": campaign.net_minor,
            "matched_minor": campaign.matched_minor,
            "unmatched_minor": campaign.available_minor,
            "at_risk_match_minor": campaign.risk_match_minor,
            **({"fee_top_up_minor": added} if campaign.grant.fee_top_up_minor else {}),
            "payable_minor": payable,
        },
        "budget": budget_of(campaign.grant, payable),
        "excess_minor": max(0, payable - campaign.grant.goal_minor),
    }
