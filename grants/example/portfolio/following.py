"""What follows a signed grant of the portfolio besides its money: conditions, arrivals, and grants that end early."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from grants.agreements.actions import begin_signing
from grants.agreements.models import Grant
from grants.arrivals.actions import confirm_payment
from grants.conditions.actions import show_condition
from grants.conditions.models import Condition
from grants.endings.actions import ask_for_ending, confirm_ending
from grants.endings.letters import Asked
from grants.endings.models import Ending
from grants.example.portfolio.granting import code_of, fresh
from grants.payments.models import Tranche
from vetting_portal.models import User

CHARGES_MINOR, SLOW = 2_500, timedelta(days=3)
CONDITIONS = {
    "copper": ("Two people sign each cheque; a letter from the bank shows it.", "payment", 2, "partner", 150),
    "bridge": ("The accounts of last year are approved by the general meeting.", "payment", 2, "partner", 85),
    "delta": ("A second referee is asked about the work at the border.", "payment", 1, "funder", 20),
}
SHOWN = "The bank changed the mandate in March. Its letter names the three people, two of whom sign together."


def conditions_for(key: str) -> list[dict[str, Any]]:
    """Return the conditions of a partner's draft grant, as the terms hold them; most have none."""
    if key not in CONDITIONS:
        return []
    text, blocks, of, asked_of, days = CONDITIONS[key]
    due_on = (timezone.localdate() + timedelta(days=days)).isoformat()
    return [{"text": text, "blocks": blocks, "of": of, "asked_of": asked_of, "due_on": due_on}]


def show(grant: Grant, owner: User) -> None:
    """Show that the first condition is met; an officer looks at it next."""
    show_condition(condition=Condition.objects.filter(grant=grant.pk)[0], text=SHOWN, by=owner)


def arrive(grant: Grant, owner: User, *, currency: str, per_unit: int, days: timedelta = SLOW) -> None:
    """Confirm the first payment as the partner, in its own currency: ``per_unit`` is the exchange rate."""
    paid = Tranche.objects.for_list().get(grant=grant.pk, number=1)
    confirm_payment(
        tranche=paid,
        currency=currency,
        amount_minor=(paid.amount_minor or 0) * per_unit - CHARGES_MINOR,
        charges_minor=CHARGES_MINOR,
        arrived_on=min(timezone.localdate(), (paid.paid_on or timezone.localdate()) + days),
        seen=0,
        by=owner,
    )


def ask_end(grant: Grant, officer: User, director: User, *, words: str, public: str) -> Ending:
    """Ask as the officer that the grant ends today; ``director`` is to confirm it."""
    asked = Asked(
        reason=Ending.Reason.AGREED, words=words, public_reason=public, ends_on=timezone.localdate(), second=director
    )
    return ask_for_ending(grant=fresh(grant), asked=asked, by=officer)


def confirm_end(ending: Ending) -> None:
    """Confirm it as the director who was asked, with a code by e-mail: the grant ends."""
    ending = Ending.objects.for_page().get(pk=ending.pk)
    sha256, director = ending.letter.signed_sha256, ending.second
    challenge = begin_signing(grant=ending, method="email", document_sha256=sha256, by=director)
    code = code_of(director)
    confirm_ending(ending=ending, document_sha256=sha256, nonce=challenge.nonce, code=code, by=director)
