"""What the ledger's accounts of a grant hold, next to what they should: for invariants and for the ledger's page."""

from typing import Any

from django.db.models import Sum

from grants.campaigns.accounts import OF_GIFTS, OF_MATCH, Place, Sums, standing
from grants.campaigns.models import Campaign
from grants.funds.models import Account, LedgerLine, LedgerTransaction

# What gifts and closings write on the accounts. Payments, and what the funder bears, are left aside.
OF_CAMPAIGNS = [
    LedgerTransaction.Kind.RESERVE,
    LedgerTransaction.Kind.RELEASE,
    LedgerTransaction.Kind.GIFT,
    LedgerTransaction.Kind.REFUND,
    LedgerTransaction.Kind.MATCH,
    LedgerTransaction.Kind.DISPUTE,
    LedgerTransaction.Kind.CLOSING,
]


def held(campaign: Campaign, *kinds: str) -> dict[Place, int]:
    """Return the balances of the grant's accounts of these kinds, in every fund, without what payments did to them."""
    number = campaign.grant.number
    rows = Account.objects.filter(reference=number, kind__in=kinds)
    found = {(fund, kind): balance for fund, kind, balance in rows.values_list("fund", "kind", "balance_minor")}
    others = LedgerLine.objects.filter(account__reference=number, account__kind__in=kinds)
    others = others.exclude(transaction__kind__in=OF_CAMPAIGNS)
    for fund, kind, total in others.values_list("account__fund", "account__kind").annotate(Sum("amount_minor")):
        found[fund, kind] -= total
    return found


def expected(campaign: Campaign, sums: Sums) -> dict[Place, int]:
    """Return what the accounts should hold by ``sums``; nothing is reserved once the campaign is closed, or its grant
    ended before it opened.
    """
    told = standing(sums, campaign.grant.shares_of(campaign.cap_minor))
    never_opened = campaign.state == Campaign.State.PLANNED and campaign.grant.ended_at is not None
    is_closed = campaign.state == Campaign.State.CLOSED or never_opened
    return {place: 0 if is_closed and place[1] == Account.Kind.RESERVED else value for place, value in told.items()}


def differences(campaign: Campaign, sums: Sums, *kinds: str) -> list[tuple[str, int, int]]:
    """Return each kind of account that does not hold what it should, with both amounts; without ``kinds`` all."""
    names = kinds or (*OF_GIFTS, *OF_MATCH)
    there, should = held(campaign, *names), expected(campaign, sums)
    places = {place for place in {**should, **there} if place[1] in names}
    return [
        (kind, there.get((fund, kind), 0), should.get((fund, kind), 0))
        for fund, kind in sorted(places)
        if there.get((fund, kind), 0) != should.get((fund, kind), 0)
    ]


def holds_what_it_counts(campaign: Campaign) -> bool:
    """Whether the accounts hold gifts and match as the campaign counts them, payments left aside."""
    return not differences(campaign, campaign.sums())


def swept(grant: Any) -> int:
    """Return what the end of a grant took off its gifts and its match, in minor units: what was not paid out."""
    lines = LedgerLine.objects.filter(
        transaction__kind=LedgerTransaction.Kind.ENDING,
        account__kind__in=[Account.Kind.GIFTS, Account.Kind.MATCHED],
        account__reference=grant.number,
    )
    return -int(lines.aggregate(sum=Sum("amount_minor", default=0))["sum"])


def fees_paid(grant: Any) -> int:
    """Return what payments took from the grant's reserve for card fees, in minor units."""
    lines = LedgerLine.objects.filter(
        transaction__kind=LedgerTransaction.Kind.PAYMENT,
        account__kind=Account.Kind.RESERVED,
        account__reference=grant.fee_reference,
    )
    return -int(lines.aggregate(sum=Sum("amount_minor", default=0))["sum"])
