"""What the accounts of a grant hold, told from the sums of its campaign and the shares of the funds behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grants.funds.models import Account

Place = tuple[int, str]
"""A fund's primary key and a kind of account."""
Share = tuple[int, int]
"""A fund's primary key and what it gives to the cap at most, in minor units."""

# What stands on accounts of the first fund alone; the rest each fund behind a grant has for itself.
OF_GIFTS = (Account.Kind.DONORS, Account.Kind.FEES, Account.Kind.GIFTS, Account.Kind.DISPUTED)
OF_MATCH = (Account.Kind.RESERVED, Account.Kind.MATCHED, Account.Kind.AT_RISK)


@dataclass(frozen=True, slots=True)
class Sums:
    """What all gifts of a campaign come to, in minor units: gross less refunds, fees, the match, and of both the part
    that is in dispute. A net in dispute can be below zero: processors keep their fee of a refunded gift.
    """

    raised: int = 0
    fees: int = 0
    matched: int = 0
    risk_net: int = 0
    risk_match: int = 0


def fill(shares: Sequence[Share], total: int) -> Iterator[tuple[int, int]]:
    """Yield what each share gives to ``total``: the first until it is used, then the next.

    So released money goes back where it came from, the last share first.
    """
    for fund, most in shares:
        part = min(most, max(0, total))
        total -= part
        yield fund, part


def standing(sums: Sums, shares: Sequence[Share]) -> dict[Place, int]:
    """Return what each account of the grant holds while its campaign runs, payments left aside.

    The match in dispute is the part that would go back first.
    """
    first, kind = shares[0][0], Account.Kind
    held: dict[Place, int] = {
        (first, kind.DONORS): -sums.raised,
        (first, kind.FEES): sums.fees,
        (first, kind.GIFTS): sums.raised - sums.fees - sums.risk_net,
        (first, kind.DISPUTED): sums.risk_net,
    }
    earned = fill(shares, sums.matched)
    safe = fill(shares, sums.matched - sums.risk_match)
    for (fund, most), (_, whole), (_, part) in zip(shares, earned, safe, strict=True):
        for name, amount in (
            (kind.RESERVED, most - whole),
            (kind.MATCHED, part),
            (kind.AT_RISK, whole - part),
        ):
            held[fund, name] = held.get((fund, name), 0) + amount
    return held
