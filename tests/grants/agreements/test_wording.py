"""The wording: complete, typed, and never with a leftover."""

from datetime import UTC, date, datetime

import pytest

from grants.agreements import wording
from grants.agreements.wording import Money, Ratio, WordingError, fill

DECLARED = {"cap": "money", "who": "text", "day": "date", "number": "number", "at": "moment", "ratio": "ratio"}
VALUES = {
    "cap": Money(1_500_000, "USD"), "who": "LIFT", "day": date(2026, 3, 27), "number": 2,
    "at": datetime(2026, 9, 1, tzinfo=UTC), "ratio": Ratio(1, 2),
}  # fmt: skip


@pytest.mark.parametrize(("text", "filled"), [
    ("{cap} for {who}", "USD 15,000.00 for LIFT"),
    ("{day}, {number}", "27 March 2026, 2"),
    ("{at}: {ratio}", "1 September 2026, 00:00 (UTC): 1 : 2"),
    ("none", "none"),
])  # fmt: skip
def test_fill_says_each_type(text, filled):
    assert fill(text, VALUES, DECLARED) == filled


@pytest.mark.parametrize(("text", "values"), [
    ("{other}", VALUES),
    ("{cap}", {}),
    ("{who}", {"who": ""}),
    ("{cap}", {"cap": "15,000"}),
    ("{number}", {"number": True}),
    ("{Who}", VALUES),
    ("left {", VALUES),
], ids=["not declared", "no value", "empty", "another type", "truth", "another form", "a brace"])  # fmt: skip
def test_fill_leaves_nothing_open(text, values):
    with pytest.raises(WordingError):
        fill(text, values, DECLARED)


@pytest.mark.parametrize("version", ["2020-9", "../2026-1", ""])
def test_load_refuses_what_is_no_version(version):
    with pytest.raises(WordingError):
        wording.load(version)


def test_the_current_wording_has_every_part():
    loaded = wording.load(wording.CURRENT)
    titles = {part["title"]: [title for title, _ in part["clauses"]] for part in loaded["sections"]}
    assert titles == {
        "Money": [
            "Purpose",
            "Term",
            "Granting goal",
            "How it is made up",
            "Before payment",
            "Separate ledger",
            "Flexibility",
            "Refunds",
            "Unspent money",
        ],
        "Oversight": ["Reports", "Visits and audit", "Records"],
        "Conduct": [
            "Sanctions",
            "Safeguarding",
            "Privacy of survivors",
            "Trafficking",
            "Bribery",
            "Conflict of interest",
            "Data protection",
            "Publicity",
        ],
        "Limits": ["Politics", "No passing on", "Help to individuals", "Charitable use", "Discretion and control"],
        "Legal": [
            "Suspension",
            "Termination and return",
            "No agency",
            "Changes",
            "Governing law",
            "Language",
            "Electronic signature",
        ],
    }
    assert len(loaded["certifications"]) == 7
