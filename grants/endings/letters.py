"""What a closing letter says, as data: from the records as they stand when somebody asks that a grant ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from grants.agreements.models import Grant
from grants.agreements.values import wording_of, zone_place
from grants.endings.models import Ending
from grants.endings.money import Money, ending_money
from grants.endings.parts import parts_of
from vetting_portal.models import User

RETURN_WITHIN = timedelta(days=60)  # clause "Termination and return" of the agreement
TERMINATION = ("terminat", "ending early")  # what the clause is called, in each agreement text


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asks for: why, in words for the partner and for anybody, from which day, and who confirms it."""

    reason: str
    words: str
    public_reason: str
    ends_on: date
    second: User


def return_day(money: Money, ends_on: date) -> date | None:
    """Return the last day for returns and the closing report: 60 days after the end; None where nothing was paid."""
    return ends_on + RETURN_WITHIN if money.paid_minor else None


def clause_of(content: Mapping[str, Any]) -> str:
    """Return the number of the clause on termination in the text of these terms: ``5.2``; empty without one."""
    for number, part in enumerate(wording_of(dict(content)).content["sections"], start=1):
        for place, (title, _) in enumerate(part["clauses"], start=1):
            if any(word in title.casefold() for word in TERMINATION):
                return f"{number}.{place}"
    return ""


def _dear(grant: Grant) -> str:
    """Return whom the letter greets: the partner's owners by name, else the signatory of the agreement."""
    owners = grant.submission.organisation.owners().select_related("user")
    return ", ".join(one.user.name for one in owners) or grant.signatory_name


def _contact(grant: Grant) -> str:
    officer = grant.submission.officer or grant.created_by
    return f"{officer.name}, {officer.email}"


def letter_content(grant: Grant, asked: Asked, *, number: str, ordinal: int, at: datetime, by: User) -> dict[str, Any]:
    """Return what the letter says. Sums are minor units. Raises ValueError for a grant without terms."""
    terms, agreement = grant.terms_in_force, grant.agreement
    if terms is None:
        raise ValueError(f"{grant} has no terms.")
    money = ending_money(grant)
    due = return_day(money, asked.ends_on)
    never_in_force = grant.state == Grant.State.APPROVED
    return {
        "kind": "closing",
        "number": grant.number,
        "version": terms.version,
        "example": bool(terms.content["example"]),
        "ending": number,
        "ordinal": ordinal,
        "title": grant.title,
        "currency": grant.currency,
        "outcome": str(Grant.State.LAPSED if never_in_force else Grant.State.TERMINATED),
        "asked_at": at.astimezone(UTC).isoformat(),
        "asked_by": by.name,
        "reason": Ending.Reason(asked.reason).label.lower(),
        "clause": clause_of(terms.content),
        "words": [part.strip() for part in asked.words.splitlines() if part.strip()],
        "public_reason": asked.public_reason,
        "ends_on": asked.ends_on.isoformat(),
        "return_by": due.isoformat() if due else "",
        "place": f"end of the day, {zone_place(grant.submission.programme.time_zone)}",
        "dear": _dear(grant),
        "contact": _contact(grant),
        "money": money.figures(),
        "ends": [part.told() for part in parts_of(grant, return_by=due)],
        "terms_sha256": terms.sha256,
        "agreement_sealed_sha256": agreement.sealed_sha256 if agreement else "",
        "agreement_signed_sha256": agreement.signed_sha256 if agreement else "",
    }
