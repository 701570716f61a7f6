import io
import zipfile

import pytest

from tests.portal.inspection import made_offices, made_pdfs, made_pictures
from vetting_portal.inspection import Finding, Verdict, inspect_file
from vetting_portal.inspection.policy import KINDS, MAX_BYTES, UNKNOWN


def looked_at(content: bytes, name: str) -> Finding:
    return inspect_file(io.BytesIO(content), name=name)


def assert_accepted(content: bytes, name: str) -> None:
    finding = looked_at(content, name)
    assert finding.reason is None
    assert finding.verdict is Verdict.ACCEPTED
    assert finding.media_type in {kind.media_type for kind in KINDS}


def assert_rejected(content: bytes, name: str, words: str, media_type: str) -> None:
    finding = looked_at(content, name)
    assert finding.verdict is Verdict.REJECTED
    assert words in (finding.reason or "")
    assert finding.media_type == media_type


@pytest.mark.parametrize("case", made_pdfs.GOOD)
def test_inspect_file_accepts_pdf(case):
    assert_accepted(made_pdfs.GOOD[case](), "report.pdf")


@pytest.mark.parametrize("case", made_pdfs.BAD)
def test_inspect_file_rejects_pdf(case):
    make, words = made_pdfs.BAD[case]
    assert_rejected(make(), "report.pdf", words, "application/pdf")


def test_inspect_file_rejects_zip_behind_pdf():
    assert_rejected(made_pdfs.by_hand() + made_pictures.zipped(), "a.pdf", "more than a PDF", "application/pdf")


def test_inspect_file_rejects_zip_that_ends_as_pdf():
    pdf = made_pdfs.by_hand()
    end = pdf[pdf.rindex(b"startxref") :]
    assert_rejected(
        pdf + made_offices.with_comment(made_pictures.zipped(), end), "a.pdf", "more than a PDF", "application/pdf"
    )


@pytest.mark.parametrize("case", made_pictures.GOOD)
def test_inspect_file_accepts_picture(case):
    name, make = made_pictures.GOOD[case]
    assert_accepted(make(), name)


@pytest.mark.parametrize("case", made_pictures.BAD)
def test_inspect_file_rejects_picture(case):
    name, make, words, media_type = made_pictures.BAD[case]
    assert_rejected(make(), name, words, media_type)


@pytest.mark.parametrize("case", made_offices.GOOD)
def test_inspect_file_accepts_office_file(case):
    name, make = made_offices.GOOD[case]
    assert_accepted(make(), name)


@pytest.mark.parametrize("case", made_offices.BAD)
def test_inspect_file_rejects_office_file(case):
    name, make, words, media_type = made_offices.BAD[case]
    assert_rejected(make(), name, words, media_type)


