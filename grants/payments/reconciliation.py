"""A bank statement beside the records: what agrees, what differs, what nobody knows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Lower

from grants.campaigns.models import Gift
from grants.payments.bankstatements import BankLine, BankStatement, LineMatch
from grants.payments.models import Tranche
from vetting_portal.money import format_amount

OUR_REFERENCE = re.compile(r"\b\d{4}-\d{3,}-\d{1,3}\b")


@dataclass(frozen=True)
class Compared:
    """A line with what it is about (a payment, a gift, or neither), what differs, and the word of a person."""

    line: BankLine
    about: Any = None
    differences: tuple[str, ...] = ()
    by_hand: LineMatch | None = None


@dataclass(frozen=True)
class Reconciliation:
    """The three lists of a statement, each in the order of its lines."""

    matched: list[Compared] = field(default_factory=list)
    differing: list[Compared] = field(default_factory=list)
    unmatched: list[Compared] = field(default_factory=list)


def reconcile(statement: BankStatement) -> Reconciliation:
    """Compare every line with the payments and gifts as they stand now.

    A line is about the payment whose reference (the bank's, or ours) it carries, else about the gift whose key it does.
    It differs where the amount, the currency or the day is another, or where an earlier line is about the same one. The
    newest word of a person goes before all that.
    """
    lines = list(statement.lines.order_by("line"))
    by_hand = {match.line_id: match for match in _words(lines)}
    tranches, gifts = _payments(statement, lines), _gifts(lines)
    found, taken = Reconciliation(), {match.tranche_id for match in by_hand.values() if match.tranche_id}
    for line in lines:
        if match := by_hand.get(line.pk):
            found.matched.append(Compared(line, match.tranche, by_hand=match))
            continue
        about = _first(tranches, _references(line)) or gifts.get(line.reference)
        if about is None:
            found.unmatched.append(Compared(line))
            continue
        wrong = tuple(
            _payment_differs(line, about, taken) if isinstance(about, Tranche) else _gift_differs(line, about)
        )
        if isinstance(about, Tranche):
            taken.add(about.pk)
        (found.differing if wrong else found.matched).append(Compared(line, about, wrong))
    return found


def _words(lines: Sequence[BankLine]) -> Iterable[LineMatch]:
    """Return what people said of the lines, the newest last."""
    said = LineMatch.objects.filter(line__in=lines).order_by("pk")
    return said.select_related("tranche__grant__submission__organisation", "matched_by")


def _references(line: BankLine) -> list[str]:
    """Return everything on a line that may be the reference of a payment."""
    return [line.reference.lower(), *OUR_REFERENCE.findall(f"{line.reference} {line.text}")]


def _first(known: dict[str, Tranche], references: Iterable[str]) -> Tranche | None:
    return next((known[each] for each in references if each and each in known), None)


def _payments(statement: BankStatement, lines: Sequence[BankLine]) -> dict[str, Tranche]:
    """Return the payments that the lines may be about, by the bank's reference and by ours: paid, released, or
    returned by the bank.
    """
    ours = {each for line in lines for each in OUR_REFERENCE.findall(f"{line.reference} {line.text}")}
    numbers = {each.rpartition("-")[0] for each in ours}
    rows = Tranche.objects.for_list().at_the_bank()
    found: dict[str, Tranche] = {}
    for tranche in rows.filter(grant__number__in=numbers):
        found[tranche.reference] = tranche
    bank = statement.lines.exclude(reference="").values(lowered=Lower("reference"))  # as the database lowers both
    for tranche in rows.alias(lowered=Lower("bank_reference")).filter(lowered__in=bank):
        found.setdefault(tranche.bank_reference.lower(), tranche)
    return found


def _gifts(lines: Sequence[BankLine]) -> dict[str, Gift]:
    """Return the gifts whose key stands on a line; a key that two sources share is none."""
    keys = {line.reference for line in lines if line.reference}
    found: dict[str, Gift] = {}
    shared = set()
    for gift in Gift.objects.filter(key__in=keys).select_related("campaign__grant"):
        if gift.key in found:
            shared.add(gift.key)
        found[gift.key] = gift
    return {key: gift for key, gift in found.items() if key not in shared}


def _payment_differs(line: BankLine, tranche: Tranche, taken: set[int]) -> Iterable[str]:
    currency, amount = tranche.grant.currency, tranche.amount_minor or 0
    if tranche.state == Tranche.State.RELEASED:
        yield "It is not recorded as paid yet."
    elif tranche.state != Tranche.State.PAID:
        yield "The bank returned it, and it is not paid again."
    if tranche.pk in taken:
        yield "Another line is about the same payment."
    if line.amount_minor > 0:
        yield "The money came in; a payment goes out."
    elif (-line.amount_minor, line.currency) != (amount, currency):
        yield f"We recorded {format_amount(amount, currency)}."
    if tranche.paid_on and tranche.paid_on != line.booked_on:
        yield f"We recorded {tranche.paid_on:%-d %B %Y}."


def _gift_differs(line: BankLine, gift: Gift) -> Iterable[str]:
    if line.amount_minor < 0:
        yield "The money left; a gift comes in."
    elif line.currency != gift.currency or line.amount_minor not in {
        gift.gross_minor,
        gift.gross_minor - gift.fee_minor,
    }:
        yield f"We recorded {format_amount(gift.gross_minor, gift.currency)}."
    received_on = gift.received_at.astimezone(gift.campaign.grant.zone).date()
    if line.booked_on < received_on:
        yield f"We recorded it as received on {received_on:%-d %B %Y}."
