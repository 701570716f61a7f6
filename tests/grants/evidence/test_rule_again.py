"""The verifier's own telling of the match rule, against the portal's: worked examples and drawn events."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from grants.matching.book import Book
from grants.matching.events import read_event
from grants.matching.matching import MatchRule
from tests.grants.evidence.bundles import tool
from tests.grants.matching import strategies

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "match-vectors.json").read_text())["vectors"]
EVER = {"starts_at": "0001-01-02T00:00:00+00:00", "ends_at": "9999-12-30T00:00:00+00:00"}


def money(campaign: dict[str, Any]) -> dict[str, Any]:
    """Return a campaign as signed terms say it."""
    return {
        "cap_minor": campaign["cap"],
        "ratio": campaign["ratio"],
        "basis": campaign["basis"],
        "refund_policy": campaign["refund_policy"],
        "donor_cap_minor": campaign.get("donor_cap"),
        "gift_cap_minor": campaign.get("gift_cap"),
        "window": EVER,
    }


def told(campaign: dict[str, Any], events: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return what the verifier and the portal make of the same events."""
    p, q = campaign["ratio"]
    rule = MatchRule(
        ratio_p=p, ratio_q=q, basis=campaign["basis"], refund_policy=campaign["refund_policy"],
        donor_cap=campaign.get("donor_cap"), gift_cap=campaign.get("gift_cap"),
    )  # fmt: skip
    match, book, seen = tool.Match(money(campaign)), Book(rule, cap=campaign["cap"]), set()
    for position, event in enumerate(events):
        if "gift" in event:
            if event["gross"] < 1 or event["gift"] in seen:
                continue  # refused or known already: never recorded, so no bundle has it
            seen.add(event["gift"])
            match.play({"donor": event["gift"], "fee": 0, "at": None, **event})
        else:
            match.play({"id": event.get("dispute"), **event} if "dispute" in event else event)
        book.play(position, read_event(event) if not _is_wrong(event) else read_event({"cap": 1}))
    return match, book.answer()


def _is_wrong(event: dict[str, Any]) -> bool:
    return any(event.get(name, 1) < 1 for name in ("amount", "total"))


def agree(campaign: dict[str, Any], events: list[dict[str, Any]]) -> None:
    match, answer = told(campaign, events)
    sums = match.sums()
    assert [{name: line[name] for name in line if name != "seq"} for line in match.lines()] == answer["gifts"]
    assert {
        "gross": sums["gross_minor"] - sums["refunded_minor"],
        "fees": sums["fees_minor"],
        "net": sums["net_minor"],
        "matched": sums["matched_minor"],
        "available": sums["unmatched_minor"],
        "payable": sums["payable_minor"],
        "at_risk_match": sums["at_risk_match_minor"],
    } == {name: answer[name] for name in ("gross", "fees", "net", "matched", "available", "payable", "at_risk_match")}
    frozen = answer.get("statement", {"matched": None})["matched"]
    assert match.closing_sums.get("matched_minor") == frozen


@given(campaign=strategies.campaigns, events=strategies.event_lists)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_verifier_agrees_with_the_portal_on_whatever_happens(campaign, events):
    agree(campaign, events)


@pytest.mark.parametrize(
    "vector", [one for one in VECTORS if "start" not in one["campaign"]], ids=lambda one: one["id"]
)
def test_the_verifier_agrees_on_the_worked_examples(vector):
    agree(vector["campaign"], vector["events"])


def test_a_refund_of_nothing_keeps_no_id():
    campaign = {"cap": 100, "ratio": [1, 1], "basis": "gross", "refund_policy": "backfill"}
    match, answer = told(
        campaign,
        [{"gift": "g", "gross": 10}, {"refund": "other", "amount": 0, "id": "r"}, {"refund": "g", "id": "r"}],
    )
    assert (match.lines()[0]["refunded"], answer["gifts"][0]["refunded"]) == (10, 10)


def test_the_window_takes_its_start_and_leaves_its_end():
    window = {"starts_at": "2026-10-01T00:00:00-07:00", "ends_at": "2026-11-01T00:00:00-07:00"}
    terms = {"cap": 1000, "ratio": [1, 1], "basis": "gross", "refund_policy": "backfill"}
    match = tool.Match({**money(terms), "window": window})
    for place, at in enumerate((window["starts_at"], window["ends_at"], "2026-10-01T06:59:59+00:00")):
        match.play({"gift": f"g{place}", "donor": "d", "gross": 10, "fee": 0, "at": at})
    assert [line["matched"] for line in match.lines()] == [10, 0, 0]
