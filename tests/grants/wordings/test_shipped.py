"""The shipped wording: whole, pinned, the first published version; and the same words as when they stood in code."""

import pytest

from grants.agreements.values import given_values, texts_used, values_of
from grants.wordings.catalogue import TEXTS, VALUES
from grants.wordings.filling import TYPES, Wording
from grants.wordings.models import Passage, WordingVersion
from grants.wordings.problems import problems_of
from grants.wordings.shipped import SHIPPED, shipped_content, shipped_rows
from tests.grants.wordings.terms import OTHER_TERMS, TERMS
from vetting_portal.canonical import sha256_of

PINNED = "421fe46d9afd165aea77d845e358bfbe98d8fd1f1a67549858bed46697426462"
SECOND = "646243f875abe9ee5c575e38d773cb7004e2c6f9f76030ca777d5e04e968f39c"
# Taken of the filled texts before the wording moved into the database: clauses, certifications, consents.
AS_BEFORE = {
    "terms": "e164d86e1291a6a5d64c200acd6c488b27675321f4a4bef8238b5879dcd53c68",
    "other terms": "10b031cfadcb8004691aeeb0bb8a4bb06ec97240231695bec69c71a2d5778498",
}
PARTS = {
    "Money": [
        "Purpose", "Term", "Granting goal", "How it is made up", "Before payment", "Separate ledger", "Flexibility",
        "Refunds", "Unspent money",
    ],
    "Oversight": ["Reports", "Visits and audit", "Records"],
    "Conduct": [
        "Sanctions", "Safeguarding", "Privacy of survivors", "Trafficking", "Bribery", "Conflict of interest",
        "Data protection", "Publicity",
    ],
    "Limits": ["Politics", "No passing on", "Help to individuals", "Charitable use", "Discretion and control"],
    "Legal": [
        "Suspension", "Termination and return", "No agency", "Changes", "Governing law", "Language",
        "Electronic signature",
    ],
}  # fmt: skip


def test_the_shipped_wording_has_every_part():
    content = shipped_content()
    assert {part["title"]: [title for title, _ in part["clauses"]] for part in content["sections"]} == PARTS
    assert len(content["certifications"]) == 7
    assert [one["title"] for one in content["highlights"]] == [
        "Who", "What for", "How much", "How it is matched", "When it is paid", "What to report", "Never",
        "Whom to call",
    ]  # fmt: skip
    assert set(content["texts"]) == set(TEXTS)


def test_the_shipped_wording_never_changes():
    """Agreements in force name this hash: a change of the file is a new version in the pages instead."""
    assert sha256_of(shipped_content()) == PINNED


def test_the_shipped_wording_has_no_problem():
    content = shipped_content()
    rows = [Passage(pk=place, **row) for place, row in enumerate(shipped_rows(content), start=1)]
    assert problems_of(rows, content["placeholders"]) == []


@pytest.mark.parametrize(("name", "terms"), [("terms", TERMS), ("other terms", OTHER_TERMS)])
def test_the_texts_are_those_that_stood_in_code(name, terms):
    wording = Wording(shipped_content())
    values = values_of(terms, wording)
    sections = [[part.title, [[one.number, one.title, one.text] for one in part.clauses]]
                for part in wording.sections(values)]  # fmt: skip
    consents = [list(wording.consent(side, values)) for side in ("director", "partner")]
    highlights = [list(pair) for pair in wording.highlights(values)]
    assert sha256_of([sections, wording.certifications(values), consents, highlights]) == AS_BEFORE[name]


@pytest.mark.parametrize("terms", [TERMS, OTHER_TERMS])
def test_the_terms_give_every_value_of_the_catalogue_in_its_type(terms):
    values = values_of(terms, Wording(shipped_content()))
    assert set(values) == set(VALUES)
    for name, value in values.items():
        assert (value in (None, "") and VALUES[name].may_be_missing) or isinstance(value, TYPES[VALUES[name].type][0])
    assert texts_used(terms) < set(TEXTS)
    assert set(given_values(terms)) < set(VALUES)


@pytest.mark.django_db
def test_the_migration_published_each_once():
    first, second, third = WordingVersion.objects.order_by("pk")
    for version, pinned in ((first, PINNED), (second, SECOND)):
        told = (version.is_shipped, version.is_published, version.created_by, version.published_by)
        assert told == (True, True, None, None)
        assert version.content == shipped_content(version.name) == version.made_content()
        assert version.sha256 == pinned
    assert (first.name, WordingVersion.objects.current()) == ("2026-1", third)


def test_the_second_changes_the_sentences_that_are_signed_and_nothing_else():
    first, second = (shipped_content(name) for name in SHIPPED[:2])
    assert {key for key in first if first[key] != second[key]} == {"version", "consent_version", "texts"}
    changed = {key for key in first["texts"] if first["texts"][key] != second["texts"][key]}
    assert changed == {"consent_director", "consent_partner"}
    assert all(
        "My passkey or code" in second["texts"][key] or "my passkey or code" in second["texts"][key] for key in changed
    )
