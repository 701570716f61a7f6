"""The walk of one grant, through the same pages as everybody: from sign-up to a closed campaign."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from grants.example.visitor import Visitor
from vetting_portal.clock import on_the_funders_clock


@dataclass
class Walk:
    """What the steps share: who walks, and what they have made so far."""

    visitors: dict[str, Visitor] = field(default_factory=dict)
    submission: str = ""
    grant: str = ""
    campaign: str = ""

    def visitor(self, address: str, name: str = "") -> Visitor:
        """Return the person with this address, at the same pages as before."""
        return self.visitors.setdefault(address, Visitor(name or address))


type Step = Callable[[Walk], None]


@dataclass(frozen=True)
class Walked:
    """One step that went well, and how long it took."""

    name: str
    seconds: float


def run(walk: Walk, steps: Sequence[Step]) -> Iterator[Walked]:
    """Take each step; its docstring is its name. What goes wrong ends the walk."""
    for step in steps:
        begun = time.monotonic()
        with on_the_funders_clock():
            step(walk)
        yield Walked((step.__doc__ or step.__name__).strip().splitlines()[0].rstrip("."), time.monotonic() - begun)


def steps_as_json(walked: list[Walked]) -> list[dict[str, Any]]:
    """Return the steps in the form of ``walk --json``."""
    return [{"name": step.name, "seconds": round(step.seconds, 3)} for step in walked]
