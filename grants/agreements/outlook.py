"""What a draft's terms would pay, pattern by pattern, and how that is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grants.agreements.estimate import gap_words
from grants.agreements.models import Grant
from grants.matching.matching import MatchRule
from grants.matching.outlook import FeeModel, Outlook, Pattern, fees, outlook, patterns
from vetting_portal.money import figures, format_amount, minor_digits

OWN = "own"  # a fee that is not in the table


@dataclass(frozen=True)
class Row:
    """One pattern with what it comes to."""

    pattern: Pattern
    sums: Outlook


@dataclass(frozen=True)
class Answer:
    """What terms would pay, by each pattern; sums in minor units of ``currency``."""

    currency: str
    goal: int
    cap: int
    gifts: int
    rows: tuple[Row, ...]

    @property
    def typical(self) -> Row:
        """The row that leads."""
        return next(row for row in self.rows if row.pattern.key == "typical")

    @property
    def finding(self) -> str:
        """What the drawing shows, in a sentence."""
        sums = self.typical.sums
        money = format_amount(sums.payable, self.currency)
        return f"With typical gifts {money} would be payable, {self.gap_words(sums)}."

    def gap_words(self, sums: Outlook) -> str:
        """Return how far payable is from the goal, as people say it."""
        return gap_words(sums.gap, self.currency)

    @property
    def told(self) -> list[dict[str, Any]]:
        """The rows as the table shows them."""
        return [self._told(row) for row in self.rows]

    def _told(self, row: Row) -> dict[str, Any]:
        sums, sizes = row.sums, row.pattern.sizes
        return {
            "title": row.pattern.title,
            "sizes": " · ".join(figures(size, self.currency) for size in sizes),
            "sums": sums,
            "gap": self.gap_words(sums),
            "reached": (
                f"with gift {sums.reached_after}, at {format_amount(sums.reached_at, self.currency)}"
                if sums.reached_at is not None
                else f"not reached: {format_amount(sums.unused, self.currency)} is left"
            ),
        }

    @property
    def drawn(self) -> list[dict[str, Any]]:
        """The rows as the drawing takes them."""
        return [
            {
                "title": row.pattern.title,
                "gifts": row.sums.gross - row.sums.fees,
                "fees": row.sums.fees,
                "matched": row.sums.matched,
                "unused": row.sums.unused,
                "reached": row.sums.reached_at,
                "text": figures(row.sums.payable, self.currency),
            }
            for row in self.rows
        ]


def fee_model(given: Mapping[str, Any], currency: str) -> FeeModel:
    """Return the fee that was chosen: of the table, or what was given."""
    if given["fee"] == OWN:
        return FeeModel(int(given["fee_percent"] * 100), given["fee_fixed"])
    return next(one.model for one in fees(10 ** minor_digits(currency)) if one.key == given["fee"])


def answer(grant: Grant, given: Mapping[str, Any]) -> Answer:
    """Return what the ``given`` terms would pay, the caps a donor and a gift as the grant has them.

    ``given``: goal, cap, gifts and top_up in minor units, ratio_p, ratio_q, basis, fee, fee_percent, fee_fixed.
    """
    currency = grant.currency
    rule = MatchRule(
        ratio_p=given["ratio_p"],
        ratio_q=given["ratio_q"],
        basis=given["basis"],
        donor_cap=grant.donor_cap_minor,
        gift_cap=grant.gift_cap_minor,
    )
    sums = {name: given[name] for name in ("goal", "cap", "gifts", "top_up")}
    fee = fee_model(given, currency)
    return Answer(
        currency=currency,
        goal=given["goal"],
        cap=given["cap"],
        gifts=given["gifts"],
        rows=tuple(
            Row(pattern, outlook(rule, sizes=pattern.sizes, fee=fee, **sums))
            for pattern in patterns(currency, 10 ** minor_digits(currency))
        ),
    )
