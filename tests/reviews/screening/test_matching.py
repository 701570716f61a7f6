# ruff: noqa: RUF001 - the letters of other alphabets are the point here.
import json
import os
from pathlib import Path

import pytest

from reviews.screening.matching import IndexedName, NameIndex, similarity
from reviews.screening.parsing import OTHER, open_source
from reviews.screening.spelling import ORGANISATION, PERSON, fold, latin, tokens
from tests.support.rig import ROOT

CUTS = ROOT / "tests/data/sanctions"
PATHS = {"ofac-sdn": "ofac", "ofac-consolidated": "ofac-consolidated", "un": "un/UN_consolidated.xml"}


def index_over(folder: Path) -> NameIndex:
    return NameIndex(
        IndexedName(f"{source}:{entry.number}", entry.kind, name.text, name.is_weak)
        for source, path in PATHS.items()
        for entry in open_source(source, folder / path).entries()
        if entry.kind != OTHER
        for name in entry.names
    )


@pytest.fixture(scope="module")
def cuts() -> NameIndex:
    return index_over(CUTS)


def small(*names: str, kind: str = PERSON, weak: bool = False) -> NameIndex:
    return NameIndex(IndexedName(number, kind, name, weak) for number, name in enumerate(names))


def test_names_of_the_cuts_are_found_and_common_ones_are_not(cuts):
    asked = json.loads((CUTS / "names.json").read_text())
    core = [one for one in asked if one["tier"] == "core"]
    found = [
        bool({hit.ref for hit in cuts.search(one["query"], one["kind"])} & set(one["expect"]))
        for one in core
        if one["truth"] == "match"
    ]
    common = [bool(cuts.search(one["query"], one["kind"])) for one in core if one["truth"] == "none"]

    assert len(found) > 10
    assert sum(found) / len(found) >= 0.85
    assert sum(common) == 0


def test_names_of_the_whole_lists_are_found():
    folder = os.environ.get("REFERENCE_DATA", "")
    if not folder:
        pytest.skip("REFERENCE_DATA names no folder: the whole sanctions lists are not here")
    index = index_over(Path(folder) / "sanctions")
    asked = json.loads((Path(folder) / "names/screening.json").read_text())
    core = [one for one in asked if one["tier"] == "core" and one["truth"] == "match"]
    common = [one for one in asked if one["truth"] == "none"]

    found = sum(bool({hit.ref for hit in index.search(one["query"], one["kind"])} & set(one["expect"])) for one in core)
    false = sum(bool(index.search(one["query"], one["kind"])) for one in common)

    assert found / len(core) >= 0.88
    assert false / len(common) <= 0.04


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Pim Rattanakul", "RATTANAKUN, Pimchai"),
        ("พิม รัตนกุล", "พิมชัย รัตนกุล"),
        ("Gulmurod Halymov", "GULMUROD KHALIMOV"),
        ("Oleg Genrihovitch Saveleff", "SAVELYEV, Oleg Genrikhovich"),
        ("Omarhussain", "HUSSAIN, Omar"),
        ("Angel Miguel BELLOZO RODR-IGUEZ", "BELLOZO RODRIGUEZ, Miguel Angel"),
        ("Ｃａｒｌｏｓ Ａｌｂｅｒｔｏ Ｇｏｍｅｚ", "GOMEZ, Carlos Alberto"),
        ("Аntoniо Iоvinе", "IOVINE, Antonio"),
        ("G\u200eordon Debo\u200bno", "DEBONO, Gordon"),
        ("Mr. Mladen NALETILIC (Chairman of the Board)", "NALETILIC, Mladen"),
        ("سَعد سبـعاوَي إبَـرَاهيم", "سعد سبعاوي ابراهيم"),
        ("علی حسن", "علي حسن"),
    ],
)
def test_the_same_person_is_found(asked, listed):
    assert small(listed, "SOMEBODY, Else Entirely").search(asked, PERSON)[0].name == listed


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Bangkok Silk Flower Company L.T.D.", "BANGKOK SILK FLOWER CO., LTD."),
        ("Circuito Electronico Sa De Cv", "CIRCUITO ELECTRONICO, S.A. DE C.V."),
        ("El Furkan Charitable Fundtn", "AL FURQAN CHARITABLE FOUNDATION"),
        ("The Business Centre Ltd. (Bangkok representative office), reg. no. 01", "BUSINESS CENTRE LTD."),
    ],
)
def test_the_same_organisation_is_found(asked, listed):
    assert small(listed, kind=ORGANISATION).search(asked, ORGANISATION)[0].name == listed


@pytest.mark.parametrize("asked", ["Maria Isabel Lopez", "Women for Women", "Siriporn Chaiyasit", "..", ""])
def test_one_common_word_on_a_list_is_no_candidate_for_longer_names(asked):
    assert small("MARIA", "WOMEN", "SIRIPORN").search(asked, PERSON) == []


def test_one_word_meets_the_same_word():
    assert [hit.name for hit in small("MARIA", "MARTHA").search("Maria", PERSON)] == ["MARIA"]


def test_weak_alias_must_be_nearly_the_same():
    index = small("ABU WALID", weak=True)

    assert [hit.is_weak for hit in index.search("Abu Walid", PERSON)] == [True]
    assert index.search("Abu Wahid", PERSON) == []


def test_kind_keeps_people_and_organisations_apart():
    index = NameIndex([IndexedName(1, PERSON, "GOLDEN, Star"), IndexedName(2, "any", "GOLDEN STAR")])

    assert [hit.ref for hit in index.search("Golden Star", ORGANISATION)] == [2]
    assert sorted(hit.ref for hit in index.search("Golden Star", PERSON)) == [1, 2]
    assert sorted(hit.ref for hit in index.search("Golden Star")) == [1, 2]


def test_candidates_come_best_first_and_once_for_each_entry():
    index = NameIndex(
        [
            IndexedName(1, PERSON, "PETROV, Ivan"),
            IndexedName(1, PERSON, "PETROFF, Iwan"),
            IndexedName(2, PERSON, "PETROVSKI, Ivan"),
        ]
    )

    hits = index.search("Ivan Petrov", PERSON)

    assert hits[0].ref == 1
    assert [hit.ref for hit in hits].count(1) == 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_score_lies_between_0_and_100(cuts):
    assert all(0 <= hit.score <= 100 for hit in cuts.search("Ivan Petrov"))


def test_similarity_of_one_sound_in_two_spellings():
    assert similarity("muhammad", "mohammed") > 0.9
    assert similarity("siriporn", "sirikit") < 0.82


def test_tokens_of_a_name_of_titles_alone_are_kept():
    assert tokens("Dr", PERSON) == ("dr",)
    assert tokens("Ltd.", ORGANISATION) == ("ltd",)


def test_latin_of_other_scripts():
    assert tokens("Игорь Сечин", PERSON) == ("igor", "sechin")
    assert latin("Ａｂｃ É") == "abc e"
    assert fold("khalimov") == fold("halimov")


def test_an_empty_index_has_no_candidate():
    assert NameIndex([]).search("Ivan Petrov") == []
    assert len(NameIndex([])) == 0
