"""The payment estimate: what gifts of the illustrated size would pay under the terms of a grant. Every page, document
and file that shows such a figure takes it from here.
"""

from collections.abc import Mapping
from typing import Any

from grants.matching.matching import MatchRule
from grants.matching.outlook import FeeModel, Outlook, fees, outlook, patterns, sizes_up_to
from vetting_portal.money import figures, format_amount, minor_digits


def illustration(currency: str) -> dict[str, int]:
    """Return the gift and the card fee that an agreement illustrates with: those that lead the payment estimate of a
    draft, in minor units, the fee's share in thousandths.
    """
    unit = 10 ** minor_digits(currency)
    gift = next(one for one in patterns(currency, unit) if one.key == "typical").sizes[0]
    card = next(one.model for one in fees(unit) if one.key == "card")
    return {"gift_minor": gift, "fee_per_mille": card.per_10000 // 10, "fee_fixed_minor": card.fixed_minor}


def estimate(money: Mapping[str, Any], gifts: int | None = None) -> Outlook:
    """Return what gifts would pay under the ``money`` of terms: ``gifts`` in minor units, or those up to the goal."""
    shown, (p, q) = money["illustration"], money["ratio"]
    return outlook(
        MatchRule(
            ratio_p=p,
            ratio_q=q,
            basis=money["basis"],
            donor_cap=money["donor_cap_minor"],
            gift_cap=money["gift_cap_minor"],
        ),
        goal=money["goal_minor"],
        cap=money["cap_minor"],
        gifts=money["gifts_minor"] if gifts is None else gifts,
        sizes=(shown["gift_minor"],),
        fee=FeeModel(shown["fee_per_mille"] * 10, shown["fee_fixed_minor"]),
        top_up=money.get("fee_top_up_minor", 0),
    )


def gifts_words(money: Mapping[str, Any], gifts: int) -> str:
    """Return which gifts make up a sum: ``112 gifts of 100.00 and one of 50.00``."""
    size, currency = money["illustration"]["gift_minor"], money["currency"]
    number, last = sizes_up_to(gifts, (size,))
    told = [f"{number} gift{'' if number == 1 else 's'} of {figures(size, currency)}"] if number or not last else []
    if last:
        told.append(f"{'one' if told else '1 gift'} of {figures(last[0], currency)}")
    return " and ".join(told)


def fee_words(money: Mapping[str, Any]) -> str:
    """Return the card fee: ``2.9% + 0.30``."""
    shown = money["illustration"]
    whole, rest = divmod(shown["fee_per_mille"], 10)
    return f"{whole}.{rest}% + {figures(shown['fee_fixed_minor'], money['currency'])}"


def gap_words(gap: int, currency: str) -> str:
    """Return how far payable is from the goal: ``USD 480.00 less than the goal``."""
    if not gap:
        return "the goal to the cent"
    return f"{format_amount(abs(gap), currency)} {'less' if gap > 0 else 'more'} than the goal"


def worked_sums(money: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return Schedule C's examples: a third of the gifts up to the goal, all of them, a fifth more."""
    gift = money["illustration"]["gift_minor"]
    hoped = money["gifts_minor"] or 3 * gift
    third, more = (part // gift * gift for part in (hoped // 3, hoped * 6 // 5))
    sums = dict.fromkeys((third or min(gift, hoped), hoped, more if more > hoped else hoped + gift))
    return [_worked(money, gifts) for gifts in sums]


def _worked(money: Mapping[str, Any], gifts: int) -> dict[str, str]:
    sums, currency = estimate(money, gifts), money["currency"]
    return {
        "gross": format_amount(sums.gross, currency),
        "gifts": gifts_words(money, gifts),
        "matched": figures(sums.matched, currency),
        "seen": figures(sums.gross + sums.matched, currency),
        "fees": figures(sums.fees, currency),
        "added": figures(sums.top_up, currency),
        "paid": figures(sums.payable, currency),
    }
