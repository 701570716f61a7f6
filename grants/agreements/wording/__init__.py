"""The versions of the agreement's wording: data that counsel owns, filled with typed values, never with leftovers."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from vetting_portal.money import format_amount

CURRENT = "2026-1"
FOLDER = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_NAME = re.compile(r"[0-9]{4}-[0-9]+")


class WordingError(ValueError):
    """A text that cannot be filled: a placeholder without a value, of another type, or not declared."""


@dataclass(frozen=True)
class Money:
    """An amount for a text: minor units and their currency."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Ratio:
    """A match ratio p:q for a text."""

    p: int
    q: int


def say_date(day: date) -> str:
    """Return ``27 March 2026``."""
    return f"{day.day} {day:%B %Y}"


def say_moment(at: datetime) -> str:
    """Return ``1 September 2026, 00:00 (America/Los_Angeles)``; the zone is the instant's own."""
    return f"{say_date(at)}, {at:%H:%M} ({at.tzinfo})"


def share_text(share_bp: int) -> str:
    """Return basis points as a percentage: 5000 is ``50%``, 3333 is ``33.33%``."""
    whole, rest = divmod(share_bp, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + "%"


def _say_ratio(ratio: Ratio) -> str:
    return f"{ratio.p} : {ratio.q}"


_TYPES: dict[str, tuple[type, Any]] = {
    "text": (str, str),
    "number": (int, str),
    "money": (Money, lambda money: format_amount(money.minor, money.currency)),
    "date": (date, say_date),
    "moment": (datetime, say_moment),
    "ratio": (Ratio, _say_ratio),
}


@dataclass(frozen=True)
class Clause:
    """One numbered clause, filled."""

    number: str
    title: str
    text: str


@dataclass(frozen=True)
class ClauseSection:
    """A part of the agreement with its clauses."""

    number: int
    title: str
    clauses: tuple[Clause, ...]


@cache
def load(version: str) -> Mapping[str, Any]:
    """Return the wording of ``version``. Raises WordingError when there is none."""
    path = FOLDER / f"{version}.toml"
    if not _NAME.fullmatch(version) or not path.exists():
        raise WordingError(f"There is no wording {version}.")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def fill(text: str, values: Mapping[str, Any], declared: Mapping[str, str]) -> str:
    """Return ``text`` with each ``{name}`` replaced by its value. Raises WordingError for what is missing or
    of another type.
    """

    def value_of(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in declared:
            raise WordingError(f"The wording uses {{{name}}} and does not declare it.")
        if values.get(name) in (None, ""):
            raise WordingError(f"There is no value for {{{name}}}.")
        kind, say = _TYPES[declared[name]]
        value = values[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise WordingError(f"{{{name}}} is a {declared[name]}, not {value!r}.")
        return str(say(value))

    filled = _PLACEHOLDER.sub(value_of, text)
    bare = _PLACEHOLDER.sub("", text)
    if "{" in bare or "}" in bare:
        raise WordingError(f"There is a brace without a name in: {text}")
    return filled


def sections(version: str, values: Mapping[str, Any]) -> list[ClauseSection]:
    """Return every part of the agreement, numbered and filled."""
    wording = load(version)
    declared = wording["placeholders"]
    return [
        ClauseSection(
            number,
            part["title"],
            tuple(
                Clause(f"{number}.{place}", title, fill(text, values, declared))
                for place, (title, text) in enumerate(part["clauses"], start=1)
            ),
        )
        for number, part in enumerate(wording["sections"], start=1)
    ]


def certifications(version: str, values: Mapping[str, Any]) -> list[str]:
    """Return what the partner certifies (Schedule H), filled."""
    wording = load(version)
    return [fill(entry["text"], values, wording["placeholders"]) for entry in wording["certifications"]]


def consent(version: str, side: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Return version and text of the consent that somebody on ``side`` gives by signing."""
    wording = load(version)
    return wording["consent"]["version"], fill(wording["consent"][side], values, wording["placeholders"])