OTHERS = {
    "empty": ("a.pdf", b"", "empty", UNKNOWN),
    "text": ("a.txt", b"Dear all", "plain text", "text/plain"),
    "text called PDF": ("a.pdf", b"Dear all", "plain text", "text/plain"),
    "RTF": ("a.rtf", b"{\\rtf1 x}", "RTF", "application/rtf"),
    "page": ("a.html", b"<!DOCTYPE html><html></html>", "web page", "text/html"),
    "page called PDF": ("a.pdf", b"  <HTML><body>%PDF-1.4", "web page", "text/html"),
    "page before a PDF": ("a.pdf", b"<html>\n" + made_pdfs.by_hand(), "web page", "text/html"),
    "GIF before a PDF": ("a.pdf", b"GIF89a" + made_pdfs.by_hand(), "not a JPEG", "image/gif"),
    "line before a PDF": ("a.pdf", b"\n\n" + made_pdfs.by_hand(), "does not take", "application/pdf"),
    "SVG": ("a.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", "image/svg+xml"),
    "SVG called PNG": ("a.png", b"<svg onload='alert(1)'/>", "SVG", "image/svg+xml"),
    "shell script": ("a.pdf", b"#!/bin/sh\nrm -rf /", "program", "text/x-shellscript"),
    "PHP": ("a.php", b"<?php system($_GET['c']);", "program", "application/x-httpd-php"),
    "program": ("a.exe", b"MZ" + bytes(200), "program", "application/vnd.microsoft.portable-executable"),
    "ELF": ("a.pdf", b"\x7fELF" + bytes(200), "program", "application/x-executable"),
    "RAR": ("a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(50), "archive", "application/vnd.rar"),
    "7z": ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(50), "archive", "application/x-7z-compressed"),
    "gzip": ("a.gz", b"\x1f\x8b\x08" + bytes(50), "archive", "application/gzip"),
    "tar": ("a.tar", bytes(257) + b"ustar\x0000" + bytes(200), "archive", "application/x-tar"),
    "PostScript": ("a.ps", b"%!PS-Adobe-3.0\n", "PostScript", "application/postscript"),
    "XML": ("a.xml", b"<?xml version='1.0'?><a/>", "does not take", "application/xml"),
    "film": ("a.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(60), "does not take", "video/mp4"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_inspect_file_rejects_other_kind(case):
    name, content, words, media_type = OTHERS[case]
    finding = looked_at(content, name)
    assert finding.verdict is Verdict.REJECTED
    assert words in (finding.reason or "")
    if case != "line before a PDF":
        assert finding.media_type == media_type


def test_inspect_file_rejects_nonsense():
    assert looked_at(bytes(range(256)) * 9, "a.pdf").verdict is Verdict.REJECTED


ENDINGS = [ending for kind in KINDS for ending in kind.endings]
SAMPLES = {
    "application/pdf": made_pdfs.by_hand,
    "image/jpeg": made_pictures.jpeg,
    "image/png": made_pictures.png,
    "image/heic": made_pictures.heic,
    made_offices.DOCX: made_offices.docx,
    made_offices.XLSX: made_offices.xlsx,
    made_offices.ODT: made_offices.open_document,
    made_offices.ODS: lambda: made_offices.open_document(made_offices.ODS),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_inspect_file_wants_ending_of_content(kind):
    content = SAMPLES[kind.media_type]()
    verdicts = {ending: looked_at(content, f"a.{ending}").verdict for ending in [*ENDINGS, "exe", "doc", "zip"]}
    assert {ending for ending, verdict in verdicts.items() if verdict is Verdict.ACCEPTED} == set(kind.endings)


def test_inspect_file_says_how_to_rename():
    finding = looked_at(made_pdfs.by_hand(), "report.docx")
    assert finding.reason == (
        "This file is a PDF document, but its name ends in .docx. Rename it so that it ends in .pdf and send it again."
    )
    assert "no ending" in (looked_at(made_pdfs.by_hand(), "report").reason or "")


NAMES_REFUSED = {
    "control character": "a\x00.pdf",
    "line end": "a\r\nX-Evil: 1.pdf",
    "turned around": "invoice\u202efdp.exe.pdf",
    "isolate": "a\u2066b.pdf",
    "surrogate": "a\udcff.pdf",
    "line separator": "a\u2028.pdf",
    "folder": "../../etc/passwd.pdf",
    "Windows folder": "C:\\a.pdf",
    "no name": "   ",
    "dots": "..",
    "device": "NUL.pdf",
    "device with a number": "com1.pdf",
}


@pytest.mark.parametrize("case", NAMES_REFUSED)
def test_inspect_file_rejects_name(case):
    finding = looked_at(made_pdfs.by_hand(), NAMES_REFUSED[case])
    assert finding.verdict is Verdict.REJECTED
    assert finding.media_type == "application/pdf"


@pytest.mark.parametrize(
    "name",
    [
        "หนังสือรับรอง.pdf",
        "شهادة التسجيل.pdf",
        "\u200f\u05ea\u05e2\u05d5\u05d3\u05d4\u200e.pdf",
        "गृह मंत्रालय\u200d.pdf",
        "注册证书.PDF",
        "Été – 2026 & co; #3 'final' (1).pdf",
        "archive.tar.gz.pdf",
        ".hidden.pdf",
        "constitution.pdf",
        "a" * 240 + ".pdf",
        "\u0e01" * 500 + ".pdf",
        "Screenshot\u202f2026.pdf",
    ],
)
def test_inspect_file_accepts_name(name):
    assert_accepted(made_pdfs.by_hand(), name)


def padded(size: int) -> bytes:
    return made_pdfs.by_hand() + bytes(size - len(made_pdfs.by_hand()))


def test_inspect_file_accepts_largest_file():
    """A real PDF of exactly the limit: a scan with an incompressible picture."""
    pdf = made_pdfs.plain()
    pdf.pages[0].obj.Extra = pdf.make_stream(b"scan" * ((MAX_BYTES - 1000) // 4))
    content = made_pdfs.saved(pdf, compress_streams=False)
    content += bytes(MAX_BYTES - len(content))
    assert len(content) == MAX_BYTES
    assert_accepted(content, "a.pdf")


def test_inspect_file_rejects_one_byte_more():
    finding = looked_at(padded(MAX_BYTES + 1), "a.pdf")
    assert finding.verdict is Verdict.REJECTED
    assert (finding.reason or "").startswith("This file has 25.1 MB.")
    assert finding.media_type == "application/pdf"


def test_inspect_file_rejects_any_cut():
    """Wherever a transfer breaks off, the file is refused."""
    for content, name in (
        (made_pdfs.by_hand().rstrip(), "a.pdf"),
        (made_pictures.jpeg(made_pictures.noise((40, 30))), "a.jpg"),
        (made_pictures.png(made_pictures.noise((40, 30))), "a.png"),
        (made_offices.docx(), "a.docx"),
        (made_offices.open_document(), "a.odt"),
    ):
        step = max(1, len(content) // 150)
        accepted = [at for at in range(0, len(content), step) if looked_at(content[:at], name).is_accepted]
        assert accepted == []


def test_inspect_file_never_fails_on_changed_bytes():
    """Whatever one byte says, there is an answer."""
    for content, name in (
        (made_pdfs.printed(), "a.pdf"),
        (made_pictures.photo(), "a.jpg"),
        (made_pictures.screenshot(), "a.png"),
        (made_pictures.heic(made_pictures.noise((64, 64))), "a.heic"),
        (made_offices.illustrated(), "a.docx"),
        (made_offices.ods_with_chart(), "a.ods"),
    ):
        for at in range(0, len(content), max(1, len(content) // 60)):
            assert looked_at(made_pictures.flipped(content, at), name).verdict in set(Verdict)


def test_inspect_file_reads_a_file_from_its_start():
    file = io.BytesIO(made_pdfs.by_hand())
    file.seek(100)
    assert inspect_file(file, name="a.pdf").is_accepted
    assert not file.closed


def test_samples_of_bad_zips_are_what_they_say():
    """The lying and hiding archives of the corpus are real archives: a plain reader lists them."""
    for make in (made_offices.with_gap, made_offices.lying_about_size):
        assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(make())).namelist()
