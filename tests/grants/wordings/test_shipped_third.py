"""The third shipped agreement text: what counsel asks for is there, and what nobody should sign is not."""

import re

import pytest

from grants.agreements.values import texts_used, unresolved, values_of
from grants.wordings.catalogue import TEXTS, VALUES
from grants.wordings.comparing import compare
from grants.wordings.filling import Wording
from grants.wordings.models import Passage, WordingVersion
from grants.wordings.problems import problems_of
from grants.wordings.shipped import SHIPPED, shipped_content, shipped_rows
from tests.grants.wordings.terms import OTHER_TERMS, TERMS
from vetting_portal.canonical import sha256_of

NAME = "2026-3"
PINNED = "c16a8ceb36a56c31f36af62e86e7963cc6b5cc5f16f5404a45f114e2c1fb5fba"
LAW = {"governing_law": "the State of Washington, United States", "courts": "King County, Washington, United States"}
ASKED_FOR = {
    "Entry into force", "Return of money", "Suspension", "Ending early", "Effects of ending", "Liability",
    "Events beyond control", "Assignment", "Notices", "Entire agreement", "Severability and waiver", "Survival",
    "Governing law and courts", "Data protection",
}  # fmt: skip
FIGURES_OF_SPEECH = ("hope", "debt", "promise", "the word", "seat", "money on", "by half", "takes the rest")


def with_law(terms):
    return {**terms, "funder": {**terms["funder"], **LAW}}


def clauses(terms=TERMS):
    wording = Wording(shipped_content(NAME))
    return {one.title: one for part in wording.sections(values_of(with_law(terms), wording)) for one in part.clauses}


def every_text():
    return [(place, text) for _, place, text in Wording(shipped_content(NAME)).passages()]


def test_it_never_changes():
    """Agreements in force name this hash: a change of the file is a new version instead."""
    assert sha256_of(shipped_content(NAME)) == PINNED


def test_it_has_no_problem_and_every_text():
    content = shipped_content(NAME)
    rows = [Passage(pk=place, **row) for place, row in enumerate(shipped_rows(content), start=1)]
    assert problems_of(rows, content["placeholders"]) == []
    assert set(content["texts"]) == set(TEXTS)
    assert set(content["placeholders"]) <= set(VALUES)


@pytest.mark.parametrize("terms", [TERMS, OTHER_TERMS])
def test_terms_of_every_kind_fill_it(terms):
    wording = Wording(shipped_content(NAME))
    assert unresolved(with_law(terms), wording) == []
    values = values_of(with_law(terms), wording)
    for key in texts_used(terms):
        assert wording.text(key, values)
    assert [(one.name, one.place) for one in unresolved(terms, wording)] == [
        (name, "Clause 6.11 Governing law and courts") for name in LAW
    ]


def test_what_counsel_asks_for_is_there():
    assert set(clauses()) >= ASKED_FOR
    law = clauses()["Governing law and courts"].text
    assert f"The law of {LAW['governing_law']} governs" in law
    assert f"the courts of {LAW['courts']} decide" in law
    assert (
        "after signature by two directors for the Funder and then by the Partner" in clauses()["Entry into force"].text
    )


def test_the_letters_are_typographic_and_no_figure_of_speech_stands_in_a_clause():
    for place, text in every_text():
        assert not re.search(r"['\"]|--|[0-9] - [0-9]", text), place
        found = [word for word in FIGURES_OF_SPEECH if re.search(rf"\b{word}\b", text, re.IGNORECASE)]
        assert found == [], (place, text)


def test_a_clause_that_names_another_names_the_right_one():
    numbers = {one.number: one.title for one in clauses().values()}
    named = [number for _, text in every_text() for number in re.findall(r"clause (\d+\.\d+)", text)]
    assert {number: numbers[number] for number in named} == {
        "1.4": "Amount of the grant",
        "1.5": "Before each instalment",
        "1.7": "Changes to the budget",
        "1.9": "Return of money",
        "3.3": "Privacy of survivors",
        "5.3": "Effects of ending",
    }


@pytest.mark.django_db
def test_it_is_the_one_in_use_and_is_compared_passage_by_passage_with_the_one_before():
    made, before = WordingVersion.objects.current(), WordingVersion.objects.get(name="2026-2")
    assert (made.name, SHIPPED[-1]) == (NAME, NAME)
    assert made.content == shipped_content(NAME) == made.made_content()
    assert (made.sha256, made.copied_from, made.content["consent_version"]) == (PINNED, before, "2026-2")
    found = compare(before, made)
    assert (found.counts["removed"], found.counts["added"]) == (0, 11)
    changed = {row.place for row in found.rows if row.state == "changed"}
    assert {"Clause 5.2 Ending early", "Clause 6.11 Governing law and courts", "Placeholders"} <= changed
