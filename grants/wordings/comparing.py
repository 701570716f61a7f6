"""Two versions of the wording side by side: what came, what went, what changed word by word. Pure: no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from grants.wordings.problems import BODY, numbered, place_of
from partners.checklists.comparing import Line, Piece, words_apart


@dataclass(frozen=True)
class Difference:
    """One passage that differs: added, removed, changed or moved; its lines are the facts that differ."""

    state: str
    place: str
    lines: tuple[Line, ...] = ()
    is_moved: bool = False


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions, in the order of the newer one; what went stands last."""

    rows: tuple[Difference, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many passages came, went, say something else, or only stand elsewhere."""
        return {
            state: sum(row.state == state for row in self.rows) for state in ("changed", "added", "removed", "moved")
        }

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.rows


def places_of(passages: Sequence[Any]) -> dict[int, str]:
    """Return where each passage stands, as people say it, by primary key."""
    numbers = numbered([one for one in passages if one.kind in BODY])
    certified = [one.pk for one in passages if one.kind == "certification"]
    numbers |= {pk: str(place) for place, pk in enumerate(certified, start=1)}
    return {one.pk: place_of(one, numbers.get(one.pk, "")) for one in passages}


def _facts(passage: Any) -> dict[str, str]:
    """Return what a passage says, by label."""
    facts = {"Title": passage.title, "Text": passage.text}
    return {label: text for label, text in facts.items() if text}


def _lines(older: dict[str, str], newer: dict[str, str]) -> tuple[Line, ...]:
    return tuple(
        Line(label, *words_apart(older.get(label, ""), newer.get(label, "")))
        for label in dict.fromkeys([*older, *newer])
        if older.get(label, "") != newer.get(label, "")
    )


def _steady(older: Sequence[Any], newer: Sequence[Any]) -> set[str]:
    """Return the lineages of both that stand in the same order; the others were moved."""
    one, two = [row.lineage for row in older], [row.lineage for row in newer]
    one, two = [name for name in one if name in set(two)], [name for name in two if name in set(one)]
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    return {name for block in blocks for name in one[block.a : block.a + block.size]}


def compare(older: Any, newer: Any) -> Comparison:
    """Return what differs between two versions; the same passage is known by its lineage."""
    before, after = older.rows(), newer.rows()
    known, kept = {one.lineage: one for one in before}, {one.lineage for one in after}
    steady, places, places_before = _steady(before, after), places_of(after), places_of(before)
    found: list[Difference] = []
    for one in after:
        source = known.get(one.lineage)
        if source is None:
            found.append(Difference("added", places[one.pk], _whole(_facts(one), "new")))
        elif lines := _lines(_facts(source), _facts(one)):
            found.append(Difference("changed", places[one.pk], lines, is_moved=one.lineage not in steady))
        elif one.lineage not in steady:
            found.append(Difference("moved", places[one.pk], is_moved=True))
    found += [
        Difference("removed", places_before[one.pk], _whole(_facts(one), "gone"))
        for one in before
        if one.lineage not in kept
    ]
    if lines := _lines(_declared(older.placeholders), _declared(newer.placeholders)):
        found.append(Difference("changed", "Placeholders", lines))
    return Comparison(tuple(found))


def _declared(placeholders: dict[str, str]) -> dict[str, str]:
    return {"Declared": ", ".join(f"{name} ({kind})" for name, kind in sorted(placeholders.items()))}


def _whole(facts: dict[str, str], kind: str) -> tuple[Line, ...]:
    """Return everything that a passage says, as it came or went."""
    pieces: Iterable[tuple[str, tuple[Piece, ...]]] = ((label, (Piece(kind, text),)) for label, text in facts.items())
    return tuple(Line(label, piece, ()) if kind == "gone" else Line(label, (), piece) for label, piece in pieces)
