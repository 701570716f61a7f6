"""A gift as somebody hands it in: from a form, a file or a payment source; and why rows are not taken."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

NAMELESS = frozenset({"", "anonymous"})
LONGEST = {"key": 200, "donor_name": 200, "donor_email": 254, "rate": 24}
CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class GiftRow:
    """One gift to record; sums in minor units. ``line``: its line in a file; ``donor_identity`` goes before a name.

    ``original_currency``, ``original_minor`` and ``rate`` (as text) belong to a gift in another currency (R9).
    """

    key: str
    gross_minor: int
    currency: str
    received_at: datetime
    fee_minor: int = 0
    donor_name: str = ""
    donor_email: str = ""
    ineligible: str = ""
    donor_identity: str = ""
    original_currency: str = ""
    original_minor: int | None = None
    rate: str = ""
    line: int = 0

    def identity(self, source: str) -> str:
        """Return what tells its donor from others: an address, else a name, else (nobody is named) its own key."""
        if self.donor_identity:
            return f"given:{self.donor_identity}"
        if self.donor_email:
            return f"email:{self.donor_email.casefold()}"
        name = " ".join(self.donor_name.casefold().split())
        return f"gift:{source}:{self.key}" if name in NAMELESS else f"name:{name}"

    def faults(self, currency: str) -> Iterator[str]:
        """Yield what is wrong with the row by itself, in plain words."""
        if not self.key:
            yield "The key is missing."
        for field, longest in LONGEST.items():
            if len(getattr(self, field)) > longest:
                yield f"The {field.replace('_', ' ')} is longer than {longest} characters."
        if self.currency != currency:
            yield f"The campaign takes {currency}, not {self.currency}."
        if self.gross_minor <= 0:
            yield "A gift is more than zero."
        if self.fee_minor < 0:
            yield "A fee cannot be negative."
        yield from self._faults_of_original()

    def _faults_of_original(self) -> Iterator[str]:
        given = (bool(self.original_currency), self.original_minor is not None, bool(self.rate))
        if not any(given):
            return
        if not all(given):
            yield "A gift in another currency names that currency, the amount in it and the rate."
        elif not CURRENCY.fullmatch(self.original_currency) or self.original_currency == self.currency:
            yield f"The other currency is three capital letters and not {self.currency}: {self.original_currency}."
        elif (self.original_minor or 0) <= 0:
            yield "The amount in the other currency is more than zero."


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not taken."""

    line: int
    reason: str


class RowsRefused(ValidationError):
    """Rows were not taken, and so nothing was recorded; ``errors`` lists every one of them."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        self.errors = sorted(errors, key=lambda error: error.line)
        super().__init__(
            [f"Line {error.line}: {error.reason}" if error.line else error.reason for error in self.errors]
        )
