"""The text layer of a page: what stands where, in any script, turned or not; and where a passage stands in it."""

import io

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weasyprint import HTML

from partners.previews.drawing import draw_pages
from partners.previews.textlayer import marks_of, plain_text, text_lines

STYLE = (
    "<style>@page { size: 600px 800px; margin: 50px } body { font: 20px/30px 'Noto Sans', 'Noto Sans Thai' }</style>"
)


def set_in_type(html: str) -> bytes:
    """A real PDF of one page with this text."""
    content = HTML(string=STYLE + html).write_pdf()
    assert content
    return content


def lines_of(content: bytes) -> list[dict]:
    """Return the text layer of the first page."""
    return list(draw_pages(io.BytesIO(content), "application/pdf").pages[0].lines)


def turned(content: bytes, degrees: int) -> bytes:
    """Return the PDF with its page turned, as a scanner's program leaves it."""
    with pikepdf.open(io.BytesIO(content)) as document:
        document.pages[0].Rotate = degrees
        sink = io.BytesIO()
        document.save(sink)
    return sink.getvalue()


def test_each_line_stands_where_it_is_drawn():
    first, second = lines_of(set_in_type("<div>Anyone may raise a concern.</div><div>No proof is needed.</div>"))
    assert (first["t"], second["t"]) == ("Anyone may raise a concern.", "No proof is needed.")
    assert 57 <= first["x"][0] <= 61  # the margins of page and body
    assert 28 <= second["y"] - first["y"] <= 32
    assert first["x"] == sorted(first["x"])
    assert len(first["x"]) == len(first["t"]) + 1


@pytest.mark.parametrize(
    ("html", "passage"),
    [
        (
            "<p>A concern can be raised in person, by telephone or by message in five languages.</p>",
            "in person, by telephone or by message in",
        ),
        ("<p lang=th>แจ้งเรื่องได้ด้วยตนเอง ทางโทรศัพท์ หรือทางข้อความ</p>", "ได้ด้วยตนเอง"),
    ],
)
def test_a_passage_is_found_over_the_lines_it_runs(html, passage):
    lines = lines_of(set_in_type(html))
    marks = marks_of(lines, passage)
    assert marks
    assert all(mark.width > 10 and 50 <= mark.x <= 550 for mark in marks)
    assert marks_of(lines, passage + " not there") == []


def test_a_scan_has_no_text():
    assert lines_of(set_in_type("")) == []


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_keeps_its_words_within_its_picture(degrees):
    page = draw_pages(io.BytesIO(turned(set_in_type("<p>Concern</p>"), degrees)), "application/pdf").pages[0]
    assert "".join(plain_text(page.lines).split()) == "Concern"
    assert all(0 <= x <= page.width for line in page.lines for x in line["x"])
    assert all(0 <= line["y"] <= page.height for line in page.lines)


def test_a_watermark_across_the_page_is_no_text_of_it():
    style = "transform: rotate(-35deg); font-size: 90px; position: absolute; inset-block-start: 300px"
    found = lines_of(set_in_type(f"<p>Concern</p><div style='{style}'>DRAFT</div>"))
    assert [line["t"] for line in found] == ["Concern"]


@st.composite
def pages(draw):
    """Draw a page, and a passage that stands on it."""
    words = st.text("abcแจ้ง é", min_size=1, max_size=12).filter(str.strip)
    texts = draw(st.lists(words, min_size=1, max_size=6))
    lines = [{"y": 10 * n, "h": 8, "t": t, "x": list(range(0, 5 * len(t) + 1, 5))} for n, t in enumerate(texts)]
    whole = "\n".join(texts)
    first = draw(st.integers(0, len(whole) - 1))
    return lines, whole[first : draw(st.integers(first + 1, len(whole)))]


@given(pages())
def test_whatever_is_selected_on_a_page_is_found_on_it(page):
    lines, passage = page
    marks = marks_of(lines, passage)
    assert bool(marks) == bool(passage.strip())
    assert all(mark.width >= 1 and mark.y % 10 == 0 for mark in marks)
    assert all(line.text.endswith(" ") for line in text_lines(lines))
