"""A payment on its way: released by one person, recorded as paid by another; held, put back, cancelled."""

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.agreements.models import Grant
from grants.arrivals.models import Arrival
from grants.banking.models import BankDetails
from grants.campaigns.actions import set_paid_out
from grants.campaigns.holding import fees_paid
from grants.campaigns.models import Campaign
from grants.conditions.actions import end_conditions
from grants.conditions.models import Condition
from grants.funds.actions import Line, post
from grants.funds.models import Account, LedgerTransaction, MatchFund
from grants.payments.due import is_settled, payments_of
from grants.payments.files import file_of
from grants.payments.locking import locked
from grants.payments.models import Tranche
from partners.organisations.actions import tell_owners
from vetting_portal.clock import lies_ahead
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, perform, transition_blockers

LONGEST_REFERENCE = 80
NOT_STOPPED = (
    "Confirm with finance that the bank will not pay it. If the bank has paid it already, record the payment instead."
)


def _why(reason: str, question: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": question})
    return reason.strip()


@action
def release_payment(*, tranche: Tranche, by: User) -> Tranche:
    """Release a payment: its amount is fixed, and the bank may be told. Every condition is asked afresh (R11).

    Raises PermissionDenied; Refused with every condition that does not hold, or for who approved the bank details.
    """
    ask(by, "grants.release_payment", tranche)
    tranche, campaign = locked(tranche)
    if blockers := [*transition_blockers(tranche, "release"), *tranche.people_blockers(by)]:
        raise Refused(blockers, title="This payment cannot be released yet", subject=tranche)
    details = BankDetails.objects.current().get(organisation=tranche.organisation)
    row = next(row for row in payments_of(campaign) if row.tranche.pk == tranche.pk) if campaign else None
    amount, netted = (row.amount_minor, row.netted_minor) if row else (0, 0)
    released: Tranche = perform(
        tranche.release,
        by=by,
        facts={"amount_minor": amount, "netted_minor": netted, "details": details.pk},
        details=details,
        amount_minor=amount,
        netted_minor=netted,
    )
    return released


@action
def record_payment(*, tranche: Tranche, paid_on: date, bank_reference: str, by: User) -> Tranche:
    """Record that the bank has paid: the money leaves the grant's gifts and match on the ledger. The partner is told.

    Raises PermissionDenied; Refused where it is not released, or for who released it; ValidationError by field for a
    day to come or before the release, or without the bank's reference.
    """
    ask(by, "grants.record_payment", tranche)
    tranche, campaign = locked(tranche)
    if blockers := [*transition_blockers(tranche, "pay"), *tranche.payer_blockers(by)]:
        raise Refused(blockers, title="This payment cannot be recorded as paid", subject=tranche)
    reference = _checked(tranche, paid_on, bank_reference)
    paid: Tranche = perform(
        tranche.pay,
        by=by,
        facts={"amount_minor": tranche.amount_minor, "paid_on": paid_on.isoformat(), "bank_reference": reference},
        paid_on=paid_on,
        bank_reference=reference,
    )
    _move_money(paid, campaign, by)
    settle_schedule(grant=paid.grant, by=by)
    tell_owners(
        organisation=paid.organisation,
        subject=f"We have paid you: payment {paid.number} of grant {paid.grant.number}",
        template="grants/payments/mail/paid.txt",
        context={"tranche": paid, "grant": paid.grant, "details": paid.details},
        by=by,
    )
    return paid


def _checked(tranche: Tranche, paid_on: date, bank_reference: str) -> str:
    """Return the bank's reference. Raises ValidationError for a day or a reference that cannot be."""
    problems = {}
    if lies_ahead(paid_on):
        problems["paid_on"] = "This day is still to come. Record the payment once the bank has paid."
    elif tranche.released_at and paid_on < timezone.localdate(tranche.released_at):
        day = timezone.localdate(tranche.released_at)
        problems["paid_on"] = f"It was released on {day:%-d %B %Y}: it cannot have been paid before."
    reference = " ".join(bank_reference.split())
    if not reference:
        problems["bank_reference"] = "Give the reference under which the bank has paid it."
    elif len(reference) > LONGEST_REFERENCE:
        problems["bank_reference"] = f"A reference has at most {LONGEST_REFERENCE} characters."
    if problems:
        raise ValidationError(problems)
    return reference


def payment_key(tranche: Tranche, fund: int) -> str:
    """Return the key of what the ledger holds of a payment: another each time that the bank returned it."""
    times = tranche.arrivals.filter(kind=Arrival.Kind.RETURNED).count()
    again = f"again-{times}:" if times else ""
    return f"payment:{again}{tranche.pk}:{fund}"


def _move_money(tranche: Tranche, campaign: Campaign | None, by: User) -> None:
    """Move the amount on the ledger: the donors' gifts first, then the match, last what is added for card fees; one
    transaction a fund.
    """
    for fund, lines in _lines(tranche.grant, campaign, tranche.amount_minor or 0):
        post(
            key=payment_key(tranche, fund.pk),
            kind=LedgerTransaction.Kind.PAYMENT,
            fund=fund,
            lines=lines,
            by=by,
            reference=tranche.grant.number,
            note=f"{tranche}, bank reference {tranche.bank_reference}",
        )


def _lines(grant: Grant, campaign: Campaign | None, amount: int) -> Iterator[tuple[MatchFund, list[Line]]]:
    """Yield the lines of each fund: gifts first, then the match, in the order in which funds give it, last the reserve
    for card fees.

    What was refunded after it was paid left an account below zero: it is made up first, out of the others. What none of
    them holds (a refund came since the release) the gifts' account owes: it is netted from the next payment, or borne
    by the funder.
    """
    kind = Account.Kind
    gifts = Account.objects.of(fund=grant.fund, kind=kind.GIFTS, reference=grant.number)
    order = [fund for fund, _ in grant.shares_of(grant.cap_minor)]
    matched = Account.objects.filter(reference=grant.number, kind=kind.MATCHED).select_related("fund")
    rows = [gifts, *sorted(matched, key=lambda row: order.index(row.fund_id))]
    moves = [(row, -row.balance_minor) for row in rows if row.balance_minor < 0]
    missing = amount + sum(minor for _, minor in moves)
    for row in rows:
        share = min(missing, max(0, row.balance_minor))
        moves.append((row, -share))
        missing -= share
    for_fees = _for_fees(campaign, missing) if campaign else []
    missing += sum(minor for _, minor in for_fees)
    by_fund: dict[MatchFund, list[Line]] = {}
    for row, minor in [*moves, *for_fees, (gifts, -missing)]:
        if minor:
            by_fund.setdefault(row.fund, []).append((row, minor))
    for fund, lines in by_fund.items():
        paid = Account.objects.of(fund=fund, kind=kind.PAID, reference=grant.number)
        yield fund, [*lines, (paid, -sum(minor for _, minor in lines))]


def _for_fees(campaign: Campaign, missing: int) -> list[Line]:
    """Return the line that takes ``missing`` minor units from the reserve for card fees: at most what is added for them
    today, and was not paid before.
    """
    if missing <= 0 or not campaign.grant.fee_top_up_minor:
        return []
    grant, kind = campaign.grant, Account.Kind.RESERVED
    reserve = Account.objects.of(fund=grant.fund, kind=kind, reference=grant.fee_reference)
    still = campaign.fee_top_up_minor(campaign.at_risk()) - fees_paid(grant)
    taken = min(missing, still, reserve.balance_minor)
    return [(reserve, -taken)] if taken > 0 else []


@action
def settle_schedule(*, grant: Grant, by: User) -> None:
    """Note on the campaign whether any payment is still to come: if none is, the funder bears what goes back (R10)."""
    campaign = Campaign.objects.filter(grant=grant).first()
    if campaign is not None and grant.tranches.exists():
        set_paid_out(campaign=campaign, is_paid_out=not grant.tranches.open().exists(), by=by)


@action
def hold_payment(*, tranche: Tranche, reason: str, by: User, is_stopped: bool = False) -> Tranche:
    """Hold a payment that is scheduled or released; a release is void. ``is_stopped`` is the word of who holds it that
    the bank will not pay it: one that stands in a file for the bank needs it, or it would be paid twice.

    Raises ValidationError without a reason, or without that word.
    """
    ask(by, "grants.hold_payment", tranche)
    why = _why(reason, "Say why this payment waits.")
    tranche, _ = locked(tranche)
    if file := file_of(tranche):
        if not is_stopped:
            raise ValidationError({"is_stopped": NOT_STOPPED})
        why = f"{why}\nFinance confirmed that the bank will not pay it ({file})."
    held: Tranche = perform(tranche.hold, by=by, note=why, reason=why)
    return held


@action
def resume_payment(*, tranche: Tranche, by: User) -> Tranche:
    """Put a held payment back on the schedule. Its release asks for every condition again."""
    tranche, _ = locked(tranche)
    resumed: Tranche = perform(tranche.resume, by=by)
    return resumed


@action
def cancel_payment(*, tranche: Tranche, reason: str, by: User) -> Tranche:
    """Cancel a payment for good: its share stays unpaid, less what refunds took off it so far. Raises ValidationError
    without a reason.
    """
    ask(by, "grants.cancel_payment", tranche)
    why = _why(reason, "Say why this payment is never made.")
    tranche, campaign = locked(tranche)
    netted = 0
    if campaign is not None and is_settled(campaign):
        netted = next(row.netted_minor for row in payments_of(campaign) if row.tranche.pk == tranche.pk)
    facts = {"netted_minor": netted} if netted else {}
    cancelled: Tranche = perform(tranche.cancel, by=by, note=why, facts=facts, reason=why, netted_minor=netted)
    settle_schedule(grant=cancelled.grant, by=by)
    end_conditions(
        grant=cancelled.grant, blocks=Condition.Blocks.PAYMENT, of=cancelled.number, by=by,
        reason=f"{cancelled} was cancelled.",
    )  # fmt: skip
    return cancelled
