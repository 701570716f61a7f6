"""Stripe's messages: whether one is Stripe's, what of it is kept, and what it says of a charge.

The signature is checked by Stripe's published scheme: HMAC-SHA256 over ``time.payload``, 300 seconds of tolerance.
Stripe's own library would bring 31 MB and an HTTP client for this one sum; the tests compare the two.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from grants.matching.events import MOST

TOLERANCE = 300  # seconds
CHARGE, DISPUTE = "charge", "dispute"
TELLS_OF_CHARGE = frozenset({"charge.succeeded", "charge.captured", "charge.updated"})
REFUNDED = "charge.refunded"
DISPUTES = frozenset({"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"})
STATUSES = {
    "warning_needs_response": "open",
    "warning_under_review": "open",
    "warning_closed": "won",
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "lost": "lost",
}
# Of the open ones: the bank reads the response, and asks for nothing.
UNDER_REVIEW = frozenset({"warning_under_review", "under_review"})
# What is kept of an object; whatever else Stripe sends (payer, card, address, descriptions) is dropped.
KEPT = (
    "id", "object", "amount", "amount_captured", "amount_refunded", "currency", "status", "paid", "captured",
    "refunded", "disputed", "created", "reason", "livemode",
)  # fmt: skip
KEPT_OF_BALANCE = ("id", "amount", "currency", "exchange_rate", "fee", "net")


class SignatureRefused(Exception):
    """A message is not taken: it is not Stripe's, or too old; the text says why."""


class NotAnEvent(Exception):
    """The message is Stripe's, and no event that can be kept."""


def check_signature(payload: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """Raise SignatureRefused unless one of ``secrets`` signed ``payload`` within the last 300 seconds."""
    if not secrets:
        raise SignatureRefused("No secret is set for Stripe.")
    parts = [part.strip().partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in parts if name == "t" and value.isascii() and value.isdecimal()]
    given = [value for name, value in parts if name == "v1"]
    if not times or not given:
        raise SignatureRefused("The signature is missing.")
    signed = times[0].encode() + b"." + payload
    right = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    # Every pair is compared, each in constant time.
    if not any([hmac.compare_digest(one.encode(), value.encode()) for one in right for value in given]):  # noqa: C419
        raise SignatureRefused("The signature is wrong.")
    if int(times[0]) < now.timestamp() - TOLERANCE:
        raise SignatureRefused("The signature is too old.")


def read_event(payload: bytes) -> dict[str, Any]:
    """Return the event in a message; decimals stay text, so that a rate is kept as it was told.

    Raises NotAnEvent for anything that is none.
    """
    try:
        event = json.loads(payload, parse_float=str)
        thing, kind, event_id = event["data"]["object"], event["type"], event["id"]
        datetime.fromtimestamp(event["created"], tz=UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        raise NotAnEvent("This is no event.") from None
    if not (isinstance(thing, dict) and isinstance(kind, str) and isinstance(event_id, str)):
        raise NotAnEvent("This is no event.")
    return dict(event)


def kept_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of an event: amounts, states and ids, and the campaign that the charge names."""
    thing = event["data"]["object"]
    kept = {name: thing[name] for name in KEPT if _is_plain(thing.get(name))}
    kept["charge"] = _id_of(thing.get("charge"))
    metadata = thing.get("metadata")
    campaign = metadata.get("campaign") if isinstance(metadata, dict) else None
    kept["metadata"] = {"campaign": campaign} if isinstance(campaign, str) else {}
    balance = thing.get("balance_transaction")
    if isinstance(balance, dict):
        kept["balance_transaction"] = {name: balance[name] for name in KEPT_OF_BALANCE if _is_plain(balance.get(name))}
    return {
        "id": event["id"],
        "type": event["type"],
        "created": event["created"],
        "livemode": bool(event.get("livemode")),
        "object": kept,
    }


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | bool)


def _id_of(value: Any) -> str:
    """Return the id of something that Stripe sends whole or only by its id."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def charge_id_of(content: Mapping[str, Any]) -> str:
    """Return the charge that a kept event is about, or nothing."""
    thing = content["object"]
    return str(thing.get("id", "")) if thing.get("object") == CHARGE else str(thing.get("charge", ""))


def payer_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the address of who paid a charge, as far as it tells."""
    thing = event["data"]["object"]
    details = thing.get("billing_details")
    told = details if isinstance(details, dict) else {}
    name, email = told.get("name"), told.get("email") or thing.get("receipt_email")
    return (name if isinstance(name, str) else "")[:200], (email if isinstance(email, str) else "")[:254]


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as a kept event tells it; sums in minor units. ``settled`` is empty until Stripe tells it."""

    id: str
    amount: int
    currency: str
    refunded: int
    is_paid: bool
    received_at: datetime
    settled_currency: str
    settled_minor: int | None
    fee_minor: int | None
    rate: str

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Charge":
        """Read it. Raises NotAnEvent where a sum or a time is missing."""
        thing = content["object"]
        balance = thing.get("balance_transaction") or {}
        try:
            return cls(
                id=thing["id"],
                amount=_whole(thing["amount"]),
                currency=thing["currency"].upper(),
                refunded=_whole(thing.get("amount_refunded", 0)),
                is_paid=thing.get("status") == "succeeded" and thing.get("captured", True) is True,
                received_at=datetime.fromtimestamp(thing["created"], tz=UTC),
                settled_currency=str(balance.get("currency", "")).upper(),
                settled_minor=_whole(balance["amount"]) if "amount" in balance else None,
                fee_minor=_whole(balance["fee"]) if "fee" in balance else None,
                rate=str(balance.get("exchange_rate", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
            raise NotAnEvent("The charge has no amount, currency or time.") from None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise ValueError(value)
    return value
