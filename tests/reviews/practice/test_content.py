"""The practice application that ships: it is whole, fits the shipped checklist, and its traps are what they say."""

import re

import pytest

from partners.checklists.default import default_checklist as shipped
from reviews.panels.scoring import SPREAD_TO_MODERATE
from reviews.practice.comparing import TO_DISCUSS
from reviews.practice.content import FOLDER, practice_application
from reviews.practice.fitting import fit_of, is_reworded
from reviews.practice.keys import KEYS

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))
SCORED = [one for one in shipped()["criteria"] if one["kind"] == "scored"]


def text_of(application) -> str:
    pages = [block for document in application.documents for page in document.pages for block in page]
    rows = [" ".join(cells) for block in pages for cells in block.get("rows", ())]
    texts = [block.get(name, "") for block in pages for name in ("title", "text")]
    return "\n".join([*texts, *rows, *(one.words for one in application.answers)])


@pytest.mark.parametrize("key", SHIPPED)
def test_every_shipped_criterion_has_a_reference_on_its_scale_and_something_to_read(key):
    application = practice_application(key)
    read = {code for one in (*application.answers, *application.documents) for code in one.codes}

    assert set(application.references) == {one["lineage"] for one in SCORED}
    assert read == set(application.references)
    for criterion in SCORED:
        reference = application.references[criterion["lineage"]]
        assert 0 <= reference.score < len(criterion["anchors"])
        assert len(reference.reason.split()) >= 20


@pytest.mark.parametrize("key", SHIPPED)
def test_reasons_quote_sums_that_stand_in_the_application(key):
    application = practice_application(key)
    shown = " ".join(one["gate_when"]["words"] for one in SCORED if "gate_when" in one)  # the minimum says above what
    read = f"{text_of(application)} {shown}"
    quoted = {figure for one in application.references.values() for figure in re.findall(r"\d+,\d{3}", one.reason)}

    assert quoted - set(re.findall(r"\d+,\d{3}", read)) == {"11,800"}  # the sum that the reviewer finds instead


def test_the_budget_is_wrong_by_what_the_reference_says():
    costs = next(one.words for one in practice_application().answers if one.words.endswith("Total: USD 12,000"))
    *lines, _ = costs.splitlines()
    assert sum(int(line.rpartition("USD ")[2].replace(",", "")) for line in lines) == 11_800
    for line in lines:
        factors = [int(number) for number in re.findall(r"(\d+)", line.partition(":")[0].partition(",")[2])]
        product = 1
        for factor in factors:
            product *= factor
        assert product == int(line.rpartition("USD ")[2].replace(",", ""))


def test_far_apart_means_what_it_means_between_two_reviewers():
    assert TO_DISCUSS == SPREAD_TO_MODERATE


def test_no_key_is_named_that_the_page_does_not_have():
    assert not {"c", "p", "o", "g", "f"} & {key for _, rows in KEYS for keys, _ in rows for key in keys.split()}


# --- what fits ------------------------------------------------------------------------------------


def test_the_whole_shipped_checklist_fits(checklist):
    fit = fit_of(checklist.rows(), practice_application())

    assert [one.code for one in fit.scored] == [one["code"] for one in SCORED]
    assert fit.is_whole
    assert not any(is_reworded(one) for one in fit.scored)


@pytest.mark.parametrize(
    ("fields", "uncovered", "gone"),
    [
        ({"code": "C99", "title": "Renamed"}, [], []),
        ({"lineage": "0" * 32}, ["C9"], ["C9 Programme design and need"]),
        ({"kind": "record", "weight": 0}, [], ["C9 Programme design and need"]),
        ({"applies_when": {"question": "stories", "answers": ["none"], "words": "no stories"}}, ["C9"], []),
        ({"applies_when": {"question": "unknown", "answers": ["yes"], "words": "it is asked"}}, ["C9"], []),
    ],
)
def test_what_only_one_of_both_has_is_left_out_and_named(checklist, fields, uncovered, gone):
    rows = checklist.rows()
    ninth = next(one for one in rows if one.code == "C9")
    for name, value in fields.items():
        setattr(ninth, name, value)

    fit = fit_of(rows, practice_application())

    assert [one.code for one in fit.uncovered] == uncovered
    assert list(fit.gone) == gone
    assert len(fit.scored) == 13 - bool(uncovered or gone)


def test_changed_score_descriptions_are_noticed(checklist):
    criterion = checklist.rows()[0]
    criterion.anchors = [*criterion.anchors[:4], "Another description."]
    assert is_reworded(criterion)
