"""Conditions as data: which answers make them true, and what is wrong with their form."""

from typing import Any

import pytest

from partners.checklists.conditions import Condition, Given, shape_problem

STORIES = {"question": "stories", "answers": ["names", "pictures"], "words": "stories are used"}
AMOUNT = {"question": "amount", "above": 1_000_000, "currency": "USD", "words": "more than USD 10,000 is asked for"}


@pytest.mark.parametrize(
    ("stored", "given", "expected"),
    [
        (STORIES, Given("?", "Names", ("names",)), True),
        (STORIES, Given("?", "No", ("no",)), False),
        (STORIES, Given("?", "No, names", ("no", "names")), True),
        (STORIES, Given("?"), None),
        (AMOUNT, Given("?", "10,000", amount=1_000_000, currency="USD"), False),
        (AMOUNT, Given("?", "10,000.01", amount=1_000_001, currency="USD"), True),
        (AMOUNT, Given("?", "1", amount=100, currency="EUR"), True),
        (AMOUNT, Given("?", "0", amount=0, currency="EUR"), False),
    ],
)
def test_answer_decides(stored: dict[str, Any], given: Given, expected: bool | None) -> None:  # noqa: FBT001
    condition = Condition.read(stored)
    assert condition is not None
    assert condition.holds({condition.question: given}) is expected


def test_answer_is_the_reason() -> None:
    condition = Condition.read(STORIES)
    assert condition is not None
    assert condition.because({"stories": Given("Stories?", "No", ("no",))}) == "The partner answered “No” to “Stories?”"
    assert condition.because({"stories": Given("Stories?")}) == "The partner has not answered “Stories?” yet."
    assert condition.because({}) == "The question “stories” is not asked here."
    assert condition.holds({}) is None


@pytest.mark.parametrize("stored", [STORIES, AMOUNT])
def test_condition_is_stored_as_it_was_read(stored: dict[str, Any]) -> None:
    condition = Condition.read(stored)
    assert condition is not None
    assert condition.as_record() == stored
    assert Condition.read(None) is None


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, ""),
        (STORIES, ""),
        (AMOUNT, ""),
        ("stories", "Choose the question that decides."),
        ({}, "Choose the question that decides."),
        ({**STORIES, "question": ""}, "Choose the question that decides."),
        ({**STORIES, "answers": []}, "Choose at least one answer."),
        ({**AMOUNT, "above": -1}, "Give the amount above which it holds, 0 or more."),
        ({**AMOUNT, "above": "many"}, "Give the amount above which it holds, 0 or more."),
        ({**STORIES, "words": " "}, "Say in words when it holds, for example: stories or images are used."),
        ({**STORIES, "words": "x" * 10_000}, "At most 200 characters. This has 10,000."),
    ],
)
def test_form_of_a_condition(stored: Any, expected: str) -> None:
    assert shape_problem(stored) == expected
