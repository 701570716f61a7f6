"""A payment that the bank returned: the money is back with the grant, and the payment is held until it can go again."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from grants.arrivals.actions import note_return
from grants.funds.actions import post
from grants.funds.models import Account, LedgerTransaction
from grants.payments.actions.paying import payment_key, settle_schedule
from grants.payments.locking import locked
from grants.payments.models import Tranche
from partners.organisations.actions import tell_owners
from vetting_portal.clock import lies_ahead
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, perform, transition_blockers


@action
def bounce_payment(*, tranche: Tranche, returned_on: date, reason: str, by: User) -> Tranche:
    """Record that the bank returned a payment: on the ledger the whole amount goes back to where it came from (the
    funder bears any bank charges), the payment is held, and the partner is notified. Once it is back on the schedule,
    its release checks every condition again.

    Raises PermissionDenied; Refused where it was not paid, the partner confirmed it, or the grant is over;
    ValidationError by field for a day to come or before the payment, or without a reason.
    """
    ask(by, "grants.bounce_payment", tranche)
    tranche, _ = locked(tranche)
    if blockers := transition_blockers(tranche, "bounce"):
        raise Refused(blockers, title="This payment cannot be recorded as returned", subject=tranche)
    why = _checked(tranche, returned_on, reason)
    facts = {
        "amount_minor": tranche.amount_minor, "returned_on": returned_on.isoformat(),
        "paid_on": tranche.paid_on.isoformat() if tranche.paid_on else None, "bank_reference": tranche.bank_reference,
    }  # fmt: skip
    keys = {fund: payment_key(tranche, fund) for fund in _funds(tranche)}
    note_return(tranche=tranche, returned_on=returned_on, text=why, by=by)
    day = date_format(returned_on, "j F Y")
    held: Tranche = perform(
        tranche.bounce, by=by, note=why, facts=facts, reason=f"The bank returned it on {day}: {why}"
    )  # fmt: skip
    _put_back(held, keys.values(), by)
    settle_schedule(grant=held.grant, by=by)
    tell_owners(
        organisation=held.organisation,
        subject=f"The bank returned payment {held.number} of grant {held.grant.number}",
        template="grants/payments/mail/returned.txt",
        context={"tranche": held, "grant": held.grant, "details": held.details, "day": returned_on, "why": why},
        by=by,
    )
    return held


def _checked(tranche: Tranche, returned_on: date, reason: str) -> str:
    """Return the reason. Raises ValidationError by field for what cannot be."""
    problems = {}
    if lies_ahead(returned_on):
        problems["returned_on"] = "This date is in the future. Record the return once the money has come back."
    elif tranche.paid_on and returned_on < tranche.paid_on:
        problems["returned_on"] = f"It was paid on {tranche.paid_on:%-d %B %Y}: it cannot have come back before then."
    if not reason.strip():
        problems["reason"] = "Write what the bank says, for example that the account is closed."
    if problems:
        raise ValidationError(problems)
    return reason.strip()


def _funds(tranche: Tranche) -> list[int]:
    """Return the funds from which the grant's money comes."""
    accounts = Account.objects.filter(reference__startswith=tranche.grant.number)
    return sorted({tranche.grant.fund_id, *accounts.values_list("fund", flat=True)})


def _put_back(tranche: Tranche, keys: Iterable[str], by: User) -> None:
    """Undo on the ledger what the payment moved, one transaction a fund."""
    made = list(LedgerTransaction.objects.filter(key__in=keys).select_related("fund").order_by("pk"))
    if not made:
        raise Refused(["The ledger does not hold this payment."], subject=tranche)
    for moved in made:
        post(
            key=f"{moved.key}:returned",
            kind=LedgerTransaction.Kind.PAYMENT,
            fund=moved.fund,
            lines=[(line.account, -line.amount_minor) for line in moved.lines.select_related("account")],
            by=by,
            reference=tranche.grant.number,
            note=f"{tranche} returned by the bank",
        )
