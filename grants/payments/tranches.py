"""What each tranche comes to: shares of what is payable, in whole minor units (R11)."""

from collections.abc import Sequence
from dataclasses import dataclass

WHOLE = 10_000  # shares are hundredths of a percent


def amounts(payable: int, shares: Sequence[int]) -> list[int]:
    """Return the amount of each share (in hundredths of a percent): floor each, the last takes the remainder.

    Nothing is payable below zero. Raises ValueError where the shares are not the whole.
    """
    if sum(shares) != WHOLE or any(share < 0 for share in shares):
        message = f"The shares of the tranches sum to {sum(shares)}, not {WHOLE}."
        raise ValueError(message)
    payable = max(0, payable)
    floors = [payable * share // WHOLE for share in shares[:-1]]
    return [*floors, payable - sum(floors)]


@dataclass(frozen=True, slots=True)
class Part:
    """One tranche: its share, and what it took of the money, None while it is open; ``netted`` as it was released, or
    cancelled.
    """

    share: int
    taken: int | None = None
    netted: int = 0
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What a tranche comes to, and how much later refunds took off it."""

    amount: int
    netted: int = 0


def due(parts: Sequence[Part], *, payable: int, frozen: int | None = None) -> list[Due]:
    """Return what each tranche comes to today, if those before it are paid first; sums in minor units.

    ``payable`` is what is payable today, ``frozen`` what it was when the campaign closed, None before. Before closing a
    tranche takes at most its share of what is payable today. After it shares are of the frozen sum, what was refunded
    since is taken off the next ones, and the last one that is still open takes all that is left. A cancelled one
    leaves its share unpaid, less what was taken off it before. No two together ever take more than is payable.
    """
    if not parts:
        return []
    shares = amounts(payable if frozen is None else frozen, [part.share for part in parts])
    last = max((at for at, part in enumerate(parts) if not part.is_cancelled and part.taken is None), default=-1)
    left = max(0, payable) - sum(part.taken or 0 for part in parts)
    left -= sum(max(0, share - part.netted) for share, part in zip(shares, parts, strict=True) if part.is_cancelled)
    refunded = 0 if frozen is None else max(0, frozen - payable - sum(part.netted for part in parts))
    found = []
    for at, (share, part) in enumerate(zip(shares, parts, strict=True)):
        if part.is_cancelled or part.taken is not None:
            found.append(Due(part.taken or 0, part.netted))
            continue
        takes_rest = at == last and frozen is not None
        netted = refunded if takes_rest else min(share, refunded)
        amount = max(0, left if takes_rest else min(share - netted, left))
        left, refunded = left - amount, refunded - netted
        found.append(Due(amount, netted))
    return found


def percent(share: int) -> str:
    """Return a share in words of percent: ``50%``, ``12.5%``."""
    whole, rest = divmod(share, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"
