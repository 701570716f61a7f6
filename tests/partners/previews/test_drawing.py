import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from partners.previews import child, drawing
from partners.previews.drawing import HEAVY, SLOW, UNREADABLE, can_be_shown, converted, draw_pages
from tests.portal.inspection import made_offices, made_pictures
from tests.support.rig import ROOT
from vetting_portal.inspection.policy import DOCX, HEIC, JPEG, ODS, PDF, PNG


def pdf(pages: int = 1, size: tuple[float, float] = (595, 842)) -> bytes:
    """A real PDF with empty pages."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=size)
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def picture(kind: str, size: tuple[int, int] = (600, 300), **options) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", size, "white").save(sink, kind, **options)
    return sink.getvalue()


def form_with_words(words: str) -> bytes:
    """A PDF whose one text field shows ``words`` by its appearance, as a program that fills forms leaves it."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    look = pikepdf.Stream(document, f"/Tx BMC BT /F 40 Tf 0 g 5 10 Td ({words}) Tj ET EMC".encode())
    look.stream_dict.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 400, 60],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font)),
        )
    )
    field = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="name",
            V=words,
            Rect=[50, 700, 450, 760],
            F=4,
            AP=pikepdf.Dictionary(N=document.make_indirect(look)),
        )
    )
    page.Annots = pikepdf.Array([field])
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[field], DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font)))
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def test_pages_of_a_pdf_come_as_two_pictures_each():
    drawn = draw_pages(io.BytesIO(pdf(3)), PDF.media_type, first=2, last=9)

    assert (drawn.count, drawn.failure, [page.number for page in drawn.pages]) == (3, "", [2, 3])
    page = drawn.pages[0]
    sizes = [Image.open(io.BytesIO(one)).size for one in (page.small, page.large)]
    assert (page.width, page.height) == (793, 1123)
    assert sizes == [(900, 1274), (1700, 2406)]
    assert (page.small_width, page.large_width) == (900, 1700)
    assert {Image.open(io.BytesIO(one)).format for one in (page.small, page.large)} == {"WEBP"}


def test_what_was_typed_into_a_form_is_drawn():
    (page,) = draw_pages(io.BytesIO(form_with_words("Siriporn")), PDF.media_type).pages
    darkest, _ = Image.open(io.BytesIO(page.small)).convert("L").getextrema()
    assert darkest < 80


@pytest.mark.parametrize(
    ("content", "media_type", "size"),
    [
        (picture("JPEG"), JPEG.media_type, (600, 300)),
        (picture("PNG", (4000, 2000)), PNG.media_type, (1700, 850)),
        (made_pictures.heic(), HEIC.media_type, (320, 240)),
    ],
)
def test_a_picture_is_one_page(content, media_type, size):
    drawn = draw_pages(io.BytesIO(content), media_type, first=1, last=8)

    assert (drawn.count, drawn.failure, len(drawn.pages)) == (1, "", 1)
    assert Image.open(io.BytesIO(drawn.pages[0].large)).size == size


def test_a_photo_taken_sideways_stands_upright():
    turned = Image.Exif()
    turned[0x0112] = 6
    (page,) = draw_pages(io.BytesIO(picture("JPEG", (600, 300), exif=turned)), JPEG.media_type).pages
    assert Image.open(io.BytesIO(page.large)).size == (300, 600)


@pytest.mark.parametrize("size", [(3, 14400), (14400, 3), (3, 3)])
def test_pages_of_odd_sizes_stay_small(size):
    (page,) = draw_pages(io.BytesIO(pdf(1, size)), PDF.media_type).pages
    assert max(Image.open(io.BytesIO(page.large)).size) <= child.LONGEST_SIDE


def test_bytes_that_are_no_pdf_say_so():
    drawn = draw_pages(io.BytesIO(b"no pdf at all"), PDF.media_type)
    assert (drawn.count, drawn.pages, drawn.failure) == (None, (), UNREADABLE)


