"""A payment on its way: released by one person, recorded as paid by another; held, put back, cancelled."""

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.agreements.models import Grant
from grants.banking.models import BankDetails
from grants.campaigns.actions import set_paid_out
from grants.campaigns.models import Campaign
from grants.funds.actions import Line, post
from grants.funds.models import Account, LedgerTransaction, MatchFund
from grants.payments.due import payments_of
from grants.payments.models import Tranche
from partners.organisations.actions import tell_partner
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, perform, transition_blockers

LONGEST_REFERENCE = 80


def _locked(tranche: Tranche) -> tuple[Tranche, Campaign | None]:
    """Return the payment and its campaign, locked after all that they depend on: organisation, funds, grant."""
    lock(tranche.organisation)
    funds = Account.objects.filter(reference=tranche.grant.number).values("fund")
    lock(MatchFund.objects.filter(pk__in=funds))
    lock(tranche.grant)
    campaign = Campaign.objects.filter(grant=tranche.grant).first()
    campaign = lock(campaign) if campaign else None
    lock(tranche)
    return Tranche.objects.for_list().get(pk=tranche.pk), campaign


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
    tranche, campaign = _locked(tranche)
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
    tranche, _ = _locked(tranche)
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
    _move_money(paid, by)
    settle_schedule(grant=paid.grant, by=by)
    for membership in paid.organisation.owners().select_related("user"):
        tell_partner(
            organisation=paid.organisation,
            to=membership.user,
            subject=f"We have paid you: payment {paid.number} of grant {paid.grant.number}",
            template="grants/payments/mail/paid.txt",
            context={"tranche": paid, "grant": paid.grant, "details": paid.details},
            by=by,
        )
    return paid


def _checked(tranche: Tranche, paid_on: date, bank_reference: str) -> str:
    """Return the bank's reference. Raises ValidationError for a day or a reference that cannot be."""
    problems = {}
    if paid_on > timezone.localdate():
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


def _move_money(tranche: Tranche, by: User) -> None:
    """Move the amount on the ledger: the donors' gifts first, then the match, one transaction a fund."""
    for fund, lines in _lines(tranche.grant, tranche.amount_minor or 0):
        post(
            key=f"payment:{tranche.pk}:{fund.pk}",
            kind=LedgerTransaction.Kind.PAYMENT,
            fund=fund,
            lines=lines,
            by=by,
            reference=tranche.grant.number,
            note=f"{tranche}, bank reference {tranche.bank_reference}",
        )


def _lines(grant: Grant, amount: int) -> Iterator[tuple[MatchFund, list[Line]]]:
    """Yield the lines of each fund. What gifts and match no longer hold (a refund came since the release) the gifts'
    account owes: it is netted from the next payment, or borne by the funder.
    """
    gifts = Account.objects.of(fund=grant.fund, kind=Account.Kind.GIFTS, reference=grant.number)
    rows = Account.objects.filter(reference=grant.number, kind=Account.Kind.MATCHED).select_related("fund")
    matched = sorted(rows, key=lambda row: (row.fund_id != grant.fund_id, row.pk))
    there = sum(max(0, row.balance_minor) for row in matched)
    from_match = min(max(0, amount - max(0, gifts.balance_minor)), there)
    own: list[Line] = [(gifts, from_match - amount)]
    paid_here, others = amount - from_match, []
    for row in matched:
        share = min(from_match, max(0, row.balance_minor))
        from_match -= share
        if row.fund_id == grant.fund_id:
            own.append((row, -share))
            paid_here += share
        elif share:
            paid = Account.objects.of(fund=row.fund, kind=Account.Kind.PAID, reference=grant.number)
            others.append((row.fund, [(row, -share), (paid, share)]))
    paid = Account.objects.of(fund=grant.fund, kind=Account.Kind.PAID, reference=grant.number)
    yield grant.fund, [*own, (paid, paid_here)]
    yield from others


@action
def settle_schedule(*, grant: Grant, by: User) -> None:
    """Note on the campaign whether any payment is still to come: if none is, the funder bears what goes back (R10)."""
    campaign = Campaign.objects.filter(grant=grant).first()
    if campaign is not None and grant.tranches.exists():
        set_paid_out(campaign=campaign, is_paid_out=not grant.tranches.open().exists(), by=by)


@action
def hold_payment(*, tranche: Tranche, reason: str, by: User) -> Tranche:
    """Hold a payment that is scheduled or released; a release is void. Raises ValidationError without a reason."""
    ask(by, "grants.hold_payment", tranche)
    why = _why(reason, "Say why this payment waits.")
    tranche, _ = _locked(tranche)
    held: Tranche = perform(tranche.hold, by=by, note=why, reason=why)
    return held


@action
def resume_payment(*, tranche: Tranche, by: User) -> Tranche:
    """Put a held payment back on the schedule. Its release asks for every condition again."""
    tranche, _ = _locked(tranche)
    resumed: Tranche = perform(tranche.resume, by=by)
    return resumed


@action
def cancel_payment(*, tranche: Tranche, reason: str, by: User) -> Tranche:
    """Cancel a payment for good: its share stays unpaid. Raises ValidationError without a reason."""
    ask(by, "grants.cancel_payment", tranche)
    why = _why(reason, "Say why this payment is never made.")
    tranche, _ = _locked(tranche)
    cancelled: Tranche = perform(tranche.cancel, by=by, note=why, reason=why)
    settle_schedule(grant=cancelled.grant, by=by)
    return cancelled
