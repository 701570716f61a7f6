"""Two texts compared word by word: both can be read back from the pieces, in any script, in bounded time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.submissions.wording import ADDED, REMOVED, SAME, Piece, pieces

WORDS = st.lists(st.sampled_from(["the", "shelter", "80", "ผู้", "ที่", "เด็ก", "\n", ".", "’s", "É", "กำ"]), max_size=40)


def spelled(found: list[Piece], *kinds: str) -> str:
    return "".join(piece.text for piece in found if piece.kind in kinds)


def assert_spells_both(older: str, newer: str) -> list[Piece]:
    found = pieces(older, newer)
    assert spelled(found, SAME, REMOVED) == older
    assert spelled(found, SAME, ADDED) == newer
    return found


@given(st.text(max_size=200), st.text(max_size=200))
def test_pieces_spell_both_texts(older, newer):
    found = assert_spells_both(older, newer)
    assert all(piece.text for piece in found)
    assert (older == newer) == all(piece.kind == SAME for piece in found)


@given(WORDS, WORDS)
def test_pieces_spell_texts_that_share_words(older, newer):
    assert_spells_both(" ".join(older), "".join(newer))


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        ("", "", []),
        ("Same.", "Same.", [Piece(SAME, "Same.")]),
        ("", "New.", [Piece(ADDED, "New.")]),
        (
            "A person can speak to the Lead at the office.",
            "A person can speak to the Lead by telephone.",
            [
                Piece(SAME, "A person can speak to the Lead "),
                Piece(REMOVED, "at the office"),
                Piece(ADDED, "by telephone"),
                Piece(SAME, "."),
            ],
        ),
        ("14,400.00", "16,800.00", [Piece(REMOVED, "14,400.00"), Piece(ADDED, "16,800.00")]),
        ("1 July 2026", "1 September 2026",
         [Piece(SAME, "1 "), Piece(REMOVED, "July"), Piece(ADDED, "September"), Piece(SAME, " 2026")]),
        ("the partner’s house", "the partners’ house",
         [Piece(SAME, "the "), Piece(REMOVED, "partner’s"), Piece(ADDED, "partners’"), Piece(SAME, " house")]),
    ],
)  # fmt: skip
def test_words_are_marked_whole(older, newer, expected):
    assert pieces(older, newer) == expected


def test_thai_is_marked_letter_by_letter_with_its_marks_never_torn_off():
    found = assert_spells_both("เด็กที่อยู่ในบ้าน", "เด็กที่อยู่นอกบ้าน")
    assert found[0] == Piece(SAME, "เด็กที่อยู่")
    assert found[-1] == Piece(SAME, "บ้าน")
    marks = "".join(chr(code) for code in [0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F)])
    assert not [piece for piece in found if piece.text[0] in marks]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("word " * 10_000, "other " * 8_300),
        ("a b " * 12_500, "b a " * 12_500),
        ("ก" * 50_000, "ข" * 50_000),
        ("กข" * 25_000, "ขกค" * 16_000),
        (" ".join(str(n) for n in range(8_000)), " ".join(str(n * 7 % 8_000) for n in range(8_000))),
        ("a" * 50_000, "b" * 50_000),
        (".\n" * 25_000, "\n." * 25_000),
        ("x. " * 16_000, "y. x. " * 8_000),
        ("!" * 50_000, "?!" * 25_000),
    ],
    ids=range(9),
)
def test_long_answers_are_compared_in_bounded_time(older, newer):
    begun = time.process_time()
    assert_spells_both(older, newer)
    assert time.process_time() - begun < 2


def test_one_word_changed_in_a_long_answer_is_one_word_changed():
    older = " ".join(f"word{n}" for n in range(6_000))
    found = assert_spells_both(older, older.replace("word3000 ", "changed "))
    assert [piece.text for piece in found if piece.kind != SAME] == ["word3000", "changed"]


def test_texts_that_differ_much_still_share_their_sentences():
    kept = "This sentence stays as it was. "
    older = kept + "One old remark. " * 400 + kept
    found = assert_spells_both(older, kept + "A quite different text follows here. " * 400 + kept)
    assert found[0].text.startswith(kept.strip())
    assert found[-1].text.endswith("stays as it was. ")
