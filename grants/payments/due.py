"""What is payable on a grant, and what each of its payments comes to today (R8, R10, R11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grants.campaigns.budget import budget_of
from grants.campaigns.models import Campaign
from grants.funds.models import Account
from grants.payments.tranches import Part, due


@dataclass(frozen=True)
class Payment:
    """A tranche with what it comes to today, in minor units, and what later refunds took off it."""

    tranche: Any
    amount_minor: int
    netted_minor: int = 0


def is_cancelled(tranche: Any) -> bool:
    """Whether a payment is never made."""
    return str(tranche.state) == "cancelled"


def is_settled(campaign: Campaign) -> bool:
    """Whether no more money comes to it or from it by itself: it is closed, and no gift is in dispute."""
    return campaign.statement_content is not None and not (campaign.risk_net_minor or campaign.risk_match_minor)


def is_empty(campaign: Campaign, payment: Payment) -> bool:
    """Whether ``payment`` waits for money that will not come: nothing is payable on it, and its campaign is settled."""
    return is_settled(campaign) and payment.tranche.state == "scheduled" and payment.amount_minor <= 0


def frozen_payable(campaign: Campaign) -> int | None:
    """Return what was payable when the campaign closed, in minor units; None before."""
    if campaign.statement_content is None:
        return None
    return int(campaign.statement_content["figures"]["payable_minor"])


def payments_of(campaign: Campaign, payable: int | None = None) -> list[Payment]:
    """Return the tranches of the grant with the amount of each, as payable (read again, unless told) stands."""
    tranches = list(campaign.grant.tranches.order_by("number"))
    if not tranches:
        return []
    parts = [
        Part(
            share=tranche.share_bp,
            taken=tranche.committed_minor,
            netted=tranche.netted_minor if tranche.committed_minor is not None or is_cancelled(tranche) else 0,
            is_cancelled=is_cancelled(tranche),
        )
        for tranche in tranches
    ]
    today = campaign.payable_minor() if payable is None else payable
    found = due(parts, payable=today, frozen=frozen_payable(campaign))
    return [Payment(tranche, each.amount, each.netted) for tranche, each in zip(tranches, found, strict=True)]


def promised(tranches: Iterable[Any]) -> list[Payment | None]:
    """Return for each tranche what it comes to, where its campaign is closed: the figures that finance sees.

    None before the closing, when gifts still come.
    """
    wanted = list(tranches)
    grants = {tranche.grant_id for tranche in wanted}
    closed = Campaign.objects.with_grant().filter(grant__in=grants, state=Campaign.State.CLOSED)
    found = {payment.tranche.pk: payment for campaign in closed for payment in payments_of(campaign)}
    return [found.get(tranche.pk) for tranche in wanted]


def accounts_of(grant: Any) -> dict[str, int]:
    """Return what the ledger holds for a grant, by the kind of account, over every fund behind it."""
    held: dict[str, int] = {}
    for kind, balance in Account.objects.filter(reference=grant.number).values_list("kind", "balance_minor"):
        held[kind] = held.get(kind, 0) + balance
    return held


def _still_due(payments: Iterable[Payment]) -> int:
    """Return what is to be released and paid yet, in minor units."""
    return sum(max(0, row.amount_minor) for row in payments if row.tranche.state in {"scheduled", "held"})


def _is_cut_short(campaign: Campaign, payments: Iterable[Payment]) -> bool:
    """Whether a payment was cancelled of a grant that no more gifts come to: no other payment takes its share."""
    return is_settled(campaign) and any(is_cancelled(row.tranche) for row in payments)


def money_of(campaign: Campaign) -> dict[str, Any]:
    """Return the figures of a grant's money page: payable today, paid, what is left, what is not paid because payments
    were cancelled, what the funder bears; and Schedule B as it stands, scaled where less than the goal is payable.
    """
    grant = campaign.grant
    payable = campaign.payable_minor()
    payments = payments_of(campaign, payable)
    held = accounts_of(grant)
    paid = held.get(Account.Kind.PAID, 0)
    released = sum(row.amount_minor for row in payments if row.tranche.state == "released")
    left = max(0, payable - paid - released)
    dropped = max(0, left - _still_due(payments)) if _is_cut_short(campaign, payments) else 0
    return {
        "payable_minor": payable,
        "payments": payments,
        "paid_minor": paid,
        "released_minor": released,
        "left_minor": left - dropped,
        "dropped_minor": dropped,
        "borne_minor": -held.get(Account.Kind.BORNE, 0),
        "budget": budget_of(grant, payable),
        "missing_minor": max(0, grant.goal_minor - max(0, payable)),
        "excess_minor": max(0, payable - grant.goal_minor),
    }
