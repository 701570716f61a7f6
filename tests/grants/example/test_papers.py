import io
import re
import shutil
import subprocess
import time
from datetime import date

import pikepdf
import pytest

from grants.example import papers
from grants.example.papers import PARTNERS, example_papers
from partners.vault.kinds import BY_KEY
from vetting_portal.inspection import inspect_file

TODAY = date(2026, 11, 24)
SUM = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@pytest.fixture(params=PARTNERS)
def made(request):
    return example_papers(request.param, TODAY)


def text_of(content: bytes) -> list[str]:
    """The text of each page, as poppler reads it."""
    program = shutil.which("pdftotext")
    assert program is not None
    done = subprocess.run([program, "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def test_papers_pass_the_vault(made):
    findings = {paper.key: inspect_file(io.BytesIO(paper.content), name=paper.file_name) for paper in made}
    assert {key: finding.reason for key, finding in findings.items() if finding.reason} == {}


def test_papers_have_one_to_four_pages_each_marked_as_example(made):
    for paper in made:
        pages = text_of(paper.content)
        assert 1 <= len(pages) <= 4, paper.key
        assert all("EXAMPLE. Invented." in page for page in pages), paper.key


def test_papers_are_of_known_kinds(made):
    assert {paper.kind for paper in made} <= set(BY_KEY)
    assert len({paper.key for paper in made}) == len({paper.title for paper in made}) == len(made)
    assert len({paper.content for paper in made}) == len(made)


def test_papers_are_evidence_for_every_scored_criterion():
    every = {f"C{number}" for number in range(1, 17)}
    assert {code for paper in example_papers("lift", TODAY) for code in paper.criteria} == every
    assert {code for paper in example_papers("nuru", TODAY) for code in paper.criteria} == every - {"C8", "C14"}


@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2027, 1, 1), date(2028, 2, 29), date(2031, 8, 31)], ids=str)
def test_papers_are_never_out_of_date(today, monkeypatch):
    monkeypatch.setattr(papers.HTML, "write_pdf", lambda *_, **__: b"")
    for slug in PARTNERS:
        made = {paper.key: paper for paper in example_papers(slug, today)}
        assert all(paper.issued_on < today for paper in made.values())
        assert all(paper.expires_on is None or paper.expires_on > today for paper in made.values())
        assert (today - made["reference_funder"].issued_on).days < 90
        assert (today - made["accounts"].issued_on).days < 18 * 30
        assert (today - made["minutes"].issued_on).days < 365
    papers._made.cache_clear()


def test_papers_are_the_same_bytes_on_the_same_day():
    again = {paper.key: paper.content for name in PARTNERS for paper in papers._made.__wrapped__(name, TODAY)}
    first = {paper.key: paper.content for name in PARTNERS for paper in example_papers(name, TODAY)}
    assert again == first


def test_papers_are_made_quickly():
    papers._styles()
    began = time.process_time()
    count = sum(len(papers._made.__wrapped__(slug, TODAY)) for slug in PARTNERS)
    assert count >= 35
    assert time.process_time() - began < 12


def test_papers_add_up():
    """Every sum under a table is the sum of what stands above it."""
    sums = 0
    for slug in PARTNERS:
        text = (papers.DATA / f"papers_{slug}.toml").read_text(encoding="utf-8")
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            columns: dict[int, float] = {}
            for row in table.splitlines():
                cells = [cell.strip() for cell in row.strip("|").split("|")]
                figures = {at: float(cell.replace(",", "")) for at, cell in enumerate(cells) if SUM.fullmatch(cell)}
                if row.startswith("||"):
                    assert figures == pytest.approx({at: columns[at] for at in figures}), row
                    sums += 1
                    columns = {}
                else:
                    columns = {at: columns.get(at, 0) + figures.get(at, 0) for at in {*columns, *figures}}
    assert sums == 11


def test_papers_embed_every_font(made):
    for paper in made:
        with pikepdf.open(io.BytesIO(paper.content)) as document:
            fonts = [
                one for one in document.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"
            ]
            described = [one for one in fonts if "/FontDescriptor" in one]
            assert described
            assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(one.FontDescriptor.keys()) for one in described)


def test_founding_document_is_set_in_thai():
    paper = next(paper for paper in example_papers("lift", TODAY) if paper.key == "founding_document")
    assert paper.language == "Thai"
    assert "ตราสารม" in "".join(text_of(paper.content))


def test_papers_name_no_survivor():
    """No person in the papers is a survivor: the only names are those of board, staff and referees."""
    text = (papers.DATA / "papers_lift.toml").read_text(encoding="utf-8")
    assert not re.search(r"\b(Chanh|Jane|Chu)\b", text)
