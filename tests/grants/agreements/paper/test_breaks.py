"""Long terms break well: header rows repeat, sums stay with their lines, nothing is cut off, signatures together."""

import re

import pytest

from tests.grants.agreements.paper.sheets import content_of, printed, text_of, words_of

pytestmark = pytest.mark.django_db
LEFT, RIGHT = 26 * 72 / 25.4, (210 - 23) * 72 / 25.4  # of the text, in points


def long_terms():
    content = content_of()
    text = "salaries and travel of a social worker, with all that it takes"
    content["budget"] = [{"line": f"Line {n}: {text[: 20 * (1 + n % 3)]}", "amount_minor": 50_000} for n in range(60)]
    content["budget"][7]["line"] = "x" * 120
    content["tranches"] = [
        {"number": n, "share_bp": 416, "condition": f"Report {n} is accepted " * (1 + n % 4), "due_on": "2027-03-05"}
        for n in range(1, 25)
    ]
    content["project"]["indicators"] = [{"text": f"Indicator {n}", "target": f"{n} of 80"} for n in range(40)]
    content["project"]["title"] = "W" * 200
    content["partner"]["legal_name"] = "Organisation" * 25
    content["partner"]["signatory"]["name"] = ("Maria Fernanda de la Concepción " * 4)[:120]
    return content


def test_long_tables_repeat_their_head_and_nothing_is_cut_off(tmp_path):
    made = printed(long_terms())
    pages = text_of(made, tmp_path)
    for row, head, least in (("Line ", "Line USD", 3), ("Indicator ", "Indicator Target", 2)):
        with_rows = [page for page in pages if sum(f"{row}{n}" in page for n in range(2, 60)) > 3]
        assert len(with_rows) >= least, row
        assert [head in " ".join(page.split()) for page in with_rows] == [True] * len(with_rows), row
    payments = [page for page in pages if page.count("is accepted") > 3]
    assert len(payments) >= 2
    assert ["Share of what is payable" in page for page in payments] == [True] * len(payments)
    total = next(page for page in pages if "Total, the granting goal" in page)
    assert "Line 59" in total
    words = words_of(made, tmp_path)
    assert min(left for _, left, _, _, _ in words) >= LEFT - 0.5
    assert max(right for _, _, _, right, _ in words) <= RIGHT + 0.5
    whole = "".join("".join(pages).split())
    assert sum(map(len, re.findall("x{20,}", whole))) == 120
    assert whole.count("W" * 200) >= 1


@pytest.mark.parametrize(("directors", "sheets"), [(2, 1), (7, 2)])
def test_signatures_stand_together_and_never_alone(tmp_path, directors, sheets):
    content = long_terms() if directors == 2 else content_of()
    content["directors"]["needed"] = directors
    pages = text_of(printed(content), tmp_path)
    first = next(number for number, page in enumerate(pages) if "To be signed by" in page)
    signing = pages[first:]
    assert len(signing) == sheets
    assert f"Director 1 of {directors}" in signing[0]
    assert f"Director {directors} of {directors}" in signing[-1]
    assert ("Who may not sign." in signing[-1], "Verify this document." in signing[-1]) == (True, True)
