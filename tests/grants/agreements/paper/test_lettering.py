"""Every script sets from the fonts of the set-up; what none has is an error that names it, beside its field."""

import re
import subprocess
import unicodedata
from pathlib import Path

import pytest

from grants.agreements.actions import freeze_terms
from grants.agreements.actions.sides import side_of
from grants.agreements.forms.grant import BudgetRow
from grants.agreements.lettering import covered, faults, finished, set_apart, stacks
from grants.agreements.models import Terms
from grants.agreements.readiness import signing_blockers
from grants.agreements.rendering import Unsettable, render
from tests.factories import grants
from tests.grants.agreements.paper.scripts import SCRIPTS
from tests.grants.agreements.paper.sheets import content_of, fonts_of, printed, text_of, words_of
from tests.support.rig import ROOT
from vetting_portal.workflow import Refused

COLUMN, LINE = 300, 9  # where the right column begins, and how far apart words of one line stand at most, in points
HEAD = '<html lang="en"><head><meta name="dcterms.created" content="2026-01-01T00:00:00+00:00"></head><body>'


@pytest.fixture(scope="module")
def ten_scripts():
    """One document in the style of the agreement: each script in a clause and in a table, plain and bold."""
    rows = "".join(
        f"<p class=clause><b>{org}.</b> {title}</p>"
        f"<table class=grid><tr><td><b>{org}</b></td><td>{text}</td></tr></table>"
        for org, title, text in SCRIPTS.values()
    )
    return render(HEAD + rows).content


def test_each_script_has_a_font_of_its_own_in_clauses_and_in_tables(ten_scripts, tmp_path):
    found = fonts_of(ten_scripts, tmp_path)
    named = {f"{family}{weight}" for families in stacks().values() for family in families for weight in ("", " Bold")}
    assert set(found) == named
    assert set(found.values()) == {("yes", "yes")}


def test_the_setup_brings_every_font_of_the_stacks():
    assert [len(families) for families in stacks().values()] == [9, 9]
    setup = Path(ROOT, "scripts/setup").read_text()
    for family in sorted({family for families in stacks().values() for family in families}):
        regular, bold = (
            subprocess.run(
                ["fc-match", "--format=%{family}\t%{file}", f"{family}:weight={weight}"],
                capture_output=True, text=True, check=True,
            ).stdout.split("\t")
            for weight in (80, 200)
        )  # fmt: skip
        assert family in regular[0].split(","), family
        assert regular[1] != bold[1], f"{family}: one file stands for both weights"
        package = "fonts-noto-cjk" if "CJK" in family else "fonts-noto-core"
        assert package in setup
        assert covered(family), family


def squeezed(text):
    return "".join(c for c in unicodedata.normalize("NFC", text) if not c.isspace() and unicodedata.category(c) != "Cf")


def test_the_docs_name_the_scripts_whose_text_others_cannot_take_out(ten_scripts, tmp_path):
    text = squeezed("".join(text_of(ten_scripts, tmp_path)))
    lost = {name for name, texts in SCRIPTS.items() if not all(squeezed(one) in text for one in texts)}
    page = (ROOT / "docs/agreement-pdf.md").read_text()
    stated = re.search(r"Text extraction fails for: ([^.]+)\.", page).group(1)
    assert lost == set(re.split(r", | and ", stated))


@pytest.mark.parametrize(("text", "said"), [
    ("Anna \U0001f600", "“\U0001f600” (U+1F600 GRINNING FACE) is in no font of the documents."),
    ("\u05d0", "“\u05d0” (U+05D0 HEBREW LETTER ALEF) is in no font of the documents."),
    ("a\u202eb", "U+202E RIGHT-TO-LEFT OVERRIDE is an invisible character that can turn or hide the text around it."),
    ("a\u2067b", "U+2067 RIGHT-TO-LEFT ISOLATE is an invisible character that can turn or hide the text around it."),
    ("a\x07b", "U+0007 is a control character that nobody sees."),
    ("a\ue000", "U+E000 is a private character that means something else on each computer."),
    ("a\u0378", "U+0378 is no character of Unicode."),
    ("a\u2028b", "U+2028 LINE SEPARATOR is an invisible end of a line."),
    ("a\ufffdb", "“\ufffd” (U+FFFD REPLACEMENT CHARACTER) stands where a letter was lost."),
    ("\u0301a", "“\u25cc\u0301” (U+0301 COMBINING ACUTE ACCENT) is a mark without its letter."),
    ("a \u0e31", "“\u25cc\u0e31” (U+0E31 THAI CHARACTER MAI HAN-AKAT) is a mark without its letter."),
    ("a\u0e31", "“\u25cc\u0e31” (U+0E31 THAI CHARACTER MAI HAN-AKAT) is a mark without its letter."),
])  # fmt: skip
def test_what_cannot_be_set_is_named(text, said):
    assert faults(text) == [said]


