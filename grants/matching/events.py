"""What can happen to a match, as typed events, and how the JSON of a simulation is read into them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

OPEN, WON, LOST = "open", "won", "lost"
FINAL = frozenset({WON, LOST})

MOST = 10**15
"""The largest amount of an event or a cap, in minor units: thousands of it still add up within 64 bits."""


class EventRefused(Exception):
    """The event was refused and changed nothing; the text says why."""


class UnknownEvent(Exception):
    """No kind of event that this program can play."""


@dataclass(frozen=True, slots=True)
class GiftEvent:
    """A gift arrives. ``at`` None: inside the window. ``ineligible``: why it is never matched."""

    key: str
    donor: str
    gross: int
    fee: int = 0
    at: datetime | None = None
    ineligible: str = ""


@dataclass(frozen=True, slots=True)
class RefundEvent:
    """Money goes back: ``amount`` of it, or up to ``total`` in all, or (both None) all that is left."""

    gift: str
    id: str | None = None
    amount: int | None = None
    total: int | None = None

    @property
    def contents(self) -> tuple[str, int | None, int | None]:
        """What must be the same when the same id comes again."""
        return self.gift, self.amount, self.total


@dataclass(frozen=True, slots=True)
class DisputeEvent:
    """A dispute about a gift is opened, won or lost; one id carries its successive statuses."""

    gift: str
    id: str
    status: str


@dataclass(frozen=True, slots=True)
class EligibilityEvent:
    """An officer corrects whether a recorded gift is matched at all. ``ineligible``: why not; empty: it is."""

    gift: str
    ineligible: str = ""


@dataclass(frozen=True, slots=True)
class FeeEvent:
    """A payment source tells the fee of a recorded gift that came without one; it is told once."""

    gift: str
    fee: int


@dataclass(frozen=True, slots=True)
class CapEvent:
    """The cap is raised, for gifts recorded from here on."""

    cap: int


@dataclass(frozen=True, slots=True)
class CloseEvent:
    """The campaign closes and its match is frozen."""

    at: datetime


type Event = GiftEvent | RefundEvent | DisputeEvent | EligibilityEvent | FeeEvent | CapEvent | CloseEvent


def refund_delta(*, gross: int, refunded: int, amount: int | None, total: int | None) -> int:
    """Return how much a refund adds to what was refunded; 0 where it was counted already.

    Raises EventRefused for a refund of nothing, of a negative amount, or of more than what is left.
    """
    left = gross - refunded
    if amount is None and total is None:
        return left
    asked = amount if amount is not None else total
    if asked is None or asked <= 0:
        message = "A refund is more than zero."
        raise EventRefused(message)
    if total is not None:
        if total > gross:
            message = "More than the gift would be refunded."
            raise EventRefused(message)
        return max(0, total - refunded)
    if asked > left:
        message = "The refund is more than what is left of the gift."
        raise EventRefused(message)
    return asked


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        message = f"The {what} is missing."
        raise EventRefused(message)
    return value


def _minor(value: Any, what: str, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        message = f"The {what} is not a whole number of minor units."
        raise EventRefused(message)
    if value < least:
        message = f"The {what} cannot be {'negative' if value < 0 else 'zero'}."
        raise EventRefused(message)
    if value > MOST:
        message = f"The {what} is above {MOST:,} minor units."
        raise EventRefused(message)
    return value


def read_time(value: Any) -> datetime:
    """Return the instant that ISO 8601 text names. Raises EventRefused where it has no offset, or is no time."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        message = f"'{value}' is not a time in ISO 8601, as 2026-11-24T09:00:00-08:00."
        raise EventRefused(message) from None
    if at.tzinfo is None:
        message = f"'{value}' has no offset from UTC."
        raise EventRefused(message)
    return at


def _gift(raw: Mapping[str, Any]) -> GiftEvent:
    key = _text(raw["gift"], "key")
    return GiftEvent(
        key=key,
        donor=_text(raw.get("donor", key), "donor"),
        gross=_minor(raw.get("gross"), "gross amount", least=1),
        fee=_minor(raw.get("fee", 0), "fee"),
        at=read_time(raw["at"]) if raw.get("at") is not None else None,
        ineligible=str(raw.get("ineligible") or ""),
    )


def _refund(raw: Mapping[str, Any]) -> RefundEvent:
    gift = _text(raw["refund"], "key")
    amounts = {name: raw[name] for name in ("amount", "total") if raw.get(name) is not None}
    if len(amounts) > 1:
        message = "A refund names an amount or a total, not both."
        raise EventRefused(message)
    for name, value in amounts.items():
        _minor(value, name, least=1)
    return RefundEvent(gift=gift, id=_text(raw["id"], "id") if raw.get("id") is not None else None, **amounts)


def _dispute(raw: Mapping[str, Any]) -> DisputeEvent:
    gift, status = _text(raw["dispute"], "key"), raw.get("status")
    if status not in {OPEN, WON, LOST}:
        message = f"A dispute is open, won or lost, not '{status}'."
        raise EventRefused(message)
    return DisputeEvent(gift=gift, id=_text(raw.get("id", gift), "id"), status=status)


def _eligibility(raw: Mapping[str, Any]) -> EligibilityEvent:
    return EligibilityEvent(gift=_text(raw["eligibility"], "key"), ineligible=str(raw.get("ineligible") or ""))


READERS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    "gift": _gift,
    "refund": _refund,
    "dispute": _dispute,
    "eligibility": _eligibility,
    "fee_of": lambda raw: FeeEvent(gift=_text(raw["fee_of"], "key"), fee=_minor(raw.get("fee"), "fee", least=1)),
    "cap": lambda raw: CapEvent(_minor(raw["cap"], "cap", least=1)),
    "close": lambda raw: CloseEvent(read_time(raw["close"])),
}


def read_event(raw: Any) -> Event:
    """Return the event that an object of a simulation stands for.

    Raises UnknownEvent where it is of no kind that can be played, EventRefused where a value in it is wrong.
    """
    kinds = [kind for kind in READERS if kind in raw] if isinstance(raw, Mapping) else []
    if len(kinds) != 1:
        message = f"No event that can be played: {raw!r}"[:200]
        raise UnknownEvent(message)
    return READERS[kinds[0]](raw)
