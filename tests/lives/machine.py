"""The machine: hypothesis chooses what kind of thing happens next, and a seed for the rest."""

import json
import random
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import time_machine
from hypothesis import HealthCheck, Phase, Verbosity, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.lives import choosing
from tests.lives.allowing import judge_links, judge_moves, judge_offers, judge_pages, judge_readers
from tests.lives.coverage import Coverage
from tests.lives.duties import Turn, find_way, turns
from tests.lives.ending import judge_the_end
from tests.lives.installation import Installation, stand_ins
from tests.lives.life import Fault, Life
from tests.lives.states import NAMES, moment_of

type Chooser = Callable[[random.Random, Life], dict[str, Any] | None]

SEEDS = strategies.integers(0, 2**32 - 1)
# Where money moves, most can go wrong: lives begin there more often.
WITH_MONEY = ("campaign open", "payment to release", "payment to record", "paid once") * 2
STATES = [*NAMES, *WITH_MONEY]
RENDERED = 20
HOUR = 3600
ONE_IN_EIGHT = 1 / 8
SELDOM = 1 / 3
ALL_TURNS = 1 / 4  # of all lives: every turn that is left is looked for at the end


class Run:
    """What the lives of one run share: the installation, the states, what was found."""

    def __init__(self, installation: Installation, states: Path, kept: Path, log: Callable[[str], Any] = print) -> None:
        self.installation, self.states, self.kept, self.log = installation, states, kept, log
        self.coverage = Coverage()
        self.faults: dict[str, dict[str, Any]] = {}
        self.until = float("inf")
        self.began = time.monotonic()

    def found(self, fault: Fault, life: Life) -> None:
        """Keep a life that failed, once for each kind of fault (the shortest)."""
        name = f"{fault.kind} {fault.where}"
        known = self.faults.get(name)
        if known is None:
            self.log(f"life {self.coverage.lives}, step {len(life.steps)}: {fault.kind} at {fault.where}")
        if known is None or len(life.steps) < known["length"]:
            path = self.kept / ("".join(one if one.isalnum() else "-" for one in name)[:90] + ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            told = {"fault": name, "story": fault.story[-6000:], "state": life.state, "steps": life.steps}
            path.write_text(json.dumps(told, ensure_ascii=False, indent=1))
            count = known["count"] if known else 0
            self.faults[name] = {"length": len(life.steps), "path": str(path), "count": count, "story": fault.story,
                                 "life": known["life"] if known else self.coverage.lives}  # fmt: skip
        self.faults[name]["count"] += 1


class Lives(RuleBasedStateMachine):
    """One life: where it begins, and the kinds of things that may happen next. A subclass names its ``run``."""

    run: Run

    def __init__(self) -> None:
        super().__init__()
        self.life: Life | None = None
        self.over = False
        self.seed = ""
        self.stack = ExitStack()

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        """A life begins at one of the stored states."""
        self.run.coverage.lives += 1
        self.seed = f"{seed} {self.run.coverage.lives}"
        rng = random.Random(self.seed)  # noqa: S311 no secret: a life can be lived again from it
        state = rng.choice(STATES)
        self.run.coverage.forget_people()
        stored = self.run.states / state.replace(" ", "-")
        self.run.installation.restore(stored)
        self.stack.enter_context(stand_ins(real_rendering=rng.random() < 1 / RENDERED))
        clock = self.stack.enter_context(time_machine.travel(moment_of(stored), tick=True))
        clock.shift(HOUR)
        self.life = Life(state, clock, self.run.coverage)

    def take(self, choose: Chooser, seed: int) -> None:
        """Take one step: what was chosen, else somebody's turn, else the background work. A fault ends the life."""
        if self.over or self.life is None:
            return
        if time.monotonic() > self.run.until:
            self.over = True
            return
        # hypothesis likes to repeat itself: the place in the life makes each draw another.
        rng = random.Random(f"{self.seed} {len(self.life.steps)} {seed}")  # noqa: S311 no secret
        try:
            step = choose(rng, self.life) or choosing.advance(rng, self.life) or {"do": "work"}
            answer = self.life.take(step)
            judge_moves(answer.moves)
            moved = any(before != after for _, _, before, after, _ in answer.moves)
            if moved or rng.random() < ONE_IN_EIGHT:
                judge_dead_ends(self.life, rng)
            if rng.random() < ONE_IN_EIGHT:
                judge_offers(self.life, rng)
                judge_readers(self.life, rng)
                judge_links(self.life, rng)
                judge_pages(self.life, rng)
        except Exception as error:  # noqa: BLE001 whatever it was, the run goes on and tells of it
            self.over = True
            self.run.found(as_fault(error), self.life)

    @rule(seed=SEEDS)
    def advance(self, seed: int) -> None:
        """Somebody does what is their turn."""
        self.take(choosing.advance, seed)

    @rule(seed=SEEDS)
    def advance_more(self, seed: int) -> None:
        """The same: lives that go on are most of all lives."""
        self.take(choosing.advance, seed)

    @rule(seed=SEEDS)
    def advance_still_more(self, seed: int) -> None:
        """The same once more."""
        self.take(choosing.advance, seed)

    @rule(seed=SEEDS)
    def move(self, seed: int) -> None:
        """Somebody makes a transition that is theirs to make, be it the end of everything."""
        self.take(choosing.move, seed)

    @rule(seed=SEEDS)
    def move_again(self, seed: int) -> None:
        """The same."""
        self.take(choosing.move, seed)

    @rule(seed=SEEDS)
    def move_once_more(self, seed: int) -> None:
        """The same once more."""
        self.take(choosing.move, seed)

    @rule(seed=SEEDS)
    def go_on(self, seed: int) -> None:
        """Somebody goes on where the last page leads."""
        self.take(choosing.go_on, seed)

    @rule(seed=SEEDS)
    def wander(self, seed: int) -> None:
        """Somebody follows links as they come, and sends a form that stands there."""
        self.take(choosing.wander, seed)

    @rule(seed=SEEDS)
    def wander_on(self, seed: int) -> None:
        """The same."""
        self.take(choosing.wander, seed)

    @rule(seed=SEEDS)
    def explore(self, seed: int) -> None:
        """Somebody goes where lives seldom went, and sends what they seldom sent."""
        self.take(choosing.explore, seed)

    @rule(seed=SEEDS)
    def explore_on(self, seed: int) -> None:
        """The same."""
        self.take(choosing.explore, seed)

    @rule(seed=SEEDS)
    def send_an_old_page(self, seed: int) -> None:
        """Somebody sends a form of a page that was opened long ago."""
        self.take(choosing.stale, seed)

    @rule(seed=SEEDS)
    def somebody_else_tries(self, seed: int) -> None:
        """Somebody else sends what another has just sent."""
        self.take(choosing.other_role, seed)

    @rule(seed=SEEDS)
    def send_twice(self, seed: int) -> None:
        """The last form is sent again."""
        self.take(lambda _rng, life: {"do": "again"} if life.last_sent else None, seed)

    @rule(seed=SEEDS)
    def work(self, seed: int) -> None:
        """The background work is done."""
        self.take(lambda _rng, _life: {"do": "work"}, seed)

    @rule(seed=SEEDS)
    def wait(self, seed: int) -> None:
        """Time goes on, by hours, days or months."""
        self.take(lambda rng, _life: {"do": "wait", "days": rng.choice((0, 1, 1, 3, 8, 31, 100))}, seed)

    @rule(seed=SEEDS)
    def leave(self, seed: int) -> None:
        """Somebody leaves: a role or a membership ends."""
        self.take(lambda rng, life: choosing.leave(rng, life) if rng.random() < SELDOM else None, seed)

    @rule(seed=SEEDS)
    def amend(self, seed: int) -> None:
        """The terms of a grant in force are changed."""
        self.take(choosing.amend, seed)

    @rule(seed=SEEDS)
    def score_all(self, seed: int) -> None:
        """A reviewer scores everything that is left."""
        self.take(choosing.score_all, seed)

    @rule(seed=SEEDS)
    def payment_service(self, seed: int) -> None:
        """The payment service tells of a charge, a refund or a dispute."""
        self.take(choosing.stripe, seed)

    @rule(seed=SEEDS)
    def payment_service_again(self, seed: int) -> None:
        """The same: gifts are many."""
        self.take(choosing.stripe, seed)

    def teardown(self) -> None:
        """Judge the whole life, and leave."""
        try:
            if self.life is not None and not self.over:
                rng = random.Random(self.seed)  # noqa: S311 no secret
                if rng.random() < ALL_TURNS:
                    judge_all_dead_ends(self.life, rng)
                judge_the_end(self.life)
        except Exception as error:  # noqa: BLE001 the same
            self.run.found(as_fault(error), self.life)
        finally:
            self.stack.close()


def as_fault(error: Exception) -> Fault:
    """Return an error as what it says of the product; an error of the tests themselves is a fault too."""
    if isinstance(error, Fault):
        return error
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} {last.filename.rpartition('/')[2]}:{last.name}"
    return Fault("an error of the tests", place, "".join(traceback.format_exception(error)))


