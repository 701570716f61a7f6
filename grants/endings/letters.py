"""What a letter at the end of a grant says, as data: from the records as they stand when somebody asks that it ends
before its time, or completes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from grants.agreements.models import Grant
from grants.agreements.values import wording_of, zone_place
from grants.endings.models import Ending
from grants.endings.money import Money, ending_money
from grants.endings.parts import parts_of
from vetting_portal.models import User

RETURN_WITHIN = timedelta(days=60)  # clause "Termination and return" of the agreement
TOLD_WHEN_COMPLETE = ("granted_minor", "paid_minor", "earned_minor", "unpaid_minor")
RECORDS = ("separate records", "separate ledger")
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


def clause_of(content: Mapping[str, Any], called: tuple[str, ...] = TERMINATION) -> str:
    """Return the number of the clause on termination, or of another by its title, in the text of these terms: ``5.2``;
    empty without one.
    """
    for number, part in enumerate(wording_of(dict(content)).content["sections"], start=1):
        for place, (title, _) in enumerate(part["clauses"], start=1):
            if any(word in title.casefold() for word in called):
                return f"{number}.{place}"
    return ""


def dear(grant: Grant) -> str:
    """Return whom the letter greets: the partner's owners by name, else the signatory of the agreement."""
    owners = grant.submission.organisation.owners().select_related("user")
    return ", ".join(one.user.name for one in owners) or grant.signatory_name


def contact(grant: Grant) -> str:
    """Return whom the partner writes to: name and address of the programme officer."""
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
        "dear": dear(grant),
        "contact": contact(grant),
        "money": money.figures(),
        "ends": [part.told() for part in parts_of(grant, return_by=due)],
        "terms_sha256": terms.sha256,
        "agreement_sealed_sha256": agreement.sealed_sha256 if agreement else "",
        "agreement_signed_sha256": agreement.signed_sha256 if agreement else "",
    }


def completion_content(grant: Grant, *, at: datetime, by: User) -> dict[str, Any]:
    """Return what the letter of a completed grant says. Sums are minor units; ``unpaid`` is what was granted and not
    paid. Raises ValueError for a grant without terms.
    """
    terms, agreement, statement = grant.terms_in_force, grant.agreement, grant.statement
    if terms is None or agreement is None:
        raise ValueError(f"{grant} has no agreement.")
    money = ending_money(grant)
    paid = grant.tranches.filter(state="paid").order_by("number")
    accepted = grant.reports.filter(accepted_at__isnull=False).order_by("number")
    return {
        "kind": "completion",
        "number": grant.number,
        "version": terms.version,
        "example": bool(terms.content["example"]),
        "title": grant.title,
        "currency": grant.currency,
        "completed_at": at.astimezone(UTC).isoformat(),
        "completed_by": by.name,
        "records_clause": clause_of(terms.content, RECORDS),
        "dear": dear(grant),
        "contact": contact(grant),
        "money": {name: money.figures()[name] for name in TOLD_WHEN_COMPLETE},
        "payments": [
            {"number": one.number, "paid_on": str(one.paid_on), "amount_minor": one.amount_minor} for one in paid
        ],
        "reports": [
            {"title": one.title, "accepted_on": timezone.localdate(one.accepted_at).isoformat()} for one in accepted
        ],
        "terms_sha256": terms.sha256,
        "agreement_sealed_sha256": agreement.sealed_sha256,
        "agreement_signed_sha256": agreement.signed_sha256,
        "statement_sealed_sha256": statement.sealed_sha256 if statement else "",
    }
