"""Everything that keeps a checklist from being published, each by itself; no database."""

from typing import Any

import pytest

from partners.checklists.models import Criterion
from partners.checklists.problems import problems_of
from partners.checklists.wording import gate_words, validity_words

ANCHORS = ["none", "little", "some", "enough", "all"]
WHEN = {"question": "vulnerable", "answers": ["yes"], "words": "children are served"}


def criterion(code: str, **fields: Any) -> Criterion:
    kept = {"title": f"About {code}", "weight": 50, "evidence": "a paper", "anchors": ANCHORS, "validity_months": 12}
    return Criterion(code=code, **{**kept, **fields})


def record(code: str) -> Criterion:
    return criterion(code, kind="record", weight=0, anchors=["pass", "pending", "fail"])


def checklist(**changes: Any) -> list[Criterion]:
    """Return a checklist that can be published, its first criterion changed."""
    first = criterion(changes.pop("code", "C1"), **changes)
    return [first, criterion("C2"), record("C6"), record("C14"), record("C15")]


def said(criteria: list[Criterion]) -> list[tuple[str, str, str]]:
    return [
        (problem.code, problem.field, f"{problem.text} {problem.hint}".strip()) for problem in problems_of(criteria)
    ]


def test_whole_checklist_has_no_problem() -> None:
    assert said(checklist()) == []
    assert said(checklist(gate_minimum=2, gate_raised_to=4, gate_raised_when=WHEN, applies_when=WHEN)) == []


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"weight": 49}, "", "The weights do not add up to 100. They add up to 99: 1 are missing."),
        ({"weight": 52}, "", "The weights do not add up to 100. They add up to 102: 2 are too many."),
        ({"title": " "}, "title", "C1: the title is missing. Write the title."),
        ({"evidence": ""}, "evidence", "C1 About C1: the evidence is missing. Write the evidence."),
        (
            {"anchors": [*ANCHORS[:3], "", "all"]},
            "anchor_3",
            "C1 About C1: an anchor is missing. Write “What 3 looks like”.",
        ),
        ({"anchors": ANCHORS[:4]}, "anchor_4", "C1 About C1: an anchor is missing. Write “What 4 looks like”."),
        ({"anchors": [*ANCHORS, "more"]}, "anchors", "C1 About C1: There are 5 points, not 6."),
        (
            {"anchors": [*ANCHORS[:4], "x" * 10_000]},
            "anchor_4",
            "C1 About C1: At most 1,000 characters. This has 10,000.",
        ),
        ({"evidence": "x" * 10_000}, "evidence", "C1 About C1: At most 2,000 characters. This has 10,000."),
        ({"gate_minimum": 5}, "gate_minimum", "The scale ends at 4: give 1 to 4, or leave it empty for no gate."),
        ({"gate_minimum": -1}, "gate_minimum", "The scale ends at 4: give 1 to 4, or leave it empty for no gate."),
        ({"gate_minimum": 2, "gate_raised_to": 5, "gate_raised_when": WHEN}, "gate_raised_to", "The scale ends at 4"),
        (
            {"gate_minimum": 3, "gate_raised_to": 3, "gate_raised_when": WHEN},
            "gate_raised_to",
            "is higher than the gate",
        ),
        ({"gate_raised_to": 3, "gate_raised_when": WHEN}, "gate_raised_to", "is higher than the gate itself"),
        ({"gate_minimum": 2, "gate_raised_to": 3}, "gate_raised_when", "Say when the gate is raised."),
        ({"gate_minimum": 2, "gate_raised_when": WHEN}, "gate_raised_to", "Say to which score the gate is raised."),
        ({"gate_when": WHEN}, "gate_minimum", "still needs its lowest score"),
        ({"applies_when": {**WHEN, "answers": []}}, "applies_when", "Choose at least one answer."),
        ({"validity_months": None}, "validity_months", "Give the months for which evidence is good."),
        ({"validity_months": 121}, "validity_months", "Give 1 to 120 months, or leave it empty."),
        ({"code": "<b>"}, "code", "A code starts with a letter"),
        ({"code": "C17", "kind": "record", "weight": 50}, "weight", "What follows from records has no weight: give 0."),
    ],
)  # fmt: skip
def test_fault_is_named_at_its_field(changes: dict[str, Any], field: str, expected: str) -> None:
    assert any(found[1] == field and expected in found[2] for found in said(checklist(**changes)))


