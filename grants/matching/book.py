"""A whole campaign in memory: plays events one by one by the match rule, as the database does by its actions."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from grants.matching.events import (
    FINAL,
    LOST,
    OPEN,
    CapEvent,
    CloseEvent,
    DisputeEvent,
    EligibilityEvent,
    Event,
    EventRefused,
    FeeEvent,
    GiftEvent,
    RefundEvent,
    refund_delta,
)
from grants.matching.matching import Candidate, MatchRule, earned, hand_on


@dataclass(slots=True)
class BookGift:
    """A recorded gift with what was refunded of it and what it earned."""

    event: GiftEvent
    eligible: bool
    fee: int
    refunded: int = 0
    matched: int = 0
    disputes: dict[str, str] = field(default_factory=dict)

    @property
    def at_risk(self) -> bool:
        """Whether a dispute about it is open."""
        return OPEN in self.disputes.values()

    @property
    def net(self) -> int:
        """What is left after the fee, which processors keep: it can go below zero."""
        return self.event.gross - self.fee - self.refunded


class Book:
    """The match of one campaign: its cap, its gifts in the order of recording, and what waits for a gift."""

    def __init__(self, rule: MatchRule, *, cap: int) -> None:
        self.rule, self.cap = rule, cap
        self.gifts: dict[str, BookGift] = {}
        self.matched = 0
        self.donor_matched: dict[int | str, int] = defaultdict(int)
        self.refunds: dict[str, tuple[str, int | None, int | None]] = {}
        self.disputes: dict[str, str] = {}
        self.waiting: dict[str, list[tuple[int, RefundEvent | DisputeEvent]]] = defaultdict(list)
        self.closed_at: datetime | None = None
        self.statement: int | None = None
        self.errors: list[int] = []

    def play(self, position: int, event: Event) -> None:
        """Apply the event at ``position``; a refused one leaves its position in ``errors`` and nothing else."""
        try:
            self._players()[type(event)](position, event)
        except EventRefused:
            self.refuse(position)

    def refuse(self, position: int) -> None:
        """Note that the event at ``position`` was refused."""
        self.errors = sorted({*self.errors, position})

    def _players(self) -> dict[type, Callable[[int, Any], None]]:
        return {
            GiftEvent: self._gift,
            RefundEvent: self._refund,
            DisputeEvent: self._dispute,
            EligibilityEvent: self._judge,
            FeeEvent: self._tell_fee,
            CapEvent: self._raise_cap,
            CloseEvent: self._close,
        }

    def _gift(self, _position: int, event: GiftEvent) -> None:
        if known := self.gifts.get(event.key):
            if event not in {known.event, replace(known.event, fee=known.fee)}:
                message = "This key was recorded with other contents."
                raise EventRefused(message)
            return
        eligible = not event.ineligible and self.closed_at is None and self.rule.in_window(event.at)
        gift = self.gifts[event.key] = BookGift(event, eligible, event.fee)
        if eligible:
            entitled = self.rule.entitled(gross=event.gross, fee=event.fee, refunded=0)
            room, so_far = self.cap - self.matched, self.donor_matched[event.donor]
            self._match(gift, earned(self.rule, entitled=entitled, donor_matched=so_far, room=room))
        for position, waiting in self.waiting.pop(event.key, []):
            self._apply_waiting(position, waiting, gift)

    def _apply_waiting(self, position: int, waiting: RefundEvent | DisputeEvent, gift: BookGift) -> None:
        try:
            if isinstance(waiting, DisputeEvent):
                self._settle_dispute(gift, waiting)
            else:
                self._give_back(gift, waiting)
        except EventRefused:
            if isinstance(waiting, RefundEvent) and waiting.id is not None:
                self.refunds.pop(waiting.id, None)
            self.refuse(position)

    def _refund(self, position: int, event: RefundEvent) -> None:
        if event.id is not None and event.id in self.refunds:
            if self.refunds[event.id] != event.contents:
                message = "This refund id was recorded with other contents."
                raise EventRefused(message)
            return
        if gift := self.gifts.get(event.gift):
            self._give_back(gift, event)
        else:
            self.waiting[event.gift].append((position, event))
        if event.id is not None:
            self.refunds[event.id] = event.contents

    def _give_back(self, gift: BookGift, event: RefundEvent) -> None:
        gross, refunded = gift.event.gross, gift.refunded
        self._release(gift, refund_delta(gross=gross, refunded=refunded, amount=event.amount, total=event.total))

    def _dispute(self, position: int, event: DisputeEvent) -> None:
        if self.disputes.setdefault(event.id, event.gift) != event.gift:
            message = "This dispute id belongs to another gift."
            raise EventRefused(message)
        if gift := self.gifts.get(event.gift):
            self._settle_dispute(gift, event)
        else:
            self.waiting[event.gift].append((position, event))

    def _settle_dispute(self, gift: BookGift, event: DisputeEvent) -> None:
        if gift.disputes.get(event.id) in FINAL:
            return
        gift.disputes[event.id] = event.status
        if event.status == LOST:
            self._release(gift, gift.event.gross - gift.refunded)

    def _known(self, key: str) -> BookGift:
        if key not in self.gifts:
            message = "There is no gift with this key."
            raise EventRefused(message)
        return self.gifts[key]

    def _judge(self, _position: int, event: EligibilityEvent) -> None:
        """Let a gift earn from now on, out of what is available now; or take its match back, as a refund does."""
        gift = self._known(event.gift)
        if event.ineligible:
            gift.eligible = False
            self._let_go(gift, ceiling=0)
        elif not gift.eligible:
            if self.closed_at is not None or not self.rule.in_window(gift.event.at):
                message = "The window and the closing decide this, not an officer."
                raise EventRefused(message)
            gift.eligible = True
            so_far, room = self.donor_matched[gift.event.donor], self.cap - self.matched
            self._match(gift, earned(self.rule, entitled=self._entitled(gift), donor_matched=so_far, room=room))

    def _tell_fee(self, _position: int, event: FeeEvent) -> None:
        gift = self._known(event.gift)
        if gift.fee == event.fee:
            return
        if gift.fee:
            message = "Its fee was told before, and it was another."
            raise EventRefused(message)
        gift.fee = event.fee
        self._let_go(gift, ceiling=self._ceiling(gift))

    def _raise_cap(self, _position: int, event: CapEvent) -> None:
        if event.cap == self.cap:
            return
        if event.cap < self.cap or self.closed_at is not None:
            message = "A cap is only raised, and only while the campaign runs."
            raise EventRefused(message)
        self.cap = event.cap

    def _close(self, _position: int, event: CloseEvent) -> None:
        if self.closed_at is None:
            self.closed_at, self.statement = event.at, self.matched
        elif self.closed_at != event.at:
            message = "The campaign was closed at another time."
            raise EventRefused(message)

    def _match(self, gift: BookGift, change: int) -> None:
        gift.matched += change
        self.matched += change
        self.donor_matched[gift.event.donor] += change

    def _release(self, gift: BookGift, delta: int) -> None:
        """Refund ``delta`` of a gift: lower its match (R6); before the closing, hand on what that released (R7)."""
        gift.refunded += delta
        self._let_go(gift, ceiling=self._ceiling(gift))

    def _let_go(self, gift: BookGift, *, ceiling: int) -> None:
        """Take what a gift has earned above ``ceiling``; before the closing hand it on (R7)."""
        released = max(0, gift.matched - ceiling)
        self._match(gift, -released)
        if self.closed_at is not None:
            return
        candidates = (
            Candidate(key, other.event.donor, self._entitled(other), other.matched)
            for key, other in self.gifts.items()
            if other.eligible
        )
        sums = dict(self.donor_matched)
        for candidate, share in hand_on(self.rule, released=released, candidates=candidates, donor_matched=sums):
            self._match(self.gifts[str(candidate.gift)], share)

    def _ceiling(self, gift: BookGift) -> int:
        return self.rule.ceiling(gross=gift.event.gross, fee=gift.fee, refunded=gift.refunded)

    def _entitled(self, gift: BookGift) -> int:
        return self.rule.entitled(gross=gift.event.gross, fee=gift.fee, refunded=gift.refunded)

    def answer(self) -> dict[str, Any]:
        """Return the figures in the form of a simulation's answer, in minor units."""
        gifts = self.gifts.values()
        gross = sum(gift.event.gross - gift.refunded for gift in gifts)
        fees = sum(gift.fee for gift in gifts)
        answer: dict[str, Any] = {
            "gross": gross,
            "fees": fees,
            "net": gross - fees,
            "matched": self.matched,
            "available": self.cap - self.matched,
            "payable": sum(gift.net + gift.matched for gift in gifts if not gift.at_risk),
            "at_risk_match": sum(gift.matched for gift in gifts if gift.at_risk),
            "gifts": [
                {
                    "key": gift.event.key,
                    "gross": gift.event.gross,
                    "fee": gift.fee,
                    "refunded": gift.refunded,
                    "matched": gift.matched,
                }
                for gift in gifts
            ],
        }
        if self.statement is not None:
            answer["statement"] = {"matched": self.statement}
        return {**answer, "errors": self.errors}