def judge_dead_ends(life: Life, rng: random.Random) -> None:
    """Ask of one record whose turn it is that somebody finds the next act: mostly first where it was found before."""
    open_turns = turns()
    if not open_turns:
        return
    _judge_turn(life, rng.choice(open_turns), open_turns, rng)


def judge_all_dead_ends(life: Life, rng: random.Random | None = None) -> None:
    """Ask it of every record whose turn it is; without ``rng``, from everybody's home page each time."""
    open_turns = turns()
    for turn in open_turns:
        _judge_turn(life, turn, open_turns, rng)


def _judge_turn(life: Life, turn: Turn, open_turns: list[Turn], rng: random.Random | None) -> None:
    if rng is not None and any(choosing.known_way(rng, life, name, turn) for name in turn.people):
        return
    same = [one for one in open_turns if one.record == turn.record]
    people = [(name, one) for one in same for name in one.people]
    for name, one in people:
        if find_way(life, name, one, blocked_will_do=True) is not None:
            return
    who = ", ".join(name for name, _ in people) or "nobody of the role is left"
    if people:
        raise Fault("dead end", f"{turn.kind} {turn.state}", f"{turn.record} waits for {who}: {', '.join(turn.acts)}")


def live(run: Run, *, lives: int, steps: int, seed: int | None = None) -> None:
    """Have a number of lives lived; with a seed they are the same each time."""
    machine = type("Lives", (Lives,), {"run": run})
    how = settings(
        max_examples=lives, stateful_step_count=steps, deadline=None, database=None, phases=[Phase.generate],
        derandomize=False, verbosity=Verbosity.quiet, suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    if seed is not None:
        machine._hypothesis_internal_use_seed = seed
    run_state_machine_as_test(machine, settings=how)
