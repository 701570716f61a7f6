from random import Random

import pytest

from reviews.screening.matching import IndexedName, NameIndex
from reviews.screening.scripts import spoken
from reviews.screening.spelling import ORGANISATION, PERSON, tokens

BLOCKS = [(0x0590, 0x06FF), (0x0750, 0x077F), (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0xAC00, 0xAC80)]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("မင်းအောင်လှိုင်", "min aung hlaing"),
        ("စိုးဝင်း", "soe win"),
        ("ကျော်မိုးထွန်း", "kyaw moe tun"),
        ("สมชาย", "somchai"),
        ("อนุทิน ชาญวีรกูล", "anutin chanwinkun"),
        ("สุวรรณ", "suwan"),
        ("พฤกษ์", "pruek"),
        ("ທອງລຸນ ສີສຸລິດ", "tonglun sisulit"),
        ("ហ៊ុន សែន", "hun sen"),
        ("គន់ គីម", "kun kim"),
        ("김정은", "kim jong un"),
        ("리병철", "ri pyong chol"),
        ("الظواهري", "al zwahri"),
        ("المهندس", "al mhnds"),
        ("سحر", "sahr"),
        ("สุวิทย์ พวงเพชร", "suwit puangpet"),
        ("عبدالرحمن", "abd rahman"),
        ("Plain Latin", "Plain Latin"),
    ],
)
def test_scripts_are_read_as_they_are_said(written, said):
    assert " ".join(spoken(written).split()) == said


@pytest.mark.parametrize(
    ("script", "latin"),
    [
        ("မင်းအောင်လှိုင်", "HLAING, Min Aung"),
        ("အောင်ဆန်းစုကြည်", "Aung San Suu Kyi"),
        ("ทักษิณ ใจดี", "JAIDEE, Thaksin"),
        ("สมชาย วงศ์สวัสดิ์", "WONGSAWAT, Somchai"),
        ("ត្រី ភាព", "TRY, Pheap"),
        ("陈全国", "CHEN, Quanguo"),
        ("김정은", "KIM, Jong Un"),
        ("سید علی حسینی خامنه‌ای", "KHAMENEI, Ali Husseini"),
        ("عبد الرحمن محمد خليل", "KHALIL, Abdul Rahman Muhammad"),
        ("Игорь Щёголев", "SHCHEGOLEV, Igor"),
        ("ທອງລຸນ ສີສຸລິດ", "SISOULITH, Thongloun"),
    ],
)
def test_a_name_is_found_across_scripts_both_ways(script, latin):
    for asked, listed in ((script, latin), (latin, script)):
        index = NameIndex([IndexedName(1, PERSON, listed), IndexedName(2, PERSON, "SOMEBODY, Else")])
        assert [hit.ref for hit in index.search(asked, PERSON)] == [1], asked


def test_titles_and_legal_forms_of_other_scripts_do_not_hide_a_match():
    person = NameIndex([IndexedName(1, PERSON, "KHALIL, Hasan Mustafa")])
    body = NameIndex([IndexedName(1, ORGANISATION, "BAAN KHIAO FOUNDATION")])

    assert person.search("الشيخ حسن مصطفى خليل", PERSON)
    assert body.search("มูลนิธิ บ้านเขียว", ORGANISATION)


def test_every_letter_and_any_jumble_of_them_is_read_without_an_error():
    chance = Random(7)  # noqa: S311 a seed, no secret
    letters = [chr(code) for first, last in BLOCKS for code in range(first, last + 1)]
    for letter in letters:
        tokens(letter, PERSON)
    for _ in range(2000):
        tokens("".join(chance.choices(letters, k=chance.randint(1, 12))), chance.choice([PERSON, ORGANISATION]))
