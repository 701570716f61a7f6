"""How what arrived compares with what was paid, as pure functions: amounts, days, the rate that the bank gave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from vetting_portal.money import format_amount, minor_digits

SLOW_DAYS = 7
RATE_PLACES = Decimal("0.000001")


def rate_between(paid_minor: int, currency: str, local_minor: int, local: str) -> str:
    """Return how many units of ``local`` one unit of ``currency`` gave, to six decimals (half up), without zeros at
    the end: ``35.1``. Empty where nothing was paid.
    """
    if paid_minor <= 0:
        return ""
    paid = Decimal(paid_minor).scaleb(-minor_digits(currency))
    arrived = Decimal(local_minor).scaleb(-minor_digits(local))
    rate = (arrived / paid).quantize(RATE_PLACES, ROUND_HALF_UP)
    return f"{rate.normalize():f}"


@dataclass(frozen=True)
class Comparison:
    """One payment: what was paid, and what arrived after ``charges_minor`` were taken off on the way.

    Amounts are minor units, of ``currency`` what was paid, of ``local`` what arrived and the charges.
    """

    currency: str
    paid_minor: int
    paid_on: date
    local: str
    amount_minor: int
    charges_minor: int
    arrived_on: date

    @property
    def is_same_currency(self) -> bool:
        """Whether it arrived in the currency in which it was paid."""
        return self.local == self.currency

    @property
    def whole_minor(self) -> int:
        """What arrived and what was taken off, together, in the local currency."""
        return self.amount_minor + self.charges_minor

    @property
    def rate(self) -> str:
        """The rate that the bank gave, before its charges; ``1`` in the same currency where nothing is missing."""
        return rate_between(self.paid_minor, self.currency, self.whole_minor, self.local)

    @property
    def days(self) -> int:
        """Calendar days from the funder's day of payment to the partner's day of arrival; -1 is possible west of it."""
        return (self.arrived_on - self.paid_on).days

    @property
    def missing_minor(self) -> int:
        """In the same currency what neither arrived nor was a charge; 0 in another currency, where no one can say."""
        return self.paid_minor - self.whole_minor if self.is_same_currency else 0

    @property
    def received_minor(self) -> int:
        """What arrived, in the grant's currency: of another the share of the payment that charges left (half up)."""
        if self.is_same_currency:
            return self.amount_minor
        if self.whole_minor == 0:
            return 0
        return (2 * self.paid_minor * self.amount_minor + self.whole_minor) // (2 * self.whole_minor)

    @property
    def taken_minor(self) -> int:
        """The charges in the grant's currency: in another one what is left of what was paid."""
        return self.charges_minor if self.is_same_currency else self.paid_minor - self.received_minor

    @property
    def differences(self) -> list[str]:
        """What finance should look at, a sentence each; charges and the rate alone are no difference."""
        found = []
        if self.missing_minor:
            word = "less" if self.missing_minor > 0 else "more"
            amount = format_amount(abs(self.missing_minor), self.currency)
            found.append(f"{amount} {word} arrived than was paid, bank charges included.")
        if self.days > SLOW_DAYS:
            found.append(f"It took {self.days} days.")
        return found


@dataclass(frozen=True)
class ReceivedSoFar:
    """What a report says was received: sums in the grant's currency, and the currency and rate where there is one."""

    received_minor: int
    charges_minor: int
    local: str
    rate: str
    payments: int


def received_so_far(rows: Iterable[Comparison]) -> ReceivedSoFar | None:
    """Return the sums of the payments that were confirmed; None where none was. The rate is that of all of them
    together, empty where they arrived in several currencies.
    """
    told = list(rows)
    if not told:
        return None
    locals_ = {one.local for one in told}
    local = locals_.pop() if len(locals_) == 1 else ""
    whole, paid = sum(one.whole_minor for one in told), sum(one.paid_minor for one in told)
    return ReceivedSoFar(
        received_minor=sum(one.received_minor for one in told),
        charges_minor=sum(one.taken_minor for one in told),
        local=local,
        rate=rate_between(paid, told[0].currency, whole, local) if local else "",
        payments=len(told),
    )
