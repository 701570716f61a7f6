"""The match rule by itself: every worked example, a second telling of it, and what must hold after every event."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from grants.matching.book import Book
from grants.matching.events import EventRefused, UnknownEvent, read_event
from grants.matching.matching import MatchRule, earned
from tests.grants.matching.naive import Naive
from tests.grants.matching.strategies import campaigns, event_lists

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "match-vectors.json").read_text())["vectors"]


def rule_of(campaign: dict[str, Any]) -> MatchRule:
    return MatchRule(
        ratio_p=campaign["ratio"][0],
        ratio_q=campaign["ratio"][1],
        basis=campaign["basis"],
        refund_policy=campaign["refund_policy"],
        donor_cap=campaign.get("donor_cap"),
        gift_cap=campaign.get("gift_cap"),
    )


def play(campaign: dict[str, Any], events: list[dict[str, Any]], book: Book | None = None) -> Book:
    book = book or Book(rule_of(campaign), cap=campaign["cap"])
    for position, raw in enumerate(events):
        try:
            book.play(position, read_event(raw))
        except EventRefused:
            book.refuse(position)
    return book


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_worked_example_comes_out_exactly(vector: dict[str, Any]) -> None:
    answer = play(vector["campaign"], vector["events"]).answer()

    assert {key: answer[key] for key in vector["expect"]} == vector["expect"]
    assert (answer["at_risk_match"], answer["errors"]) == (0, [])


@given(campaign=campaigns, events=event_lists)
@settings(max_examples=400, deadline=None)
def test_the_book_agrees_with_the_second_telling(campaign: dict[str, Any], events: list[dict[str, Any]]) -> None:
    naive = Naive(campaign)
    for number, event in enumerate(events):
        naive.play(number, event)

    assert play(campaign, events).answer() == naive.answer()


@given(campaign=campaigns, events=event_lists)
@settings(max_examples=200, deadline=None)
def test_bounds_hold_after_every_event(campaign: dict[str, Any], events: list[dict[str, Any]]) -> None:
    rule = rule_of(campaign)
    book = Book(rule, cap=campaign["cap"])
    for event in events:
        play(campaign, [event], book)
        for gift in book.gifts.values():
            ceiling = rule.ceiling(gross=gift.event.gross, fee=gift.event.fee, refunded=gift.refunded)
            assert 0 <= gift.matched <= ceiling
            assert 0 <= gift.refunded <= gift.event.gross
        assert sum(gift.matched for gift in book.gifts.values()) == book.matched <= book.cap


@given(campaign=campaigns, events=event_lists)
@settings(max_examples=200, deadline=None)
def test_replaying_keyed_events_changes_nothing(campaign: dict[str, Any], events: list[dict[str, Any]]) -> None:
    book = play(campaign, events)
    before = {**book.answer(), "errors": []}
    accepted = [
        e for n, e in enumerate(events) if n not in book.errors and ("gift" in e or ("id" in e and "refund" in e))
    ]

    play(campaign, accepted, book)

    assert {**book.answer(), "errors": []} == before


SMALL = {"cap": 100, "ratio": [1, 1], "basis": "gross", "refund_policy": "backfill"}


def test_room_of_a_raised_cap_is_not_handed_to_earlier_gifts() -> None:
    events = [
        {"gift": "a", "gross": 90},
        {"gift": "b", "gross": 50},
        {"cap": 200},
        {"refund": "a", "amount": 5},
    ]

    answer = play(SMALL, events).answer()

    assert [gift["matched"] for gift in answer["gifts"]] == [85, 15]
    assert answer["available"] == 100


def test_a_refund_before_its_gift_waits_and_is_refused_when_too_large() -> None:
    answer = play(SMALL, [{"refund": "a", "id": "r", "amount": 60}, {"gift": "a", "gross": 50}]).answer()

    assert answer["errors"] == [0]
    assert answer["gifts"] == [{"key": "a", "gross": 50, "fee": 0, "refunded": 0, "matched": 50}]


def test_total_refunds_count_what_came_before() -> None:
    events = [
        {"gift": "a", "gross": 50},
        {"refund": "a", "total": 20},
        {"refund": "a", "total": 10},
        {"refund": "a", "total": 30},
        {"refund": "a", "total": 51},
    ]

    answer = play(SMALL, events).answer()

    assert (answer["gifts"][0]["refunded"], answer["errors"]) == (30, [4])


def test_an_open_dispute_puts_the_match_at_risk_and_its_net_out_of_payable() -> None:
    events = [
        {"gift": "a", "gross": 50, "fee": 2},
        {"gift": "b", "gross": 20},
        {"dispute": "a", "id": "p", "status": "open"},
    ]

    disputed = play(SMALL, events).answer()
    won = play(
        SMALL, [*events, {"dispute": "a", "id": "p", "status": "won"}, {"dispute": "a", "id": "p", "status": "lost"}]
    )
    lost = play(SMALL, [*events, {"dispute": "a", "id": "p", "status": "lost"}, {"refund": "a"}]).answer()

    assert (disputed["matched"], disputed["at_risk_match"], disputed["payable"]) == (70, 50, 40)
    assert (won.answer()["payable"], won.answer()["at_risk_match"]) == (138, 0)
    assert (lost["matched"], lost["payable"], lost["gifts"][0]["refunded"]) == (20, 38, 50)


def test_closing_freezes_the_statement_and_stops_the_match() -> None:
    events = [
        {"gift": "a", "gross": 80},
        {"gift": "b", "gross": 50},
        {"close": "2026-12-31T23:59:59+00:00"},
        {"gift": "c", "gross": 10},
        {"refund": "a", "amount": 30},
    ]

    answer = play(SMALL, events).answer()

    assert answer["statement"] == {"matched": 100}
    assert [gift["matched"] for gift in answer["gifts"]] == [50, 20, 0]


@pytest.mark.parametrize(
    ("at", "matched"),
    [("2026-09-01T00:00:00+00:00", 10), ("2026-08-31T23:59:59+00:00", 0), ("2026-12-31T16:00:00-08:00", 0), (None, 10)],
)
def test_the_window_takes_its_start_and_leaves_its_end(at: str | None, matched: int) -> None:
    start, end = (read_event({"close": text}).at for text in ("2026-09-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"))
    book = Book(MatchRule(starts_at=start, ends_at=end), cap=100)

    book.play(0, read_event({"gift": "a", "gross": 10, **({"at": at} if at else {})}))

    assert book.gifts["a"].matched == matched


@pytest.mark.parametrize(
    "raw",
    [
        {"gift": "a", "gross": 0},
        {"gift": "a", "gross": 10.5},
        {"gift": "a", "gross": True},
        {"gift": " ", "gross": 10},
        {"gift": "a", "gross": 10, "fee": -1},
        {"gift": "a", "gross": 10, "at": "2026-09-01T00:00:00"},
        {"gift": "a", "gross": 10, "at": "yesterday"},
        {"refund": "a", "amount": 0},
        {"refund": "a", "total": -1},
        {"refund": "a", "amount": 1, "total": 1},
        {"dispute": "a", "id": "p", "status": "maybe"},
        {"cap": 0},
        {"close": None},
    ],
)
def test_a_wrong_value_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(EventRefused):
        read_event(raw)


@pytest.mark.parametrize("raw", [{"pledge": "a"}, {}, [], {"gift": "a", "cap": 1}])
def test_an_event_of_no_kind_is_unknown(raw: Any) -> None:
    with pytest.raises(UnknownEvent):
        read_event(raw)


@pytest.mark.parametrize("terms", [{"ratio_p": 0}, {"ratio_q": 0}, {"basis": "heavy"}, {"refund_policy": "never"}])
def test_a_rule_that_means_nothing_cannot_be_made(terms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"ratio|basis"):
        MatchRule(**terms)


def test_nothing_is_earned_beyond_any_room() -> None:
    assert earned(MatchRule(donor_cap=10), entitled=50, donor_matched=12, room=100) == 0
    assert earned(MatchRule(), entitled=50, donor_matched=0, room=-3) == 0
