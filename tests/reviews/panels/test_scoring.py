from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.panels.scoring import (
    NOT_APPLICABLE,
    Asked,
    Band,
    Gate,
    RecordGate,
    band,
    composite,
    criterion_row,
    panel,
    two_decimals,
)

WEIGHTS = {
    "C1": 6,
    "C2": 8,
    "C3": 8,
    "C4": 10,
    "C5": 8,
    "C7": 12,
    "C8": 6,
    "C9": 12,
    "C10": 8,
    "C11": 6,
    "C12": 4,
    "C13": 8,
    "C16": 4,
}
GATES = {"C1": 2, "C2": 1, "C4": 2, "C5": 1, "C7": 2, "C8": 3, "C9": 2, "C10": 1, "C11": 2, "C12": 2, "C13": 2}
FIRST = dict(zip(WEIGHTS, (4, 3, 4, 3, 2, 3, 3, 3, 2, 3, 2, 3, 3), strict=True))
CRITERIA = [
    Asked(code, code, weight, GATES.get(code), applies_by_facts=True if code == "C8" else None)
    for code, weight in WEIGHTS.items()
]


def test_weights_of_the_worked_examples_add_up_to_100():
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("changed", "exact", "shown"),
    [
        ({}, Fraction(147, 2), "73.50"),
        ({"C7": 1}, Fraction(135, 2), "67.50"),
        ({"C8": NOT_APPLICABLE}, Fraction(6900, 94), "73.40"),
    ],
)
def test_composite_of_each_worked_example(changed, exact, shown):
    result = composite(WEIGHTS, {**FIRST, **changed})

    assert (result, two_decimals(result)) == (exact, shown)


def test_composite_without_c8_is_not_rounded():
    assert str(float(composite(WEIGHTS, {**FIRST, "C8": NOT_APPLICABLE}))).startswith("73.4042")


def test_worked_example_with_c7_at_1_fails_the_gate():
    result = panel(CRITERIA, [{**FIRST, "C7": 1}])

    assert (result.composite_text, result.failed, result.band) == ("67.50", ("C7",), Band.DECLINE)


@pytest.mark.parametrize("score", [-1, 5])
def test_composite_refuses_a_score_off_the_scale(score):
    with pytest.raises(ValueError, match="outside"):
        composite(WEIGHTS, {**FIRST, "C1": score})


def test_composite_never_takes_a_blank_for_a_zero():
    with pytest.raises(ValueError, match="C13 has no score"):
        composite(WEIGHTS, {code: score for code, score in FIRST.items() if code != "C13"})


def test_composite_refuses_when_nothing_applies():
    with pytest.raises(ValueError, match="no criterion applies"):
        composite({"C8": 6}, {"C8": NOT_APPLICABLE})


@pytest.mark.parametrize(
    ("value", "passed", "expected"),
    [
        (Fraction(75), True, Band.RECOMMEND),
        (Fraction(75) - Fraction(1, 1000), True, Band.CONDITIONS),
        (Fraction(60), True, Band.CONDITIONS),
        (Fraction(60) - Fraction(1, 1000), True, Band.DECLINE),
        (Fraction(100), False, Band.DECLINE),
    ],
)
def test_band_compares_the_exact_value(value, passed, expected):
    assert band(value, every_gate_passed=passed) is expected


def test_band_does_not_round_up_what_is_shown_as_75():
    almost = Fraction(74996, 1000)

    assert (two_decimals(almost), band(almost, every_gate_passed=True)) == ("75.00", Band.CONDITIONS)


@pytest.mark.parametrize(
    ("value", "shown"), [(Fraction(1, 200), "0.01"), (Fraction(49, 10000), "0.00"), (Fraction(100), "100.00")]
)
def test_two_decimals_rounds_half_up(value, shown):
    assert two_decimals(value) == shown


def test_panel_composite_is_the_mean_of_the_reviews():
    result = panel(CRITERIA, [FIRST, {**FIRST, "C1": 0}, {**FIRST, "C1": 2}])

    assert result.composite == (Fraction("73.5") + Fraction("67.5") + Fraction("70.5")) / 3


@pytest.mark.parametrize(
    ("given_scores", "minimum", "state", "moderate"),
    [
        ([3, 3], 2, Gate.PASS, False),
        ([3, 1], 2, Gate.FAIL, True),
        ([2, 1], 2, Gate.FAIL, True),
        ([1, 1], 2, Gate.FAIL, False),
        ([4, 2], 2, Gate.PASS, True),
        ([4, 2], None, None, True),
        ([4, 3], None, None, False),
        ([NOT_APPLICABLE, 2], 3, Gate.FAIL, True),
        ([NOT_APPLICABLE, 3], 3, Gate.PASS, False),
        ([NOT_APPLICABLE, NOT_APPLICABLE], 3, None, False),
    ],
)
def test_gate_takes_the_lowest_score_and_disagreement_is_moderated(given_scores, minimum, state, moderate):
    row = criterion_row(Asked("C7", "Safeguarding", 12, minimum, applies_by_facts=False), given_scores)

    assert (row.gate_state, row.must_moderate) == (state, moderate)


def test_setting_aside_what_the_partner_says_applies_is_moderated():
    row = criterion_row(Asked("C8", "Consent", 6, 3, applies_by_facts=True), [NOT_APPLICABLE, NOT_APPLICABLE])

    assert (row.is_contested, row.must_moderate, row.mean_text) == (True, True, "n/a")


def test_record_gates_count_save_the_one_for_payment():
    gates = [
        RecordGate("C6", "Sanctions", Gate.PENDING, ("one hit to decide",)),
        RecordGate("C14", "Bank details", Gate.PENDING, counts=False),
        RecordGate("C15", "Conflicts", Gate.FAIL),
    ]

    result = panel(CRITERIA, [FIRST, FIRST], gates)

    assert (result.pending, result.failed, result.band) == (("C6",), ("C15",), Band.DECLINE)


def test_panel_without_reviews_has_no_band():
    result = panel(CRITERIA, [], [RecordGate("C6", "Sanctions", Gate.PENDING)])

    assert (result.band, result.composite_text, result.pending) == (None, "–", ("C6",))


scores = st.integers(min_value=0, max_value=4) | st.just(NOT_APPLICABLE)


@given(st.lists(scores, min_size=13, max_size=13).filter(lambda row: any(score is not NOT_APPLICABLE for score in row)))
def test_composite_stays_between_0_and_100(row):
    assert 0 <= composite(WEIGHTS, dict(zip(WEIGHTS, row, strict=True))) <= 100
