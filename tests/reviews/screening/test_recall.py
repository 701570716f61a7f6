"""How many listed names are found in other spellings, and how many common names bring up anybody, by category."""

from pathlib import Path
from random import Random

import pytest

from reviews.screening.matching import NameIndex
from tests.support import names, spellings
from tests.support.rig import ROOT

PAGE = ROOT / "docs/screening.md"


@pytest.fixture(scope="module")
def kept() -> NameIndex:
    return NameIndex(names.kept_names())


@pytest.fixture(scope="module")
def whole(reference_data: Path) -> NameIndex:
    return NameIndex(names.listed_names(reference_data / "sanctions"))


def test_easy_set_is_what_its_rules_and_seed_make():
    asked = names.read("easy.json")

    assert asked == names.easy_set()
    assert len(asked) >= 500
    assert len({one["country"] for one in asked}) >= 20


def test_easy_set_is_found(kept):
    shares = names.found_by_category(kept, names.read("easy.json"))

    assert names.total(shares).share >= 0.99
    assert {category: one.share for category, one in shares.items() if one.share < 0.93} == {}


def test_easy_set_is_found_among_the_whole_lists(whole):
    assert names.total(names.found_by_category(whole, names.read("easy.json"))).share >= 0.99


def test_hard_set_is_found_and_common_names_are_not(whole):
    asked = names.read("screening.json")

    found = names.total(names.found_by_category(whole, names.core(asked, "match")))
    common = names.total(names.found_by_category(whole, names.core(asked, "none")))

    assert found.share >= 0.96
    assert common.share <= 0.02


@pytest.mark.parametrize("half", names.HALVES)
def test_blind_set_is_found_and_its_common_names_are_not(whole, half):
    asked = names.blind(half)

    found = names.found_by_category(whole, names.core(asked, "match"))
    common = names.total(names.found_by_category(whole, names.core(asked, "none")))

    assert names.total(found).asked >= 250
    assert names.total(found).share >= 0.94
    assert {category: one for category, one in found.items() if one.asked >= 8 and one.share < 0.75} == {}
    assert common.asked >= 250
    assert common.share <= 0.04


def test_blind_set_is_what_its_readme_says(reference_data):
    asked = names.read("blind.json")
    expected = [{entry for one in names.blind(half) for entry in one.get("expect", ())} for half in names.HALVES]
    given = {entry for one in names.read("screening.json") for entry in one.get("expect", ())}
    listed = {names.letters(one.text) for one in names.listed_names(reference_data / "sanctions")}

    assert len({one["query"] for one in asked}) == len(asked)
    assert expected[0] & expected[1] == set()
    assert given & (expected[0] | expected[1]) == set()
    assert [one["query"] for one in asked if one["truth"] == "none" and names.letters(one["query"]) in listed] == []


def test_a_threshold_chosen_on_one_half_holds_on_the_other(whole):
    for seed, _, found, common in names.halves(whole):
        assert found >= 0.92, seed
        assert common <= 0.04, seed


@pytest.mark.parametrize("seed", [11, 12])
def test_listed_names_written_roughly_are_found(whole, reference_data, seed):
    chance = Random(seed)  # noqa: S311 a seed, no secret
    listed = [one for one in names.listed_names(reference_data / "sanctions") if not one.is_weak and one.text.isascii()]
    sides = (("person", spellings.PEOPLE_ROUGH), ("organisation", spellings.BODIES_ROUGH))
    asked = []
    for kind, rules in sides:
        pool = [one for one in listed if one.kind == kind and " " in one.text]
        for category, rule in rules.items():
            written = [(rule(one.text, chance), one.ref) for one in chance.sample(pool, 40)]
            asked += [
                {"query": query, "kind": kind, "expect": [ref], "category": category} for query, ref in written if query
            ]

    shares = names.found_by_category(whole, asked)

    assert names.total(shares).asked >= 400
    assert names.total(shares).share >= 0.94


def test_page_has_the_easy_table_that_the_code_gives():
    page = PAGE.read_text()

    assert names.with_tables(page, names.tables(None)) == page


def test_page_has_every_table_that_the_code_gives(reference_data):
    page = PAGE.read_text()

    assert names.with_tables(page, names.tables(reference_data)) == page