@pytest.mark.parametrize("text", [
    *(text for texts in SCRIPTS.values() for text in texts),
    "", "one line\r\nand another\tand more", "zero\u200bwidth \u200cnon\u200djoiner", "½ × “quoted” – 10 % · € ₹ №",
    "e\u0301 \u1ecd\u0300", "\u00a0\u0301",
])  # fmt: skip
def test_what_can_be_set_passes(text):
    assert faults(text) == []


def test_not_more_than_four_characters_are_named():
    assert len(faults("".join(map(chr, range(0x1F600, 0x1F610))))) == 4
    assert len(faults("\U0001f600" * 9)) == 1


@pytest.mark.django_db
def test_freezing_names_every_text_that_cannot_be_set_with_its_place():
    bad = "Name \U00010437"
    grant = grants.drafted(
        title=bad, purpose=bad, signatory_name=bad, signatory_title=bad, signatory_authority=bad,
        director_authority=bad, bank_name=bad,
    )  # fmt: skip
    grant.plan["budget"][1]["line"] = grant.plan["tranches"][0]["condition"] = bad
    grant.plan["reports"][0]["title"] = grant.plan["indicators"][0]["target"] = bad
    grant.plan["conditions"][0]["text"] = grant.plan["indicators"][0]["text"] = bad
    grant.save()
    organisation = grant.submission.organisation
    type(organisation).objects.filter(pk=organisation.pk).update(local_name=bad, address=bad)
    with pytest.raises(Refused) as refusal:
        freeze_terms(grant=grant, by=grants.officer_of(grant))
    letters = [blocker for blocker in refusal.value.blockers if "cannot print" in blocker]
    places = [blocker.url.rpartition("#")[2] for blocker in letters if "#" in blocker.url]
    assert places == [
        "id_title", "id_purpose", "id_signatory_name", "id_signatory_title", "id_signatory_authority",
        "id_director_authority", "id_bank_name", "id_budget-1-line", "id_tranches-0-condition", "id_reports-0-title",
        "id_indicators-0-text", "id_indicators-0-target", "id_conditions-0-text",
    ]  # fmt: skip
    assert [str(blocker) for blocker in letters][-2:] == [
        "The agreement cannot print the partner’s local name.",
        "The agreement cannot print the partner’s address.",
    ]
    assert {blocker.hint for blocker in letters} == {
        "“\U00010437” (U+10437 DESERET SMALL LETTER YEE) is in no font of the documents."
    }
    assert not Terms.objects.exists()


def test_the_form_says_it_beside_the_field():
    row = BudgetRow({"line": "Travel \U00010437", "amount": "10"})
    assert not row.is_valid()
    assert row.errors == {
        "line": [
            (
                "The agreement cannot print this: “\U00010437” (U+10437 DESERET SMALL LETTER YEE) is in no font of the "
                "documents."
            )
        ]
    }


def test_nothing_is_printed_with_a_box_for_a_letter():
    """Whatever the checks let through: the press itself looks whether each character had a font."""
    with pytest.raises(Unsettable, match=r"U\+0B85 TAMIL LETTER A"):
        render(HEAD + "<p>Text \u0b85</p>")


@pytest.mark.django_db
def test_names_from_right_to_left_keep_their_order_in_a_sentence(tmp_path):
    content = content_of(signatory_name="ليلى", signatory_title="مديرة", signatory_authority="مجلس")
    content["partner"]["legal_name"] = "جمعية الأمل"
    words = words_of(printed(content), tmp_path)
    line = next(top for page, left, top, _, word in words if (page, word) == (1, "Signs") and left > COLUMN)
    shown = {
        "".join(sorted(word.strip(".,"))): left
        for page, left, top, _, word in words
        if page == 1 and left > COLUMN and abs(top - line) < LINE
    }
    name, title, authority = (shown["".join(sorted(word))] for word in ("ليلى", "مديرة", "مجلس"))
    assert shown["Sgins"] < name < title < authority


def test_texts_set_apart_become_elements_and_leave_no_mark_in_tags():
    content = set_apart({"name": "جمعية الأمل", "plain": "Żółć", "rows": [{"text": "Training (ليلى)"}], "number": 3})
    assert content["plain"] == "Żółć"
    html = finished(
        f'<head><title>{content["name"]}</title></head><p title="{content["name"]}">{content["name"]}, '
        f"{content['rows'][0]['text']}</p>"
    )
    assert html == (
        '<head><title>جمعية الأمل</title></head><p title="جمعية الأمل"><bdi dir="rtl">جمعية الأمل</bdi>, '
        '<bdi dir="ltr">Training (ليلى)</bdi></p>'
    )


@pytest.mark.django_db
def test_who_signs_has_a_name_that_can_be_set():
    """A name that the sealed file could not print would hold the seal back for good."""
    grant = grants.grant_in("awaiting_signature")
    director = grants.directors_of(grant)[0]
    director.name = "Somebody \U00010437"
    assert "The agreement cannot print your name." in signing_blockers(grant, director)
    approved = grants.grant_in("approved", funder=False)
    owner = approved.submission.organisation.owners().get().user
    assert side_of(approved, owner) == "partner"
    owner.name = "Somebody \U00010437"
    with pytest.raises(Refused, match="cannot print your name"):
        side_of(approved, owner)
