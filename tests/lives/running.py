"""Runs lives: a few for every test run, many by the hour, one again from its file."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import time_machine

from tests.lives.coverage import Coverage
from tests.lives.ending import judge_the_end
from tests.lives.installation import Installation, stand_ins
from tests.lives.life import Life
from tests.lives.machine import HOUR, Run, judge_all_dead_ends, live
from tests.lives.states import moment_of, stored_states
from tests.support.rig import ROOT

KEPT = ROOT / ".lives"  # ignored by git: the stored states, runs and lives that failed


class Size(NamedTuple):
    """How many lives of how many steps, and from which seed."""

    lives: int
    steps: int
    seed: int | None = None


SHORT = Size(12, 10, 20_270_301)
LONG = Size(150, 24)
MANY = Size(150, 8)


@contextmanager
def installed(folder: Path) -> Iterator[tuple[Installation, Path]]:
    """Give an installation of the lives' own, and the folder of the stored states."""
    installation = Installation(folder / "installation")
    installation.open()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield installation, stored_states(installation, KEPT / "states")
    finally:
        installation.close()


def lived(folder: Path, *, lives: int, steps: int, seed: int | None) -> Run:
    """Have lives lived in a folder of their own; return what was found."""
    with installed(folder) as (installation, states):
        run = Run(installation, states, KEPT / "faults")
        live(run, lives=lives, steps=steps, seed=seed)
    return run


def explain(run: Run) -> str:
    """Return what failed, how often, and where the life that shows it is kept."""
    lines = [
        f"{fault['count']} × {name}\n  kept in {fault['path']}\n{fault['story'][-1500:]}"
        for name, fault in sorted(run.faults.items(), key=lambda item: -item[1]["count"])
    ]
    return "\n\n".join([f"seed of the first life that failed: see its file; {run.coverage.lives} lives", *lines])


def lived_again(told: dict[str, Any], folder: Path) -> Life:
    """Live a kept life again, step by step, and judge its end. Raises Fault."""
    with installed(folder) as (installation, states):
        stored = states / told["state"].replace(" ", "-")
        installation.restore(stored)
        with stand_ins(), time_machine.travel(moment_of(stored), tick=True) as clock:
            clock.shift(HOUR)
            life = Life(told["state"], clock, Coverage())
            for step in told["steps"]:
                life.take(step)
            judge_all_dead_ends(life)
            judge_the_end(life)
    return life
