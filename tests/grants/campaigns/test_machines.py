"""Campaigns played event by event against a second telling of the rule: in memory, and through the database."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from grants.campaigns import invariants
from grants.campaigns.simulation.play import Player
from grants.campaigns.simulation.stage import Stage
from grants.funds import invariants as of_funds
from grants.funds.actions import create_fund, top_up
from grants.funds.models import MatchFund
from grants.matching.book import Book
from grants.matching.events import EventRefused, read_event, read_time
from grants.matching.matching import MatchRule
from tests.grants.matching import strategies
from tests.grants.matching.naive import Naive

ANY_CHECK = list(HealthCheck)


class InMemory:
    """The rule by itself."""

    def __init__(self, campaign: dict[str, Any]) -> None:
        start, end = (read_time(campaign[name]) if name in campaign else None for name in ("start", "end"))
        self.rule = MatchRule(
            ratio_p=campaign["ratio"][0], ratio_q=campaign["ratio"][1], basis=campaign["basis"],
            refund_policy=campaign["refund_policy"], donor_cap=campaign.get("donor_cap"),
            gift_cap=campaign.get("gift_cap"), starts_at=start, ends_at=end,
        )  # fmt: skip
        self.book = Book(self.rule, cap=campaign["cap"])

    def play(self, number: int, event: dict[str, Any]) -> None:
        try:
            self.book.play(number, read_event(event))
        except EventRefused:
            self.book.refuse(number)

    def answer(self) -> dict[str, Any]:
        return self.book.answer()

    def breaches(self) -> list[str]:
        found = []
        for gift in self.book.gifts.values():
            ceiling = self.rule.ceiling(gross=gift.event.gross, fee=gift.event.fee, refunded=gift.refunded)
            if not (0 <= gift.matched <= ceiling and 0 <= gift.refunded <= gift.event.gross):
                found.append(f"{gift} is out of bounds")
        total = sum(gift.matched for gift in self.book.gifts.values())
        return found if total == self.book.matched <= self.book.cap else [*found, f"{total} of {self.book.cap}"]


class InDatabase:
    """The real actions and the ledger, in a transaction that is undone at the end."""

    def __init__(self, stage: Stage, further: list[MatchFund], campaign: dict[str, Any], split: int) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        minor = campaign["cap"] * split // 100
        parts = [(fund, minor // len(further)) for fund in further] if minor >= len(further) else []
        self.player = Player.begin(stage, 902, campaign, parts)

    def play(self, number: int, event: dict[str, Any]) -> None:
        self.player.play(number, event)

    def answer(self) -> dict[str, Any]:
        answer = self.player.answer("drawn")
        return {key: value for key, value in answer.items() if key != "id"}

    def breaches(self) -> list[str]:
        every = [*invariants.INVARIANTS, *of_funds.INVARIANTS]
        return [sentence for invariant in every for sentence in invariant()]

    def end(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)


class Machine(RuleBasedStateMachine):
    """One campaign: gifts, refunds, disputes, higher caps, a closing, and any of them again; all true after each."""

    @initialize(campaign=strategies.timed_campaigns, split=st.integers(0, 90))
    def begin(self, campaign: dict[str, Any], split: int) -> None:
        self.events: list[dict[str, Any]] = []
        self.naive, self.subject = Naive(campaign), self.open(campaign, split)

    def open(self, campaign: dict[str, Any], _split: int) -> Any:
        return InMemory(campaign)

    def happens(self, event: dict[str, Any]) -> None:
        number = len(self.events)
        self.events.append(event)
        self.naive.play(number, event)
        self.subject.play(number, event)

    gift = rule(event=strategies.timed_gifts)(happens)
    another_gift = rule(event=strategies.timed_gifts)(happens)
    refund = rule(event=strategies.refunds)(happens)
    dispute = rule(event=strategies.disputes)(happens)
    higher_cap = rule(event=strategies.caps)(happens)

    @precondition(lambda self: len(self.events) > 5)
    @rule(event=strategies.closes)
    def close(self, event: dict[str, Any]) -> None:
        self.happens(event)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        self.happens(data.draw(st.sampled_from(self.events)))

    @invariant()
    def agrees(self) -> None:
        assert self.subject.answer() == self.naive.answer()
        assert self.subject.breaches() == []


def run(machine: Any, *, campaigns: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=campaigns, stateful_step_count=steps, deadline=None, suppress_health_check=ANY_CHECK
        ),
    )


@pytest.mark.parametrize("campaigns", [40, pytest.param(5_000, marks=pytest.mark.long)])
def test_the_rule_agrees_with_the_second_telling_after_every_event(campaigns: int) -> None:
    run(Machine, campaigns=campaigns, steps=25)


@pytest.mark.both
@pytest.mark.parametrize("campaigns", [6, pytest.param(300, marks=pytest.mark.long)])
def test_the_database_agrees_with_the_second_telling_after_every_event(stage: Stage, campaigns: int) -> None:
    further = [create_fund(name=f"Further fund {n}", currency="USD", programmes=[], by=stage.finance) for n in (1, 2)]
    for fund in further:
        top_up(fund=fund, amount_minor=1_000, key="more", by=stage.finance)

    class Stored(Machine):
        def open(self, campaign: dict[str, Any], split: int) -> InDatabase:
            return InDatabase(stage, further, campaign, split)

        def teardown(self) -> None:
            if hasattr(self, "subject"):
                self.subject.end()

    run(Stored, campaigns=campaigns, steps=12)
