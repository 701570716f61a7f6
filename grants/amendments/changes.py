"""What an amendment changes, as pure functions of terms: the whole terms as they then stand, and each change."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from grants.agreements.terms import SCHEMA
from grants.wordings.filling import say_date, share_text
from reviews.panels.conditions import read_all
from vetting_portal.money import format_amount

NONE = "–"
Line = dict[str, str]
Row = Mapping[str, Any]


def amended(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms ``base`` with ``changes``: goal, cap, the ends of window and term, schedules B, D, E and F.

    Parties, wording, ratio, basis and refund rule stay as they were signed.
    """
    content = copy.deepcopy(dict(base))
    money = content["money"]
    zone = ZoneInfo(money["window"]["time_zone"])
    more = changes["cap_minor"] - money["cap_minor"]
    if "funds" in money and more > 0:  # a rise is used last
        money["funds"].append({"name": money["fund"]["name"], "share_minor": more})
    money["goal_minor"], money["cap_minor"] = changes["goal_minor"], changes["cap_minor"]
    money["gifts_minor"] = changes["goal_minor"] - changes["cap_minor"]
    money["window"]["ends_at"] = datetime.fromisoformat(changes["window_ends_at"]).astimezone(zone).isoformat()
    content["term"]["ends_on"] = changes["term_ends_on"]
    if any(not isinstance(one, str) for one in changes["conditions"]):
        content["schema"] = SCHEMA  # schema 1 holds conditions as text alone
    content["budget"], content["conditions"] = list(changes["budget"]), list(changes["conditions"])
    content["tranches"] = [{"number": place, **row} for place, row in enumerate(changes["tranches"], start=1)]
    content["reports"] = list(changes["reports"])
    return content


def changes_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an amendment may change, as the terms ``content`` have it."""
    money = content["money"]
    return {
        "goal_minor": money["goal_minor"],
        "cap_minor": money["cap_minor"],
        "window_ends_at": money["window"]["ends_at"],
        "term_ends_on": content["term"]["ends_on"],
        "budget": content["budget"],
        "tranches": [{name: row[name] for name in row if name != "number"} for row in content["tranches"]],
        "reports": content["reports"],
        "conditions": content["conditions"],
    }


def lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Line]:
    """Return each thing that differs between two terms, in words: what, from, to."""
    return [line for line in _all(before, after) if line["from"] != line["to"]]


def _all(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Line]:
    currency = after["money"]["currency"]
    for name, what in (
        ("goal_minor", "Granting goal"),
        ("gifts_minor", "Gifts, target"),
        ("cap_minor", "Match, at most"),
    ):
        yield _line(what, *(format_amount(one["money"][name], currency) for one in (before, after)))
    yield _line("Last day of the match window", _last_day(before), _last_day(after))
    yield _line("End of the term", *(_day(one["term"]["ends_on"]) for one in (before, after)))
    yield from _budget(before["budget"], after["budget"], currency)
    yield from _by_place("Payment", before["tranches"], after["tranches"], _payment)
    yield from _by_place("Report", before["reports"], after["reports"], _report)
    yield from _conditions(before["conditions"], after["conditions"])
    yield _line("Directors who sign", *(str(one["directors"]["needed"]) for one in (before, after)))


def _line(what: str, was: str, becomes: str) -> Line:
    return {"what": what, "from": was, "to": becomes}


def _day(text: str | None) -> str:
    return say_date(date.fromisoformat(text)) if text else NONE


def _last_day(content: Mapping[str, Any]) -> str:
    window = content["money"]["window"]
    end = datetime.fromisoformat(window["ends_at"]).astimezone(ZoneInfo(window["time_zone"]))
    return say_date((end - timedelta(microseconds=1)).date())


def _budget(before: Sequence[Row], after: Sequence[Row], currency: str) -> Iterator[Line]:
    """Yield the lines of the budget by name; what comes twice under a name is counted together."""
    sums: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for told, rows in zip(sums, (before, after), strict=True):
        for row in rows:
            told[row["line"]] = told.get(row["line"], 0) + row["amount_minor"]
    for name in {**sums[0], **sums[1]}:
        was, becomes = (format_amount(told[name], currency) if name in told else NONE for told in sums)
        yield _line(f"Budget: {name}", was, becomes)


def _payment(row: Row) -> dict[str, str]:
    return {"share": share_text(row["share_bp"]), "condition": row["condition"], "not before": _day(row.get("due_on"))}


def _report(row: Row) -> dict[str, str]:
    return {"name": row["title"], "due": _day(row["due_on"])}


def _by_place(what: str, before: Sequence[Row], after: Sequence[Row], told: Any) -> Iterator[Line]:
    """Yield a line for each part of each row, first with first, second with second."""
    for place, (was, becomes) in enumerate(zip_longest(before, after), start=1):
        old, new = (told(row) if row else {} for row in (was, becomes))
        for part in {**old, **new}:
            yield _line(f"{what} {place}, {part}", old.get(part, NONE), new.get(part, NONE))


def _conditions(before: Sequence[Any], after: Sequence[Any]) -> Iterator[Line]:
    """Yield each condition that differs, by its number; text alone, as terms of schema 1 hold it, by its text."""
    told = [{one.number or one.text: one for one in read_all(rows)} for rows in (before, after)]
    for key in {**told[0], **told[1]}:
        was, becomes = (" ".join(filter(None, [rows[key].text, rows[key].details])) if key in rows else NONE
                        for rows in told)  # fmt: skip
        if NONE in {was, becomes}:
            yield _line(f"Condition, {'new' if was == NONE else 'removed'}", was, becomes)
        else:
            yield _line(f"Condition {key}", was, becomes)
