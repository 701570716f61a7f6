"""What a grant's money comes to when it ends: one function, for the page, the letter, the mails and the records."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from grants.agreements.models import Grant
from grants.campaigns.holding import fees_paid
from grants.campaigns.models import Campaign
from grants.funds.models import Account, LedgerLine, LedgerTransaction
from grants.payments.due import accounts_of
from grants.reports.models import Report

ACCEPTED = (Report.State.ACCEPTED, Report.State.PUBLISHED)
TOLD = (Report.State.SUBMITTED, Report.State.RETURNED)


@dataclass(frozen=True)
class Money:
    """The sums of a grant in minor units, as records and ledger say them today.

    ``granted_minor`` is what gifts (after card fees and refunds), their match and what is added for card fees come to.
    It is ``earned`` + ``at_risk`` + ``to_return`` (which are what was paid) + ``unpaid``; and ``unpaid`` is
    ``match_back`` + ``gifts_kept`` + ``in_dispute`` + ``added_back`` - ``borne``. Never part of it: what is set aside
    and no gift earned, ``not_earned_minor``.
    """

    granted_minor: int = 0
    paid_minor: int = 0
    earned_minor: int = 0
    at_risk_minor: int = 0
    match_back_minor: int = 0
    gifts_kept_minor: int = 0
    in_dispute_minor: int = 0
    added_back_minor: int = 0
    borne_minor: int = 0
    not_earned_minor: int = 0

    @property
    def to_return_minor(self) -> int:
        """What was paid and no report shows as spent."""
        return self.paid_minor - self.earned_minor - self.at_risk_minor

    @property
    def unpaid_minor(self) -> int:
        """What was granted and not paid; below zero where gifts were refunded that had been paid out."""
        return self.granted_minor - self.paid_minor

    def figures(self) -> dict[str, int]:
        """Return the sums that a letter keeps for good."""
        names = ("granted", "paid", "earned", "at_risk", "to_return", "unpaid", "not_earned")
        return {f"{name}_minor": getattr(self, f"{name}_minor") for name in names}

    def of_the_partner(self) -> dict[str, int]:
        """Return the sums that the partner is told what to do about: they stand still while gifts come in."""
        return {name: self.figures()[name] for name in ("paid_minor", "earned_minor", "at_risk_minor")}


def ending_money(grant: Grant) -> Money:
    """Return what the money of ``grant`` comes to today, whether it runs or has ended."""
    campaign = Campaign.objects.with_grant().filter(grant=grant.pk).first()
    held, kind = accounts_of(grant), Account.Kind
    paid = held.get(kind.PAID, 0)
    earned, told = _spent(grant, paid)
    if campaign is None:
        return Money(not_earned_minor=held.get(kind.RESERVED, 0))
    out = _moved_at_the_end(grant)
    added = campaign.fee_top_up_minor(campaign.at_risk())
    return Money(
        granted_minor=campaign.net_minor + campaign.matched_minor + added,
        paid_minor=paid,
        earned_minor=earned,
        at_risk_minor=told - earned,
        match_back_minor=held.get(kind.MATCHED, 0) + out.get(kind.MATCHED, 0),
        gifts_kept_minor=held.get(kind.GIFTS, 0) + out.get(kind.GIFTS, 0),
        in_dispute_minor=held.get(kind.DISPUTED, 0) + held.get(kind.AT_RISK, 0),
        added_back_minor=added - (fees_paid(grant) if grant.fee_top_up_minor else 0),
        borne_minor=-held.get(kind.BORNE, 0),
        not_earned_minor=held.get(kind.RESERVED, 0),
    )


def _spent(grant: Grant, paid: int) -> tuple[int, int]:
    """Return what accepted reports show as spent, and what any report that was sent shows: at most what was paid, and
    the second never less than the first. Reports tell their spending to date.
    """
    earned = told = 0
    for report in (
        grant.reports.filter(state__in=[*ACCEPTED, *TOLD]).select_related("terms", "grant").order_by("number")
    ):
        spent = min(paid, report.budget.spent_minor)
        told = max(told, spent)
        if report.state in ACCEPTED:
            earned = max(earned, spent)
    return earned, told


def _moved_at_the_end(grant: Grant) -> dict[str, int]:
    """Return what the end took off gifts and match, by the kind of account."""
    lines = LedgerLine.objects.filter(
        transaction__kind=LedgerTransaction.Kind.ENDING, account__reference=grant.number
    ).order_by()
    rows = lines.values_list("account__kind").annotate(Sum("amount_minor"))
    return {kind: -total for kind, total in rows if kind in {Account.Kind.GIFTS, Account.Kind.MATCHED}}


def returned_minor(ending: Any) -> int:
    """Return what the partner has sent back, in minor units."""
    return int(ending.returns.aggregate(sum=Sum("amount_minor", default=0))["sum"])


def outstanding_minor(ending: Any, money: Money | None = None) -> int:
    """Return what the partner is still to return or to show as spent: what was paid, less what accepted reports show,
    what came back, and what was written off. Never below zero.
    """
    money = money or ending_money(ending.grant)
    open_ = money.paid_minor - money.earned_minor - returned_minor(ending) - ending.written_off_minor
    return max(0, open_)


def match_paid(grant: Grant) -> list[tuple[int, int]]:
    """Return what payments took from the match of each fund and did not come back yet, by the fund's key, in the order
    in which the funds give: what comes back goes to the last one first.
    """
    paid = _by_fund(grant, LedgerTransaction.Kind.PAYMENT, Account.Kind.MATCHED, key="payment:")
    back = LedgerLine.objects.filter(
        transaction__kind=LedgerTransaction.Kind.RETURN,
        transaction__reference=grant.number,
        account__kind=Account.Kind.FREE,
    ).order_by()
    again = dict(back.values_list("account__fund").annotate(Sum("amount_minor")))
    order = [fund for fund, _ in grant.shares_of(grant.cap_minor)]
    return [(fund, max(0, -paid.get(fund, 0) - again.get(fund, 0))) for fund in dict.fromkeys(order)]


def _by_fund(grant: Grant, kind: str, account: str, *, key: str) -> dict[int, int]:
    lines = LedgerLine.objects.filter(
        transaction__kind=kind, transaction__key__startswith=key, account__kind=account, account__reference=grant.number
    ).order_by()
    return dict(lines.values_list("account__fund").annotate(Sum("amount_minor")))