def test_a_cut_pdf_gives_what_it_has_or_says_why():
    whole = pdf(3)
    drawn = draw_pages(io.BytesIO(whole[: len(whole) // 2]), PDF.media_type)
    assert drawn.pages or drawn.failure


def test_a_program_in_the_place_of_a_paper_is_not_run(tmp_path):
    bad = tmp_path / "paper.pdf"
    bad.write_text("#!/bin/sh\ntouch " + str(tmp_path / "was-run"))
    bad.chmod(bad.stat().st_mode | stat.S_IXUSR)
    assert draw_pages(bad, PDF.media_type).failure == UNREADABLE
    assert not (tmp_path / "was-run").exists()


def run_child(code: str) -> int:
    """How a child ends that does ``code`` after it has taken its limits."""
    limits = (
        "from vetting_portal.inspection.limits import limit_self; limit_self(cpu_seconds=1, memory_bytes=400_000_000)"
    )
    return subprocess.run(
        [sys.executable, "-c", f"{limits}\n{code}"], cwd=ROOT, check=False, capture_output=True
    ).returncode


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("while True: pass", SLOW),
        ("try:\n x = bytearray(10**9)\nexcept MemoryError:\n raise SystemExit(3)", HEAVY),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", UNREADABLE),
    ],
)
def test_how_a_child_ended_is_told_in_words(code, why):
    assert drawing._why(run_child(code)) == why


def test_a_limited_child_writes_no_file(tmp_path):
    assert run_child(f"open({str(tmp_path / 'left')!r}, 'w').write('x' * 100_000)") != 0
    assert not (tmp_path / "left").exists() or (tmp_path / "left").stat().st_size == 0


def test_a_child_that_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr(drawing, "WALL_SECONDS", 0.05)
    assert draw_pages(io.BytesIO(pdf(3)), PDF.media_type, last=3).failure == SLOW


def test_frames_that_were_cut_off_are_left_out():
    whole = b'{"count": 2}\n{"page": 1, "width": 1, "height": 1, "widths": [1, 1], "sizes": [2, 3]}\nab'
    assert list(drawing._frames(io.BytesIO(whole + b"cde"))) != [2]
    assert list(drawing._frames(io.BytesIO(whole + b"c"))) == [2]
    assert list(drawing._frames(io.BytesIO(b'{"count": 2}\nnonsense'))) == [2]


def test_office_files_are_shown_only_where_libreoffice_is(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not can_be_shown(DOCX.media_type)
    assert can_be_shown(PDF.media_type)
    assert not can_be_shown("text/html")
    with converted(io.BytesIO(made_offices.docx()), DOCX.media_type) as made:
        assert made is None


def stand_in(folder: Path, does: str) -> None:
    """A program in the place of LibreOffice: it is called as LibreOffice is, and does something else."""
    program = folder / "soffice"
    program.write_text(
        f"#!{sys.executable}\nimport os, pathlib, sys\nout = sys.argv[sys.argv.index('--outdir') + 1]\n{does}\n"
    )
    program.chmod(0o755)


def test_libreoffice_is_called_alone_limited_and_with_a_profile_of_its_own(monkeypatch, tmp_path):
    made = tmp_path / "made.pdf"
    made.write_bytes(pdf(2))
    stand_in(
        tmp_path,
        "import resource, shutil\n"
        "assert sys.argv[1].startswith('-env:UserInstallation=file://' + out)\n"
        "assert sys.argv[-1].endswith('.docx') and pathlib.Path(sys.argv[-1]).read_bytes()[:2] == b'PK'\n"
        "assert 'DisableMacrosExecution' in pathlib.Path(out, 'profile/user/registrymodifications.xcu').read_text()\n"
        "assert set(os.environ) <= {'PATH', 'HOME', 'LANG', 'TMPDIR', 'LC_CTYPE'}\n"
        "assert resource.getrlimit(resource.RLIMIT_CPU)[0] == 60\n"
        f"shutil.copy({str(made)!r}, pathlib.Path(out, 'paper.pdf'))",
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    assert can_be_shown(ODS.media_type)
    with converted(io.BytesIO(made_offices.docx()), DOCX.media_type) as path:
        assert path is not None
        assert len(pypdfium2.PdfDocument(path)) == 2
    assert not path.exists()


@pytest.mark.parametrize("does", ["sys.exit(1)", "pathlib.Path(out, 'paper.pdf').touch()", "while True: pass"])
def test_libreoffice_that_fails_gives_nothing(monkeypatch, tmp_path, does):
    monkeypatch.setattr(drawing, "OFFICE_SECONDS", -29)
    stand_in(tmp_path, does)
    monkeypatch.setenv("PATH", str(tmp_path))
    with converted(io.BytesIO(made_offices.docx()), DOCX.media_type) as path:
        assert path is None


@pytest.mark.skipif(drawing.converter() is None, reason="LibreOffice is not installed")
def test_real_libreoffice_makes_pages_of_a_document():
    with converted(io.BytesIO(made_offices.docx()), DOCX.media_type) as path:
        assert path is not None
        assert draw_pages(path, PDF.media_type).count == 1


def test_child_has_nothing_of_the_portals_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "secret-of-the-portal")
    stand_in(tmp_path, "pathlib.Path(out, 'paper.pdf').write_text(repr(dict(os.environ)))")
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.defpath)
    with converted(io.BytesIO(b"PK"), DOCX.media_type) as path:
        assert "secret-of-the-portal" not in path.read_text()
