"""Two versions of a checklist side by side: what came, what went, what changed word by word. No database."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from partners.checklists.conditions import Condition
from partners.checklists.problems import anchor_name
from vetting_portal.money import format_amount

TOKENS = re.compile(r"\s+|[^\s]+")
SWITCHES = {
    "applies_when": "Applies if",
    "gate_when": "Gate only if",
    "gate_raised_when": "Gate raised if",
    "gate_answer": "Yes or no besides",
}


@dataclass(frozen=True)
class Piece:
    """Some words: in both versions (same), only in the older (gone), only in the newer (new)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    """One fact of a criterion in both versions."""

    label: str
    older: tuple[Piece, ...]
    newer: tuple[Piece, ...]


@dataclass(frozen=True)
class Row:
    """One criterion in both versions; None where a version has none. ``lines`` are the facts that differ, or all."""

    state: str
    older: Any
    newer: Any
    lines: tuple[Line, ...] = ()
    is_moved: bool = False

    @property
    def criterion(self) -> Any:
        """Return the criterion by which the row is known: the newer one, where there is one."""
        return self.newer or self.older


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side, in the order of the newer one; what went stands where it stood."""

    rows: tuple[Row, ...]
    older_sum: int
    newer_sum: int

    def of(self, *states: str) -> list[Row]:
        """Return the rows in one of the states: added, removed, changed, moved, same."""
        return [row for row in self.rows if row.state in states]

    @property
    def added(self) -> int:
        """How many came."""
        return len(self.of("added"))

    @property
    def removed(self) -> int:
        """How many went."""
        return len(self.of("removed"))

    @property
    def changed(self) -> int:
        """How many say something else."""
        return len(self.of("changed"))

    @property
    def moved(self) -> int:
        """How many only stand elsewhere."""
        return len(self.of("moved"))

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.of("added", "removed", "changed", "moved")


def words_apart(older: str, newer: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces, word by word: what both say, what only the one says, what only the other."""
    one, two = TOKENS.findall(older), TOKENS.findall(newer)
    left: list[Piece] = []
    right: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if what == "equal":
            left.append(Piece("same", "".join(one[a:b])))
            right.append(Piece("same", "".join(two[c:d])))
            continue
        if b > a:
            left.append(Piece("gone", "".join(one[a:b])))
        if d > c:
            right.append(Piece("new", "".join(two[c:d])))
    return tuple(left), tuple(right)


def condition_text(condition: Condition | None) -> str:
    """Return a condition whole: its words, the question that decides and the answers."""
    if condition is None:
        return ""
    if condition.above is None:
        return f"{condition.words} ({condition.question}: {' or '.join(condition.answers)})"
    above = format_amount(condition.above, condition.currency) if condition.currency else str(condition.above)
    return f"{condition.words} ({condition.question} above {above})"


def facts_of(criterion: Any) -> dict[str, str]:
    """Return what a criterion says, by label, in the order in which people read it."""
    facts = {
        "Code": criterion.code,
        "Title": criterion.title,
        "Kind": criterion.get_kind_display(),
        "Weight": str(criterion.weight),
        "Evidence": criterion.evidence,
        "Papers needed": str(criterion.evidence_minimum),
        "Papers at most": f"{criterion.evidence_max_age_months} months old"
        if criterion.evidence_max_age_months
        else "",
        "Good for": criterion.validity_note,
        "Gate": criterion.gate_note,
    }
    facts |= {label: condition_text(Condition.read(getattr(criterion, name))) for name, label in SWITCHES.items()}
    facts["Override"] = "never" if criterion.is_never_overridden else "by a director, with a reason"
    facts |= {anchor_name(criterion.kind, point): str(text) for point, text in enumerate(criterion.anchors)}
    return facts


def _lines(older: Any, newer: Any) -> tuple[Line, ...]:
    """Return the facts that differ."""
    one, two = facts_of(older), facts_of(newer)
    labels = [*one, *(label for label in two if label not in one)]
    return tuple(
        Line(label, *words_apart(one.get(label, ""), two.get(label, "")))
        for label in labels
        if one.get(label, "") != two.get(label, "")
    )


def _kept_in_order(older: Sequence[str], newer: Sequence[str]) -> set[str]:
    """Return the lineages of both that stand in the same order; the others were moved."""
    one, two = [name for name in older if name in newer], [name for name in newer if name in older]
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    return {name for block in blocks for name in one[block.a : block.a + block.size]}


def compare(older: Sequence[Any], newer: Sequence[Any]) -> Comparison:
    """Return two versions' criteria, each in order, side by side; the same criterion is known by its lineage."""
    before = {criterion.lineage: criterion for criterion in older}
    after = {criterion.lineage: criterion for criterion in newer}
    steady = _kept_in_order(list(before), list(after))
    rows = [_row(before.get(lineage), criterion, lineage in steady) for lineage, criterion in after.items()]
    names = list(after)
    for place, (lineage, criterion) in enumerate(before.items()):
        if lineage not in after:
            earlier = [name for name in list(before)[:place] if name in names]
            at = names.index(earlier[-1]) + 1 if earlier else 0
            names.insert(at, lineage)
            rows.insert(at, Row("removed", criterion, None, _whole(criterion, "gone")))
    return Comparison(tuple(rows), sum(one.weight for one in older), sum(one.weight for one in newer))


def _row(older: Any, newer: Any, is_steady: bool) -> Row:  # noqa: FBT001 a fact of the row
    if older is None:
        return Row("added", None, newer, _whole(newer, "new"))
    lines = _lines(older, newer)
    state = "changed" if lines else "same" if is_steady else "moved"
    return Row(state, older, newer, lines, is_moved=not is_steady)


def _whole(criterion: Any, kind: str) -> tuple[Line, ...]:
    """Return everything that a criterion says, as it came or went."""
    lines = []
    for label, text in facts_of(criterion).items():
        if text:
            piece = (Piece(kind, text),)
            lines.append(Line(label, piece if kind == "gone" else (), piece if kind == "new" else ()))
    return tuple(lines)
