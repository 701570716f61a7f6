"""What the pages of an ending show: the sums, where each goes and by when, what falls, who is notified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from grants.agreements.actions.ending import staff_told
from grants.agreements.models import Grant
from grants.endings.actions.returning import return_blockers
from grants.endings.actions.telling import readers, readers_of
from grants.endings.letters import clause_of, return_day
from grants.endings.models import Ending
from grants.endings.money import Money, ending_money, outstanding_minor, returned_minor
from grants.endings.parts import parts_of, stops_of
from vetting_portal.models import User

FEW = 4  # people of one kind that are named one by one


@dataclass(frozen=True)
class Goes:
    """Part of the money: which sum it belongs to, to whom it goes, by when; minor units."""

    key: str
    label: str
    whom: str
    by: date | str
    amount_minor: int


@dataclass(frozen=True)
class Slice:
    """One part of the bar, in percent of what was granted: as SVG takes it."""

    key: str
    x: str
    width: str


def where_it_goes(grant: Grant, money: Money, due: date | None) -> Iterator[Goes]:
    """Yield each part of what was granted, with its receiver: they add up to it."""
    partner, fund = grant.submission.organisation.legal_name, grant.fund.name
    by = due or "–"
    yield Goes("gifts", "Earned", f"{partner} keeps it", "–", money.earned_minor)
    yield Goes("risk", "At risk", f"{partner}, if we accept the evidence", by, money.at_risk_minor)
    yield Goes(
        "back", "To return", "Match first to its fund, then gifts to a similar purpose", by, money.to_return_minor
    )
    unpaid = [
        (f"Match, back to {fund}", "on ending", money.match_back_minor),
        ("Gifts, kept for a similar purpose", "on ending", money.gifts_kept_minor),
        ("In dispute, until each dispute is decided", "–", money.in_dispute_minor),
        ("Added for card fees, back to the fund", "on ending", money.added_back_minor),
        ("Refunded after it was paid: the funder bears it", "–", -money.borne_minor),
    ]
    shown = [row for row in unpaid if row[2]] or unpaid[:1]
    for place, (whom, when, minor) in enumerate(shown):
        yield Goes("" if place else "room", "" if place else "Unpaid", whom, when, minor)


def slices(money: Money) -> list[Slice]:
    """Return the bar: earned, at risk, to return; what is left of it is unpaid."""
    whole, at, found = max(1, money.granted_minor, money.paid_minor), 0, []
    parts = (("gifts", money.earned_minor), ("risk", money.at_risk_minor), ("back", money.to_return_minor))
    for key, minor in parts:
        found.append(Slice(key, f"{100 * at / whole:.2f}%", f"{100 * minor / whole:.2f}%"))
        at += minor
    return found


def notified(found: dict[str, list[User]], partner: str) -> list[tuple[str, str, str]]:
    """Return who is notified, as what, and what they receive."""
    told = {
        "partner": (partner, "Why it ends, and the closing letter"),
        "staff": ("signed, asked, or runs the grant", "Summary"),
        "finance": ("finance", "Money to expect"),
    }
    rows = []
    for name, group in found.items():
        names = [one.name for one in group] if len(group) <= FEW else [f"{len(group)} people"]
        rows += [(one, *told[name]) for one in names]
    return rows


def ask_page(grant: Grant, user: User, ends_on: date | None = None) -> dict[str, Any]:
    """Return what somebody reads who is about to ask: reckoned for ``ends_on``, today where it is not told."""
    money = ending_money(grant)
    due = return_day(money, ends_on or timezone.localdate())
    terms = grant.terms_in_force
    return {
        **_money_page(grant, money, due),
        "parts": parts_of(grant, return_by=due),
        "notified": notified(readers(grant, asker=user, is_paid=bool(money.paid_minor)), _name(grant)),
        "clause": clause_of(terms.content) if terms else "",
        "campaign": getattr(grant, "campaign", None),
    }


def suspend_page(grant: Grant, user: User) -> dict[str, Any]:
    """Return what somebody reads who is about to suspend a grant: its sums today, what waits, who is notified."""
    owners = [one.user for one in grant.submission.organisation.owners().select_related("user")]
    found = staff_told(grant, user)
    told = [(one, _name(grant)) for one in owners]
    told += [(one, "signed, or runs the grant") for one in found["staff"]]
    told += [(one, "finance") for one in found["finance"]]
    return {"money": ending_money(grant), "parts": stops_of(grant), "notified": told}


def _name(grant: Grant) -> str:
    return str(grant.submission.organisation.legal_name)


def _money_page(grant: Grant, money: Money, due: date | None) -> dict[str, Any]:
    return {
        "grant": grant,
        "partner": grant.submission.organisation,
        "money": money,
        "slices": slices(money),
        "goes": list(where_it_goes(grant, money, due)),
        "due": due,
    }


def ending_page(ending: Ending, user: User) -> dict[str, Any]:
    """Return what the page of a request shows, before and after it is carried out."""
    grant, money = ending.grant, ending_money(ending.grant)
    outstanding = outstanding_minor(ending, money) if ending.carried_out_at else 0
    closed = return_blockers(ending)
    return {
        **_money_page(grant, money, ending.due_on),
        "ending": ending,
        "letter": ending.letter,
        "said": ending.said,
        "notified": notified(readers_of(ending), _name(grant)),
        "returned_minor": returned_minor(ending),
        "returns": list(ending.returns.select_related("recorded_by")),
        "outstanding_minor": outstanding,
        "can_record": not closed and user.has_perm("grants.record_return", ending),
        "can_write_off": not closed and user.has_perm("grants.write_off_return", ending),
    }
