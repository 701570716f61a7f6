"""What the partner of an ended grant sends back, and what is written off."""

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.endings.actions.settling import clear_ending
from grants.endings.models import Ending, MoneyReturned
from grants.endings.money import match_paid, outstanding_minor
from grants.endings.parts import CLOSING_REPORT, UNSENT
from grants.funds.actions import Line, post
from grants.funds.models import Account, LedgerTransaction, MatchFund
from vetting_portal.clock import lies_ahead
from vetting_portal.models import User
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, perform, record

LONGEST_REFERENCE = 80
WRITTEN_OFF = "What was still to be returned is written off."


def return_blockers(ending: Ending) -> list[Blocker]:
    """Return why no money is expected back: the grant has not ended, or nothing is left to return."""
    if ending.state != Ending.State.CARRIED_OUT:
        return [Blocker("The grant has not ended.", url=ending.get_absolute_url())]
    if not outstanding_minor(ending):
        hint = "It was returned, shown as spent in an accepted report, or written off."
        return [Blocker("Nothing is left to return.", hint=hint, url=ending.get_absolute_url())]
    return []


@action
def record_return(
    *, ending: Ending, amount_minor: int, received_on: date, bank_reference: str, by: User
) -> MoneyReturned:
    """Record money that the partner sent back: of it the match goes to its funds first, the rest is kept for a similar
    purpose with the gifts that were not paid.

    Raises PermissionDenied; Refused where nothing is left to return; ValidationError by field for a sum above that, a
    day to come, or a bank reference that is missing or was recorded before.
    """
    ask(by, "grants.record_return", ending)
    lock(ending.funds())
    grant = lock(ending.grant)
    ending = lock(ending)
    if reasons := return_blockers(ending):
        raise Refused(reasons, subject=ending)
    reference = _checked(ending, amount_minor, received_on, bank_reference)
    kind = LedgerTransaction.Kind.RETURN
    made = post(
        key=f"return:{ending.pk}:{reference}",
        kind=kind,
        fund=grant.fund,
        lines=list(_lines(ending, amount_minor)),
        by=by,
        reference=grant.number,
        note=f"Returned by the partner, bank reference {reference}",
    )
    if made is None:
        raise ValidationError({"bank_reference": "This bank reference is recorded already."})
    returned = MoneyReturned.objects.create(
        ending=ending,
        amount_minor=amount_minor,
        currency=ending.currency,
        received_on=received_on,
        bank_reference=reference,
        transaction=made,
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    facts = {"amount_minor": amount_minor, "received_on": received_on.isoformat(), "bank_reference": reference}
    record("money_returned", ending, by=by, facts=facts)
    clear_ending(ending=ending, by=by)
    return returned


def _checked(ending: Ending, amount_minor: int, received_on: date, bank_reference: str) -> str:
    problems, most = {}, outstanding_minor(ending)
    if amount_minor <= 0:
        problems["amount"] = "Enter an amount above zero."
    elif amount_minor > most:
        problems["amount"] = f"At most {format_amount(most, ending.currency)} is still to be returned."
    if lies_ahead(received_on):
        problems["received_on"] = "This day is still to come. Record the money once the bank has it."
    reference = " ".join(bank_reference.split())
    if not reference:
        problems["bank_reference"] = "Enter the reference under which the money arrived."
    elif len(reference) > LONGEST_REFERENCE:
        problems["bank_reference"] = f"A reference has at most {LONGEST_REFERENCE} characters."
    elif ending.returns.filter(bank_reference=reference).exists():
        problems["bank_reference"] = "This bank reference is recorded already."
    if problems:
        raise ValidationError(problems)
    return reference


def _lines(ending: Ending, amount_minor: int) -> Iterator[Line]:
    """Yield the lines of a return: what payments took from the match goes back to its funds, the last one first; gifts
    were paid out before any match, so what is left is theirs.
    """
    grant, kind, left = ending.grant, Account.Kind, amount_minor
    funds = MatchFund.objects.in_bulk([fund for fund, _ in match_paid(grant)])
    for pk, taken in reversed(match_paid(grant)):
        part = min(left, taken)
        left -= part
        if part:
            yield Account.objects.of(fund=funds[pk], kind=kind.RETURNED, reference=grant.number), -part
            yield Account.objects.of(fund=funds[pk], kind=kind.FREE), part
    if left:
        yield Account.objects.of(fund=grant.fund, kind=kind.RETURNED, reference=grant.number), -left
        yield Account.objects.of(fund=grant.fund, kind=kind.SIMILAR, reference=grant.number), left


@action
def write_off_return(*, ending: Ending, reason: str, by: User) -> Ending:
    """Write off what is still to be returned: nobody waits for it any more, and a closing report that was not sent is
    cancelled. Raises PermissionDenied, ValidationError without a reason, Refused where nothing is left to return.
    """
    ask(by, "grants.write_off_return", ending)
    if not reason.strip():
        raise ValidationError({"reason": "Say why. The reason stays on record."})
    lock(ending.grant)
    ending = lock(ending)
    if reasons := return_blockers(ending):
        raise Refused(reasons, subject=ending)
    left = outstanding_minor(ending)
    ending.written_off_minor, ending.written_off_reason = left, reason.strip()
    ending.written_off_at, ending.written_off_by = timezone.now(), by
    ending.save(update_fields=["written_off_minor", "written_off_reason", "written_off_at", "written_off_by"])
    record("return_written_off", ending, by=by, note=reason.strip(), facts={"written_off_minor": left})
    clear_ending(ending=ending, by=by)
    system = User.objects.system("background")
    for report in ending.grant.reports.filter(state__in=UNSENT, title=CLOSING_REPORT):
        perform(report.cancel, by=system, note=WRITTEN_OFF, reason=WRITTEN_OFF)
    return ending