def test_all_faults_are_said_at_once() -> None:
    criteria = [criterion("C1", weight=40), criterion("C1", anchors=[]), criterion("", weight=5), record("C6")]
    found = said(criteria)
    assert found[0][2] == "The weights do not add up to 100. They add up to 95: 5 are missing."
    assert [item[2] for item in found if item[1] == "code"] == [
        "C1 About C1: another criterion has this code. Each code stands once.",
        "C1 About C1: another criterion has this code. Each code stands once.",
        "About: the code is missing. Give a short code, for example C17.",
    ]
    assert [item[1] for item in found if item[1].startswith("anchor_")] == [f"anchor_{point}" for point in range(5)]
    assert [item[2] for item in found[-2:]] == [
        "C14 is missing. The bank details can never be left out. Put it back.",
        "C15 is missing. The declarations of interest can never be left out. Put it back.",
    ]


@pytest.mark.parametrize(
    ("fields", "field", "expected"),
    [
        ({"code": "C6"}, "code", "C6 stands for the sanctions screening, which our records decide."),
        ({"code": "C17", "kind": "record", "weight": 0}, "kind", "Our records decide only C6"),
        ({"code": "C6", "kind": "record", "weight": 0, "gate_minimum": 2}, "gate_minimum", "passes or fails by itself"),
        (
            {"code": "C6", "kind": "record", "weight": 0, "applies_when": WHEN},
            "applies_when",
            "Only a scored criterion",
        ),
        ({"weight": 0}, "weight", "A scored criterion has a weight from 1 to 100."),
        ({"weight": 101}, "weight", "A scored criterion has a weight from 1 to 100."),
    ],
)
def test_kind_code_and_weight_go_together(fields: dict[str, Any], field: str, expected: str) -> None:
    found = said([criterion(fields.pop("code", "C1"), **fields)])
    assert any(item[1] == field and expected in item[2] for item in found)


@pytest.mark.parametrize(
    ("fields", "gate", "validity"),
    [
        ({}, "–", "12 months"),
        (
            {"gate_minimum": 2, "gate_raised_to": 3, "gate_raised_when": WHEN},
            "≥ 2; ≥ 3 if children are served",
            "12 months",
        ),
        (
            {"gate_minimum": 2, "gate_when": WHEN, "validity_rule": "year_end"},
            "≥ 2 if children are served",
            "12 months after year end",
        ),
        ({"gate_minimum": 3, "applies_when": WHEN, "validity_months": 1}, "≥ 3 when it applies", "1 month"),
        (
            {"gate_answer": WHEN, "validity_rule": "submission"},
            "a separate yes / no: children are served",
            "this submission",
        ),
        (
            {"gates_payment_only": True, "validity_rule": "own_date"},
            "payment only",
            "the paper's own date, else 12 months",
        ),
        (
            {"gate_extra": "sums exact", "validity_rule": "own_date", "validity_months": None},
            "sums exact",
            "the paper's own date",
        ),
        ({"validity_rule": "records", "validity_extra": "30 days"}, "–", "30 days"),
        ({"validity_rule": "records"}, "–", "as the records say"),
        ({"validity_months": None}, "–", "no end"),
    ],
)  # fmt: skip
def test_words_follow_from_the_data(fields: dict[str, Any], gate: str, validity: str) -> None:
    made = criterion("C1", **fields)
    assert (gate_words(made), validity_words(made)) == (gate, validity)
