"""The funder's signing policy as data: how many sign, from which amount more, by which means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_DIRECTORS = 7
STRONG_METHODS = ("passkey", "totp")
EMAIL = "email"


@dataclass(frozen=True, kw_only=True)
class SigningPolicy:
    """One policy. A passkey and an authenticator's code always sign; a code by e-mail where it is allowed.

    ``above_minor`` is in minor units of the funder's currency; None when no amount asks for more directors.
    """

    directors: int
    above_minor: int | None
    directors_above: int
    allows_email: bool

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "SigningPolicy":
        """Return the policy that was kept as JSON; what an older one does not name is as it was then."""
        directors = int(kept.get("directors", 0))
        above = kept.get("above") or {}
        return cls(
            directors=directors,
            above_minor=above.get("amount_minor"),
            directors_above=int(above.get("directors", directors)),
            allows_email=EMAIL in kept.get("methods", [EMAIL]),
        )

    @property
    def methods(self) -> list[str]:
        """The means that are allowed, the strongest first."""
        return [*STRONG_METHODS, *([EMAIL] if self.allows_email else [])]

    def kept(self) -> dict[str, Any]:
        """Return the policy as the JSON that is kept."""
        above = {"amount_minor": self.above_minor, "directors": self.directors_above}
        return {
            "directors": self.directors,
            "above": above if self.above_minor is not None else None,
            "methods": self.methods,
        }

    def needed_for(self, amount_minor: int, *, same_currency: bool) -> int:
        """Return how many directors sign for an amount; one in another currency asks for as many as a large one."""
        if self.above_minor is None:
            return self.directors
        return self.directors_above if not same_currency or amount_minor > self.above_minor else self.directors

    def problems(self) -> dict[str, str]:
        """Return what does not make sense, by the part it is about."""
        found = {}
        if not 1 <= self.directors <= MOST_DIRECTORS:
            found["directors"] = f"At least one director signs, at most {MOST_DIRECTORS}."
        if self.above_minor is not None and self.above_minor <= 0:
            found["above"] = "Give an amount above zero, or none."
        if self.above_minor is not None and not self.directors < self.directors_above <= MOST_DIRECTORS:
            found["directors_above"] = f"More than {self.directors}, at most {MOST_DIRECTORS}."
        return found
