"""Two versions side by side: what came, went, moved and changed, word by word."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from partners.checklists.comparing import Piece, compare, words_apart
from partners.checklists.models import Criterion


def criterion(code: str, **fields: Any) -> Criterion:
    kept = {
        "lineage": code,
        "title": "About",
        "weight": 10,
        "evidence": "a paper",
        "anchors": ["a", "b", "c", "d", "e"],
    }
    return Criterion(code=code, **{**kept, **fields})


def test_words_are_marked_one_by_one() -> None:
    left, right = words_apart("trained in the last two years", "trained every year in the last three years")
    assert [piece.text.strip() for piece in left if piece.kind == "gone"] == ["two"]
    assert [piece.text.strip() for piece in right if piece.kind == "new"] == ["every year", "three"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_pieces_give_both_texts_back(older: str, newer: str) -> None:
    left, right = words_apart(older, newer)
    assert ("".join(piece.text for piece in left), "".join(piece.text for piece in right)) == (older, newer)
    same = [[piece.text for piece in side if piece.kind == "same"] for side in (left, right)]
    assert same[0] == same[1]


def test_versions_stand_side_by_side() -> None:
    older = [criterion("A"), criterion("B"), criterion("C"), criterion("D")]
    newer = [criterion("A", weight=15, title="Other A"), criterion("D"), criterion("C"), criterion("E", weight=20)]

    found = compare(older, newer)

    states = [(row.criterion.code, row.state) for row in found.rows]
    assert [states[0], states[1], states[-1]] == [("A", "changed"), ("B", "removed"), ("E", "added")]
    assert sorted(state for _, state in states[2:-1]) == ["moved", "same"]
    assert (found.changed, found.added, found.removed, found.moved) == (1, 1, 1, 1)
    assert (found.older_sum, found.newer_sum) == (40, 55)
    changed = found.of("changed")[0]
    assert [line.label for line in changed.lines] == ["Title", "Weight"]
    assert changed.lines[0].newer[0] == Piece("new", "Other A")


def test_criterion_is_known_by_its_lineage_whatever_its_code() -> None:
    renamed = criterion("Z9", lineage="A")
    found = compare([criterion("A")], [renamed])
    assert [(row.state, [line.label for line in row.lines]) for row in found.rows] == [("changed", ["Code"])]
    assert compare([criterion("A")], [criterion("A")]).is_same
    assert not found.is_same


def test_condition_and_gate_are_compared_whole() -> None:
    when = {"question": "stories", "answers": ["a", "b"], "words": "stories are used"}
    above = {"question": "amount", "above": 1_000_000, "currency": "USD", "words": "much is asked for"}
    many = {"question": "people", "above": 80, "currency": "", "words": "many are served"}
    found = compare(
        [criterion("A", applies_when=when, gate_minimum=2)],
        [criterion("A", applies_when={**when, "answers": ["b"]}, gate_minimum=2, gate_when=above, gate_answer=many)],
    )
    lines = {line.label: "".join(piece.text for piece in line.newer) for line in found.rows[0].lines}
    assert lines == {
        "Gate": "≥ 2 if much is asked for; a separate yes / no: many are served",
        "Applies if": "stories are used (stories: b)",
        "Gate only if": "much is asked for (amount above USD 10,000.00)",
        "Yes or no besides": "many are served (people above 80)",
    }
