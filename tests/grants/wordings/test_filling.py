"""The wording: complete, typed, and never with a leftover."""

from datetime import UTC, date, datetime

import pytest

from grants.wordings.filling import Money, Ratio, Wording, WordingError, fill, leftovers

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
    ("{who}", {"who": "  "}),
    ("{day}", {"day": VALUES["at"]}),
    (" ", VALUES),
], ids=["not declared", "no value", "empty", "another type", "truth", "another form", "a brace", "blank", "a moment",
        "nothing"])  # fmt: skip
def test_fill_leaves_nothing_open(text, values):
    with pytest.raises(WordingError):
        fill(text, values, DECLARED)


def test_leftovers_tells_every_reason_at_once():
    text = "{other}, {cap}, {number} and { more"
    assert [one.text for one in leftovers(text, {"cap": None, "number": "two"}, DECLARED)] == [
        "The wording uses {other} and does not declare it.",
        "There is no value for {cap}.",
        "{number} is declared as a number, and the terms give 'two'.",
        "There is a brace without a name.",
    ]


def test_unresolved_names_the_place_and_skips_texts_that_are_not_used():
    content = {
        "placeholders": {"who": "text", "cap": "money"},
        "texts": {"c_intro": "{cap}", "f_none": "{cap}"},
        "highlights": [{"title": "Who", "text": "{who}"}],
        "sections": [{"title": "Money", "clauses": [["Purpose", "{who} {gone}"], ["Term", "fixed"]]}],
        "certifications": [{"text": "{cap}"}],
    }
    found = Wording(content).unresolved({"who": "LIFT"}, {"c_intro"})
    assert [(one.place, one.text) for one in found] == [
        ("Clause 1.1 Purpose", "The wording uses {gone} and does not declare it."),
        ("Certification 1", "There is no value for {cap}."),
        ("Schedule C, opening", "There is no value for {cap}."),
    ]
