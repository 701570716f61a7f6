"""A wording and typed values become the texts of an agreement, never with leftovers. Pure: no database."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from grants.wordings.catalogue import TEXTS, place_of_text
from vetting_portal.money import format_amount

PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


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


TYPES: dict[str, tuple[type, Any]] = {
    "text": (str, str),
    "number": (int, str),
    "money": (Money, lambda money: format_amount(money.minor, money.currency)),
    "date": (date, say_date),
    "moment": (datetime, say_moment),
    "ratio": (Ratio, _say_ratio),
}
TYPE_WORDS = {
    "text": "a text",
    "number": "a number",
    "money": "an amount of money",
    "date": "a date",
    "moment": "a date with its time",
    "ratio": "a ratio",
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


@dataclass(frozen=True)
class Leftover:
    """One reason why a text cannot be filled: where it stands, as a person finds it, and which name is to blame."""

    place: str
    text: str
    name: str = ""


def names_in(text: str) -> list[str]:
    """Return the names of the placeholders of a text, each once, in order."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def has_stray_brace(text: str) -> bool:
    """Whether a brace stands in a text that opens or closes no placeholder."""
    bare = PLACEHOLDER.sub("", text)
    return "{" in bare or "}" in bare


def _is_of(kind: str, value: Any) -> bool:
    """Whether a value is of a declared type: the truth is no number, a moment is no date."""
    if isinstance(value, bool) or (kind == "date" and isinstance(value, datetime)):
        return False
    return isinstance(value, TYPES[kind][0])


def leftovers(text: str, values: Mapping[str, Any], declared: Mapping[str, str], place: str = "") -> list[Leftover]:
    """Return everything that keeps a text from being filled; an empty text is no text."""
    found = [] if text.strip() else [Leftover(place, "This text is empty.")]
    for name in names_in(text):
        value = values.get(name)
        if declared.get(name) not in TYPES:
            found.append(Leftover(place, f"The wording uses {{{name}}} and does not declare it.", name))
        elif value is None or (isinstance(value, str) and not value.strip()):
            found.append(Leftover(place, f"There is no value for {{{name}}}.", name))
        elif not _is_of(declared[name], value):
            told = TYPE_WORDS[declared[name]]
            found.append(Leftover(place, f"{{{name}}} is declared as {told}, and the terms give {value!r}.", name))
    if has_stray_brace(text):
        found.append(Leftover(place, "There is a brace without a name."))
    return found


def fill(text: str, values: Mapping[str, Any], declared: Mapping[str, str], place: str = "") -> str:
    """Return ``text`` with each ``{name}`` replaced by its value. Raises WordingError with all that is missing or of
    another type.
    """
    if found := leftovers(text, values, declared, place):
        raise WordingError("; ".join(f"{one.place}: {one.text}" if one.place else one.text for one in found))

    def say(match: re.Match[str]) -> str:
        name = match.group(1)
        return str(TYPES[declared[name]][1](values[name]))

    return PLACEHOLDER.sub(say, text)


@dataclass(frozen=True)
class Wording:
    """One wording whole, as it was published: ``content`` is what its SHA-256 was taken of."""

    content: Mapping[str, Any]

    @property
    def declared(self) -> Mapping[str, str]:
        """The placeholders with their types."""
        declared: Mapping[str, str] = self.content["placeholders"]
        return declared

    def text(self, key: str, values: Mapping[str, Any]) -> str:
        """Return one of the named texts, filled."""
        return fill(self.content["texts"][key], values, self.declared, place_of_text(key))

    def highlights(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return the plain-language box that opens the agreement."""
        return [
            (one["title"], fill(one["text"], values, self.declared, f"Highlight “{one['title']}”"))
            for one in self.content["highlights"]
        ]

    def sections(self, values: Mapping[str, Any]) -> list[ClauseSection]:
        """Return every part of the agreement, numbered and filled."""
        return [
            ClauseSection(
                number,
                part["title"],
                tuple(
                    Clause(f"{number}.{place}", title, fill(text, values, self.declared, f"Clause {number}.{place}"))
                    for place, (title, text) in enumerate(part["clauses"], start=1)
                ),
            )
            for number, part in enumerate(self.content["sections"], start=1)
        ]

    def certifications(self, values: Mapping[str, Any]) -> list[str]:
        """Return what the partner certifies (Schedule H), filled."""
        return [fill(one["text"], values, self.declared) for one in self.content["certifications"]]

    def consent(self, side: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """Return version and text of the consent that somebody on ``side`` gives by signing."""
        version = str(self.content["consent_version"])
        return version, self.text(f"consent_{side}", values)

    def passages(self) -> Iterator[tuple[str, str, str]]:
        """Yield every text with the place where a person finds it; named texts with their key, in the order of the
        catalogue: a database may keep them in another.
        """
        for one in self.content["highlights"]:
            yield "", f"Highlight “{one['title']}”", one["text"]
        for number, part in enumerate(self.content["sections"], start=1):
            for place, (title, text) in enumerate(part["clauses"], start=1):
                yield "", f"Clause {number}.{place} {title}", text
        for place, one in enumerate(self.content["certifications"], start=1):
            yield "", f"Certification {place}", one["text"]
        places = {key: place for place, key in enumerate(TEXTS)}
        for key, text in sorted(self.content["texts"].items(), key=lambda one: places.get(one[0], len(places))):
            yield key, place_of_text(key), text

    def unresolved(self, values: Mapping[str, Any], used: set[str]) -> list[Leftover]:
        """Return all that keeps the wording from being filled with ``values``, of the named texts those ``used``."""
        return [
            one
            for key, place, text in self.passages()
            if not key or key in used
            for one in leftovers(text, values, self.declared, place)
        ]
