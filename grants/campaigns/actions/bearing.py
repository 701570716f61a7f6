"""What goes back when all was paid: no payment is left to net it from, so the funder bears it (R10)."""

from django.db.models import Sum
from django.utils import timezone

from grants.agreements.models import Grant
from grants.campaigns.models import Campaign
from grants.funds.actions import Line, post
from grants.funds.models import Account, LedgerLine, LedgerTransaction
from vetting_portal.models import User
from vetting_portal.workflow import action, lock, record

# Every other account of a grant holds money for the partner.
NOT_THE_PARTNERS = (
    Account.Kind.DONORS, Account.Kind.FEES, Account.Kind.RESERVED, Account.Kind.PAID, Account.Kind.BORNE,
    Account.Kind.SIMILAR, Account.Kind.RETURNED,
)  # fmt: skip
OVER = (Grant.State.TERMINATED, Grant.State.COMPLETED, Grant.State.CLOSED)


@action
def set_paid_out(*, campaign: Campaign, is_paid_out: bool, by: User) -> Campaign:
    """Note that no payment of the grant is to come any more, and bear what is short then; or that one is to come again:
    what the funder bore is netted from it, and taken back.
    """
    campaign = lock(campaign)
    if is_paid_out != (campaign.paid_out_at is not None):
        campaign.paid_out_at = timezone.now() if is_paid_out else None
        campaign.save(update_fields=["paid_out_at"])
        record("paid_out" if is_paid_out else "pays_again", campaign, by=by)
        if not is_paid_out:
            _take_back(campaign, by)
    bear_shortfall(campaign=campaign, by=by)
    return campaign


def _take_back(campaign: Campaign, by: User) -> None:
    """Undo on the ledger what the funder bore so far."""
    prefix = f"borne:{campaign.pk}:"
    before = LedgerTransaction.objects.filter(key__startswith=prefix)
    sums = LedgerLine.objects.filter(transaction__in=before).values("account").annotate(moved=Sum("amount_minor"))
    moved = {row["account"]: row["moved"] for row in sums.order_by() if row["moved"]}
    if not moved:
        return
    rows = Account.objects.filter(pk__in=moved).order_by("pk")
    post(
        key=f"{prefix}back-{before.count()}",
        kind=LedgerTransaction.Kind.PAYMENT,
        fund=campaign.grant.fund,
        lines=[(row, -moved[row.pk]) for row in rows],
        by=by,
        reference=campaign.grant.number,
        note="No longer borne by the funder: it is netted from a payment to come",
    )


@action
def bear_shortfall(*, campaign: Campaign, by: User) -> int:
    """Let the funder bear what was paid out and is no longer covered by gifts and match, in minor units, each fund what
    stands below zero there; 0 while a payment is to come. The campaign is locked already.
    """
    if campaign.paid_out_at is None:
        return 0
    sweep_pots(campaign=campaign, by=by)
    grant, kind = campaign.grant, Account.Kind
    rows = list(Account.objects.filter(reference=grant.number).order_by("pk"))
    pots = [row for row in rows if row.kind not in NOT_THE_PARTNERS]
    short = -sum(row.balance_minor for row in pots)
    if short <= 0:
        return 0
    lines: list[Line] = []
    left = short
    for row in sorted(pots, key=lambda row: row.kind != kind.GIFTS):
        part = min(left, max(0, -row.balance_minor))
        left -= part
        if part:
            borne = {"kind": kind.BORNE, "reference": grant.number, "currency": row.currency}
            lines += [(row, part), (Account.objects.at(fund_id=row.fund_id, **borne), -part)]
    before = -sum(row.balance_minor for row in rows if row.kind == kind.BORNE)
    times = LedgerTransaction.objects.filter(key__startswith=f"borne:{campaign.pk}:back-").count()
    post(
        key=f"borne:{campaign.pk}:{f'after-{times}:' if times else ''}{before}",
        kind=LedgerTransaction.Kind.PAYMENT,
        fund=grant.fund,
        lines=lines,
        by=by,
        reference=grant.number,
        note="Borne by the funder: no payment is left to net it from",
    )
    record("shortfall_borne", campaign, by=by, facts={"borne_minor": short})
    return short


@action
def sweep_pots(*, campaign: Campaign, by: User) -> int:
    """Once a grant is over and its campaign closed, take what was not paid out off its gifts and its match: the match
    goes back to its funds, the gifts are kept for a similar purpose. What is refunded later is taken back from there.

    Returns what was moved, in minor units, below zero where it was taken back; 0 where nothing is to be moved, and for
    what would go out while the partner is held. The campaign is locked already.
    """
    grant, kind = campaign.grant, Account.Kind
    if grant.state not in OVER or campaign.state != Campaign.State.CLOSED:
        return 0
    is_held, moved, lines = bool(grant.hold_blockers()), 0, list[Line]()
    pots = Account.objects.filter(reference=grant.number, kind__in=[kind.GIFTS, kind.MATCHED]).select_related("fund")
    rows = list(pots.order_by("fund", "pk"))
    apart = _in_dispute(grant)
    there_now = {row.pk: _less_disputed(row.balance_minor, apart.get((row.fund_id, row.kind), 0)) for row in rows}
    left = max(0, sum(there_now.values()))  # where one account owes, the others make it up first
    for row in rows:
        before = LedgerLine.objects.filter(account=row, transaction__kind=LedgerTransaction.Kind.ENDING)
        there = -int(before.aggregate(sum=Sum("amount_minor", default=0))["sum"])
        now = there_now[row.pk]
        part = min(now, 0 if is_held else left) if now > 0 else max(now, -there)
        if not part:
            continue
        left -= max(0, part)
        home = {"kind": kind.FREE} if row.kind == kind.MATCHED else {"kind": kind.SIMILAR, "reference": grant.number}
        lines += [(row, -part), (Account.objects.of(fund=row.fund, **home), part)]
        moved += part
    if not lines:
        return 0
    number = LedgerTransaction.objects.filter(kind=LedgerTransaction.Kind.ENDING, reference=grant.number).count() + 1
    post(
        key=f"ending:{grant.number}:{number}",
        kind=LedgerTransaction.Kind.ENDING,
        fund=grant.fund,
        lines=lines,
        by=by,
        reference=grant.number,
        note="Not paid out when the grant ended",
    )
    record("unpaid_moved", campaign, by=by, facts={"moved_minor": moved})
    return moved


def _in_dispute(grant: Grant) -> dict[tuple[int, str], int]:
    """Return by fund and account what open disputes took off the account, below zero where they added to it: once they
    have ended nothing of it is left, whatever they came to.
    """
    kind = Account.Kind
    of = {kind.DISPUTED: kind.GIFTS, kind.AT_RISK: kind.MATCHED}
    rows = Account.objects.filter(reference=grant.number, kind__in=of)
    return {(row.fund_id, of[Account.Kind(row.kind)]): row.balance_minor for row in rows.order_by("pk")}


def _less_disputed(balance: int, apart: int) -> int:
    """Return what stands on an account, or is owed by it, once open disputes have ended."""
    return max(0, balance + min(0, apart)) if balance > 0 else min(0, balance + max(0, apart))
