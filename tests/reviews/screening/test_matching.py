# ruff: noqa: RUF001 - the letters of other alphabets are the point here.
import json
import time

import pytest

from reviews.screening.matching import IndexedName, NameIndex, similarity
from reviews.screening.spelling import ORGANISATION, PERSON, fold, latin, tokens
from tests.support.names import listed_names
from tests.support.rig import ROOT

CUTS = ROOT / "tests/data/sanctions"


@pytest.fixture(scope="module")
def cuts() -> NameIndex:
    return NameIndex(listed_names(CUTS))


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
    assert latin("Марко Јакшић") == "marko jakshic"
    assert fold("khalimov") == fold("halimov")


ODD = {
    "empty": "", "one letter": "x", "only titles": "Dr Mr Haji", "emoji": "\U0001f642\U0001f642",
    "invisible": "\x00\u200b",
    "one letter long": "a" * 300, "one word again and again": "Mohammed Ali " * 23, "letters": "a b c d e f g h " * 18,
    "glued": "muhammadali" * 27, "legal forms": "joint stock company " * 15, "brackets": "(" * 300,
    "Arabic": "عبد" * 100, "Thai": "มูล" * 100, "Burmese": "မင်း" * 75, "Chinese": "陈" * 300, "digits": "1" * 300,
}  # fmt: skip


@pytest.mark.parametrize("kind", [PERSON, ORGANISATION])
@pytest.mark.parametrize("asked", ODD.values(), ids=ODD)
def test_an_odd_name_gets_an_answer_soon(cuts, asked, kind):
    start = time.process_time()

    hits = cuts.search(asked[:300], kind)

    assert len(hits) <= 3
    assert time.process_time() - start < 0.25


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Muhammad Alfaqir", "AL-FAQIR, Muhammad Samir"),
        ("Abdul Aziz Karimov", "KARIMOV, Abdulaziz"),
        ("A. Kawtharani", "KAWTHARANI, Adnan"),
        ("rnohammcd Abu Jehe15ha", "ABU JEHEISHA, Mohammed"),
        ("Pak Chol Jong", "BAK, Chol Chong"),
        ("Kahlil Yuusf Harb", "HARB, Khalil Yusuf"),
        ("Lam Cheng Yuetngor", "LAM CHENG, Yuet-ngor"),
    ],
)
def test_glued_initials_scans_and_voice_are_seen_through(asked, listed):
    names = [IndexedName(1, PERSON, listed), *(IndexedName(n, PERSON, f"OTHER{n}, Somebody") for n in range(2, 40))]

    assert [hit.ref for hit in NameIndex(names).search(asked, PERSON)] == [1]


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Ilja Alexejewitsch Loginow", "LOGINOV, Ilya"),
        ("Lee Won-ho", "RI, Won Ho"),
        ("Ignas Sibomana", "SIBOMANA, Ignace"),
        ("Hon. Olivia Muchena MP", "MUCHENA, Olivia Nyembezi"),
        ("Luis Gomes Peña", "GOMEZ PENA, Luis"),
        ("أبو مهدي المهندس", "AL-MUHANDIS, Abu Mahdi"),
        ("مرتضی رضایی", "REZAIE, Morteza"),
        ("Марко Јакшић", "JAKSIC, Marko"),
    ],
)
def test_spellings_of_other_countries_are_found(asked, listed):
    assert [hit.name for hit in small(listed, "SOMEBODY, Else Entirely").search(asked, PERSON)] == [listed]


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Zhang Min", "KANG, Min"),
        ("Thura Kyaw", "KIO"),
        ("Abdul Rahman Hakim", "MAKKI, Abdulrahman"),
        ("Abdul Rahman Santoso", "SANTOSO"),
        ("Mahmoud Hassani Tarek", "HASSAN, Mahmoud"),
    ],
)
def test_another_person_of_a_like_name_is_no_candidate(asked, listed):
    assert small(listed, "SOMEBODY, Else Entirely").search(asked, PERSON) == []


def test_a_word_that_sounds_like_many_tells_little():
    listed = IndexedName("x", PERSON, "KARIM, Walid Hussein")
    alike = ("KARIMA", "KAREMI", "KARIMU", "KARRIM", "KAREEM")
    many = [IndexedName(n, PERSON, f"{alike[n % 5]}, Somebody{n}") for n in range(400)]

    assert [hit.ref for hit in NameIndex([listed]).search("Karem Walid", PERSON)] == ["x"]
    assert NameIndex([listed, *many]).search("Karem Walid", PERSON) == []
    assert [hit.ref for hit in NameIndex([listed, *many]).search("Karim Walid", PERSON)] == ["x"]


def test_lookalike_letters_are_read_as_what_they_look_like():
    assert tokens("Аntоn ОКОТ", PERSON) == ("anton", "okot")
    assert tokens("ɪɢᴏʀ sᴇᴄʜɪɴ", PERSON) == ("igor", "sechin")
    assert tokens("Bob Рос", PERSON) == ("bob", "ros")  # one name in two scripts, and no trick


def test_an_initial_beside_a_common_surname_is_nobody():
    common = [IndexedName(n, PERSON, f"HERNANDEZ, Oscar{n} Name{n}") for n in range(200)]

    assert NameIndex(common).search("O. Hernandez", PERSON) == []


def test_words_of_a_long_legal_form_go_with_faults_and_out_of_order():
    assert tokens("VELICHKOVSIY COMANY JINT STOK ELEVATOR OPEN", ORGANISATION) == ("velichkovsiy", "elevator")


def test_an_empty_index_has_no_candidate():
    assert NameIndex([]).search("Ivan Petrov") == []
    assert len(NameIndex([])) == 0
