"""Bars and plots as numbers for SVG attributes: a content security policy allows no style in the page."""

from fractions import Fraction
from typing import Any

from django import template

from vetting_portal.money import MINUS, format_amount

register = template.Library()

AGE_SPAN = 14  # days that an ageing bar spans
TOP_SCORE = 4
LEFT, STEP = 20, 60  # where score 0 stands in its row, and how far a point is
DOT_GAP = 8  # dots of equal scores stand side by side
BIG_SPREAD = 2
UNIT = Fraction(34, 10)  # length of one point of the composite on its scale
WIDTH, LEAST = 280, 3  # of two threads that share a scale, and of what must be seen on them


def share(part: Any, whole: Any) -> str:
    """Return a part of a whole as a length, never beyond the bar."""
    if not whole or not part:
        return "0%"
    per_mille = min(1000, max(0, int(part) * 1000 // int(whole)))
    return f"{per_mille // 10}.{per_mille % 10}%"


@register.simple_tag
def percent(part: Any, whole: Any) -> str:
    return share(part, whole)


@register.simple_tag
def threads(*, gifts: int = 0, matched: int = 0, cap: int = 0, goal: int = 0, currency: str = "USD") -> dict[str, str]:
    """Return the lengths of the two threads and the sentence that says the same."""
    room = max(goal - cap, 0) or max(gifts, 1)
    return {
        "gifts": share(gifts, room),
        "matched": share(matched, cap),
        "reserved": share(cap - matched, cap),
        "sentence": (
            f"Gifts: {format_amount(gifts, currency)} of {format_amount(room, currency)}. "
            f"Matched: {format_amount(matched, currency)} of at most {format_amount(cap, currency)}."
        ),
    }


def ageing(days: int, aim: int = 7) -> dict[str, Any]:
    """Return the bar of a thing that waits: its length, the place of the aim, and how late it is in words."""
    late = max(0, days - aim)
    text = f"{days} day{'' if days == 1 else 's'}"
    return {
        "length": share(days, AGE_SPAN),
        "aim": share(aim, AGE_SPAN),
        "late": late,
        "text": f"{text} · {late} late" if late else text,
    }


def _dots(scores: list[int]) -> list[int]:
    """Return where the dots stand: one a score, equal ones side by side around their place."""
    placed = []
    for score in sorted(set(scores)):
        count = scores.count(score)
        first = LEFT + score * STEP - (count - 1) * DOT_GAP // 2
        placed += [first + at * DOT_GAP for at in range(count)]
    return placed


def _at(score: Any) -> str:
    return f"{LEFT + Fraction(str(score)) * STEP:.1f}"


@register.simple_tag
def dot_plot(rows: Any) -> dict[str, Any]:
    """Return the dot plot of scores by criterion, a drawing of 280 × 26 for each row: dots, mean, gate and spread.

    Each row has code, title, weight, scores, mean, gate and spread; a missing one is None or absent.
    """
    drawn = []
    for row in rows:
        get = row.get if isinstance(row, dict) else lambda key, row=row: getattr(row, key, None)
        scores = [int(score) for score in (get("scores") or [])]
        gate, mean = get("gate"), get("mean")
        drawn.append(
            {
                "code": get("code"),
                "title": get("title"),
                "weight": get("weight"),
                "scores": scores,
                "gate_score": gate,
                "spread": (max(scores) - min(scores)) if scores else 0,
                "mean_text": "" if mean in {None, ""} else f"{Fraction(str(mean)):.2f}",
                "gate_x": None if gate in {None, ""} else LEFT + int(gate) * STEP - 14,
                "from": _at(min(scores)) if scores else None,
                "to": _at(max(scores)) if scores else None,
                "mean_x": _at(mean) if mean not in {None, ""} else None,
                "is_wide": bool(scores) and max(scores) - min(scores) >= BIG_SPREAD,
                "dots": _dots(scores),
            }
        )
    wide = [str(row["code"]) for row in drawn if row["is_wide"]]
    return {
        "rows": drawn,
        "grid": [{"text": score, "x": LEFT + score * STEP} for score in range(TOP_SCORE + 1)],
        "finding": (
            f"Reviewers are two points or more apart on {', '.join(wide)}."
            if wide
            else "On no criterion are reviewers two points or more apart."
        ),
    }


@register.simple_tag
def estimates(rows: Any, low: float, high: float, marks: str) -> dict[str, Any]:
    """Return estimates with their intervals, a drawing of 280 × 26 for each row, on a scale from ``low`` to ``high``.

    Each row is (code, title, value, interval or None, text); a value of None is drawn as nothing, its text says why.
    What lies off the scale stands at its end. ``marks`` are the places of the grid, with commas.
    """

    def place(value: float) -> str:
        inside = min(max(value, low), high)
        return f"{LEFT + (inside - low) / (high - low) * TOP_SCORE * STEP:.1f}"

    return {
        "grid": [{"text": mark.replace("-", MINUS), "x": place(float(mark))} for mark in marks.split(",")],
        "rows": [
            {
                "code": code,
                "title": title,
                "x": None if value is None else place(value),
                "from": place(interval.low) if interval else None,
                "to": place(interval.high) if interval else None,
                "text": text,
            }
            for code, title, value, interval, text in rows
        ],
    }


@register.simple_tag
def band_scale(value: Any, low: int = 60, high: int = 75) -> dict[str, Any]:
    """Return the scale of 0–100 with its bands and where the score stands (340 units wide)."""
    place = round(Fraction(str(value)) * UNIT) if value not in {None, ""} else None
    return {
        "low": round(low * UNIT),
        "high": round(high * UNIT),
        "place": place,
        "width": round((high - low) * UNIT),
    }


@register.simple_tag
def money_parts(rows: Any) -> list[dict[str, Any]]:
    """Return gifts and match of each row as two threads on one scale, a drawing of 280 × 26 for each row.

    Each row has title, text and, in minor units, gifts (net), fees, matched, unused and reached (or None): the longest
    thread of all fills the width. Fees are drawn at least ``LEAST`` long: a gap that is there is seen.
    """
    longest = max((max(row["gifts"] + row["fees"], row["matched"] + row["unused"]) for row in rows), default=0) or 1

    def long(minor: int) -> int:
        return max(0, minor) * WIDTH // longest

    drawn = []
    for row in rows:
        gross = long(row["gifts"] + row["fees"])
        gifts = min(long(row["gifts"]), max(0, gross - LEAST)) if row["fees"] else gross
        matched = long(row["matched"])
        drawn.append(
            {
                "title": row["title"],
                "text": row["text"],
                "gifts": gifts,
                "fees": gross - gifts,
                "gross": gross,
                "matched": matched,
                "unused": long(row["matched"] + row["unused"]) - matched,
                "reached": None if row["reached"] is None else long(row["reached"]),
            }
        )
    return drawn


@register.simple_tag
def check_marks(scored: int, records: int) -> dict[str, Any]:
    """Return where each check of the list stands, eight in a row; people scored the first of them."""
    places = [{"x": at % 8 * 50, "y": at // 8 * 50, "is_scored": at < scored} for at in range(scored + records)]
    return {"places": places, "height": (scored + records + 7) // 8 * 50}


@register.simple_tag
def twisted(points: int) -> dict[str, str]:
    """Return two threads that cross at each point of a journey, as paths on 400 × 40."""
    step = 400 // max(points, 1)
    up, down = "M0 20", "M0 20"
    for at in range(points):
        middle, end = at * step + step // 2, (at + 1) * step
        high, low = (-4, 44) if at % 2 else (44, -4)
        up += f"Q{middle} {high} {end} 20"
        down += f"Q{middle} {low} {end} 20"
    return {"one": up, "other": down}
