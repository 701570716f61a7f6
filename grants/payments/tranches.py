"""What each tranche comes to: shares of what is payable, in whole minor units (R11)."""

from collections.abc import Sequence

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


def percent(share: int) -> str:
    """Return a share in words of percent: ``50%``, ``12.5%``."""
    whole, rest = divmod(share, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"
