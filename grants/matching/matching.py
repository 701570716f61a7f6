"""The match rule (R1 to R8) in whole numbers: what a gift earns, what a refund releases, and who gets that."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

GROSS, NET = "gross", "net"
BACKFILL, FORWARD = "backfill", "forward"


@dataclass(frozen=True, slots=True)
class MatchRule:
    """The frozen terms of a match, sums in minor units; the cap stands apart, since an amendment may raise it."""

    ratio_p: int = 1
    ratio_q: int = 1
    basis: str = GROSS
    refund_policy: str = BACKFILL
    donor_cap: int | None = None
    gift_cap: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a rule that means nothing."""
        if self.ratio_p < 1 or self.ratio_q < 1:
            message = "A ratio is two whole numbers above zero."
            raise ValueError(message)
        if self.basis not in {GROSS, NET} or self.refund_policy not in {BACKFILL, FORWARD}:
            message = f"Unknown basis or refund policy: {self.basis}, {self.refund_policy}."
            raise ValueError(message)

    def in_window(self, at: datetime | None) -> bool:
        """Whether a gift received ``at`` lies in [start, end); a gift without a time does (R2)."""
        if at is None:
            return True
        return not ((self.starts_at and at < self.starts_at) or (self.ends_at and at >= self.ends_at))

    def ceiling(self, *, gross: int, fee: int, refunded: int) -> int:
        """Return ⌊B·p/q⌋ with B = max(0, gross − fee (net basis only) − refunded): the most a gift can earn (R4)."""
        base = max(0, gross - (fee if self.basis == NET else 0) - refunded)
        return base * self.ratio_p // self.ratio_q

    def entitled(self, *, gross: int, fee: int, refunded: int) -> int:
        """Return what a gift would earn with room enough: its ceiling, within the cap per gift."""
        ceiling = self.ceiling(gross=gross, fee=fee, refunded=refunded)
        return ceiling if self.gift_cap is None else min(ceiling, self.gift_cap)

    def donor_room(self, donor_matched: int) -> int | None:
        """Return what is left of a donor's cap, None where there is no such cap."""
        return None if self.donor_cap is None else max(0, self.donor_cap - donor_matched)


def earned(rule: MatchRule, *, entitled: int, donor_matched: int, room: int) -> int:
    """Return the match of a new gift: its entitlement, within the donor's room and the campaign's (R4)."""
    donor_room = rule.donor_room(donor_matched)
    return max(0, min(entitled, room, entitled if donor_room is None else donor_room))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible gift that may be served by released money: what it could earn and has earned, and its donor."""

    gift: int | str
    donor: int | str
    entitled: int
    matched: int


def hand_on(
    rule: MatchRule, *, released: int, candidates: Iterable[Candidate], donor_matched: dict[int | str, int]
) -> Iterator[tuple[Candidate, int]]:
    """Yield the earlier gifts that the released money serves and with how much, in the order given (R7, backfill).

    Exactly the released money is handed on, within the caps per gift (in ``entitled``) and per donor;
    ``donor_matched`` (missing = 0) is kept up to date as it goes. Under the forward policy nobody is served.
    """
    if rule.refund_policy == FORWARD or released <= 0:
        return
    for candidate in candidates:
        so_far = donor_matched.get(candidate.donor, 0)
        share = earned(rule, entitled=candidate.entitled - candidate.matched, donor_matched=so_far, room=released)
        if share:
            donor_matched[candidate.donor] = so_far + share
            released -= share
            yield candidate, share
        if not released:
            return
