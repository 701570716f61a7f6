"""The match of a grant as its events and as its lines: gift by gift, at the closing and today; no donor is named."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from grants.campaigns.models import Campaign, StatementLine
from grants.campaigns.replay import events_of
from grants.matching.book import Book
from grants.matching.events import (
    CapEvent,
    CloseEvent,
    DisputeEvent,
    EligibilityEvent,
    Event,
    FeeEvent,
    GiftEvent,
    RefundEvent,
)

INELIGIBLE = "not eligible"


class _Names:
    """Writes a gift by its key, with its source before it where two sources share a key; a donor by a number."""

    def __init__(self, events: list[Event]) -> None:
        keys = [event.key for event in events if isinstance(event, GiftEvent)]
        self._shared = {key for key, times in Counter(key.partition("\n")[2] for key in keys).items() if times > 1}
        self._donors: dict[str, str] = {}

    def gift(self, name: str) -> str:
        """Return how a gift is called."""
        source, _, key = name.partition("\n")
        return f"{source}: {key}" if key in self._shared else key

    def donor(self, donor: str) -> str:
        """Return a donor's number, in the order of their first gifts."""
        return self._donors.setdefault(donor, f"donor {len(self._donors) + 1}")


def _gift(event: GiftEvent, names: _Names) -> dict[str, Any]:
    return {
        "gift": names.gift(event.key),
        "donor": names.donor(event.donor),
        "gross": event.gross,
        "fee": event.fee,
        "at": event.at.isoformat() if event.at else None,
        **({"ineligible": INELIGIBLE} if event.ineligible else {}),
    }


def _refund(event: RefundEvent, names: _Names) -> dict[str, Any]:
    given = {"id": event.id, "amount": event.amount, "total": event.total}
    return {"refund": names.gift(event.gift), **{name: value for name, value in given.items() if value is not None}}


_WRITERS: dict[type, Callable[[Any, _Names], dict[str, Any]]] = {
    GiftEvent: _gift,
    RefundEvent: _refund,
    DisputeEvent: lambda event, names: {
        "dispute": names.gift(event.gift), "id": event.id, "status": event.status,
    },
    EligibilityEvent: lambda event, names: {
        "eligibility": names.gift(event.gift), **({"ineligible": INELIGIBLE} if event.ineligible else {}),
    },
    FeeEvent: lambda event, names: {"fee_of": names.gift(event.gift), "fee": event.fee},
    CapEvent: lambda event, _: {"cap": event.cap},
    CloseEvent: lambda event, _: {"close": event.at.isoformat()},
}  # fmt: skip


def match_events(campaign: Campaign) -> dict[str, Any]:
    """Return every event of a campaign in the order of recording, in the form that ``simulate_match`` reads."""
    events = [event for _, event in events_of(campaign)]
    names, rule = _Names(events), campaign.rule
    return {
        "unit": "minor units",
        "currency": campaign.currency,
        "vectors": [
            {
                "id": campaign.grant.number,
                "campaign": {
                    "cap": campaign.cap_at_start_minor,
                    "ratio": [rule.ratio_p, rule.ratio_q],
                    "basis": rule.basis,
                    "refund_policy": rule.refund_policy,
                    **{key: cap for key, cap in (("donor_cap", rule.donor_cap), ("gift_cap", rule.gift_cap)) if cap},
                    "start": rule.starts_at.isoformat() if rule.starts_at else None,
                    "end": rule.ends_at.isoformat() if rule.ends_at else None,
                },
                "events": [_WRITERS[type(event)](event, names) for event in events],
            }
        ],
    }


def match_lines(campaign: Campaign) -> dict[str, Any]:
    """Return the lines of the match: ``at_closing``, from which the statement's sums follow, and ``today``."""
    events = list(events_of(campaign))
    names = _Names([event for _, event in events])
    book, at_closing = Book(campaign.rule, cap=campaign.cap_at_start_minor), None
    for position, event in events:
        book.play(position, event)
        if isinstance(event, CloseEvent) and at_closing is None:
            at_closing = list(_lines(book, names))
    return {"currency": campaign.currency, "at_closing": at_closing, "today": list(_lines(book, names))}


def _lines(book: Book, names: _Names) -> Iterator[dict[str, Any]]:
    for seq, (name, gift) in enumerate(book.gifts.items(), start=1):
        yield {
            "seq": seq,
            "key": names.gift(name),
            "gross": gift.event.gross,
            "fee": gift.fee,
            "refunded": gift.refunded,
            "matched": gift.matched,
        }


def sealed_lines(campaign: Campaign) -> dict[str, Any] | None:
    """Return the lines of the statement with their salts, which lead to the root it names; None where it has none."""
    content = campaign.statement_content or {}
    if "lines" not in content:
        return None
    lines = StatementLine.objects.filter(campaign=campaign).order_by("seq")
    told = [{**line.said, "salt": line.salt} for line in lines.iterator(chunk_size=2000)]
    return {"tree": content["lines"]["tree"], "lines": told}
