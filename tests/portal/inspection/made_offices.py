"""Word, Excel and OpenDocument files made for the tests, part by part: ordinary ones and dangerous ones."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable

from tests.portal.inspection.made_pictures import jpeg, jpeg_of, png, png_of, zipped

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
WORD_MAIN = f"{DOCX}.main+xml"
Parts = dict[str, bytes | str]


def zip_of(
    parts: Parts, *, stored: frozenset[str] = frozenset(), infos: dict[str, zipfile.ZipInfo] | None = None
) -> bytes:
    """A zip of parts, in their order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            entry = (infos or {}).get(name) or zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return target.getvalue()


def relations(*targets: tuple[str, str, bool]) -> str:
    """A part of relations: (kind, target, outside)."""
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/relationships/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if outside else "/>")
        for number, (kind, target, outside) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def types(main: str, part: str, *more: tuple[str, str]) -> str:
    """[Content_Types].xml with one main part."""
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in [(part, main), *more])
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="png" ContentType="image/png"/><Default Extension="jpeg" ContentType="image/jpeg"/>'
        f"{overrides}</Types>"
    )


def word(
    more: Parts | None = None, body: str = "<w:p><w:r><w:t>Report</w:t></w:r></w:p>", main: str = WORD_MAIN
) -> Parts:
    """The parts of a Word file."""
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return {
        "[Content_Types].xml": types(main, "word/document.xml"),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", False)),
        "word/document.xml": f'{XML}<w:document xmlns:w="{w}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'{XML}<w:styles xmlns:w="{w}"/>',
        "docProps/core.xml": f'{XML}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"/>',
        **(more or {}),
    }


def excel(more: Parts | None = None, rows: int = 20, main: str = f"{XLSX}.main+xml") -> Parts:
    """The parts of an Excel file."""
    s = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join(f'<row r="{row}"><c r="A{row}"><v>{row * 7919 % 10007}</v></c></row>' for row in range(1, rows + 1))
    return {
        "[Content_Types].xml": types(main, "xl/workbook.xml"),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml", False)),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{s}"><sheets/></workbook>',
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml", False)),
        "xl/worksheets/sheet1.xml": f'{XML}<worksheet xmlns="{s}"><sheetData>{cells}</sheetData></worksheet>',
        **(more or {}),
    }


def open_document(
    kind: str = ODT, more: Parts | None = None, body: str = "<text:p>Report</text:p>", manifest: str = ""
) -> bytes:
    """An OpenDocument file."""
    o = "urn:oasis:names:tc:opendocument:xmlns"
    space = (
        f'xmlns:office="{o}:office:1.0" xmlns:text="{o}:text:1.0" xmlns:draw="{o}:drawing:1.0" '
        f'xmlns:script="{o}:script:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:table="{o}:table:1.0"'
    )
    parts: Parts = {
        "mimetype": kind,
        "content.xml": f"{XML}<office:document-content {space}><office:scripts/><office:body>{body}</office:body>"
        "</office:document-content>",
        "styles.xml": f"{XML}<office:document-styles {space}/>",
        "meta.xml": f"{XML}<office:document-meta {space}/>",
        "Thumbnails/thumbnail.png": png(),
        "META-INF/manifest.xml": f'{XML}<manifest:manifest xmlns:manifest="{o}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}">{manifest}</manifest:file-entry>'
        "</manifest:manifest>",
        **(more or {}),
    }
    return zip_of(parts, stored=frozenset({"mimetype"}))


def docx(**options) -> bytes:
    return zip_of(word(**options))


def xlsx(**options) -> bytes:
    return zip_of(excel(**options))


def with_relation(part: str, *targets: tuple[str, str, bool]) -> bytes:
    """A Word or Excel file with relations of one of its parts."""
    return (docx if part.startswith("word/") else xlsx)(more={part: relations(*targets)})


# --- what people really send ----------------------------------------------------------------------


def illustrated() -> bytes:
    """Pictures, a link, a header, a chart with its workbook, an icon: what Word writes into a report."""
    return docx(
        more={
            "word/_rels/document.xml.rels": relations(
                ("image", "media/image1.png", False),
                ("image", "media/image2.jpeg", False),
                ("hyperlink", "https://example.org/", True),
                ("hyperlink", "mailto:office@example.org", True),
                ("header", "header1.xml", False),
                ("chart", "charts/chart1.xml", False),
            ),
            "word/media/image1.png": png(),
            "word/media/image2.jpeg": jpeg(),
            "word/media/image3.svg": '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
            "word/header1.xml": f"{XML}<header/>",
            "word/charts/chart1.xml": f"{XML}<chart/>",
            "word/charts/_rels/chart1.xml.rels": relations(
                ("package", "../embeddings/Microsoft_Excel_Worksheet.xlsx", False)
            ),
            "word/embeddings/Microsoft_Excel_Worksheet.xlsx": xlsx(),
            "word/fonts/font1.odttf": bytes(range(256)) * 20,
            "customXml/item1.xml": f"{XML}<b:Sources xmlns:b='b'/>",
        }
    )


def with_own_template() -> bytes:
    return with_relation(
        "word/_rels/settings.xml.rels", ("attachedTemplate", "file:///C:\\Users\\x\\Letter.dotx", True)
    )


def with_fields() -> bytes:
    body = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r></w:p>'
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "https://x.org/DDE"'
        "</w:instrText></w:r><w:r><w:t>DDE is an old technique</w:t></w:r></w:p>"
    )
    return docx(body=body)


def utf16() -> bytes:
    return docx(more={"docProps/app.xml": '<?xml version="1.0" encoding="UTF-16"?><Properties/>'.encode("utf-16")})


def excel_with_comments() -> bytes:
    """Excel's own drawings of comments are not well-formed XML."""
    parts = excel(more={"xl/drawings/vmlDrawing1.vml": "<xml><v:shape><div>a<br>b</div></v:shape></xml>"})
    parts["[Content_Types].xml"] = str(parts["[Content_Types].xml"]).replace(
        "<Override", '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
        '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        'printerSettings"/><Override', 1,
    )  # fmt: skip
    parts["xl/printerSettings/printerSettings1.bin"] = "HP LaserJet".encode("utf-16-le") + bytes(200)
    return zip_of(parts)


def streamed() -> bytes:
    """Written without seeking: the sizes follow the members, as web programs do it."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, piece) -> int:
            self.parts.append(bytes(piece))
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in word().items():
            archive.writestr(name, body)
    return b"".join(pipe.parts)


def with_folders() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("word")
        for name, body in word().items():
            archive.writestr(name, body)
    return target.getvalue()


def ods_with_chart() -> bytes:
    return open_document(
        ODS,
        more={
            "Object 1/content.xml": f"{XML}<a/>",
            "ObjectReplacements/Object 1": b"VCLMTF" + bytes(40),
            "Configurations2/accelerator/current.xml": "",
            "Pictures/a.png": png(),
        },
        body='<table:table><draw:object xlink:href="./Object 1"/><draw:image xlink:href="Pictures/a.png"/>'
        '<text:a xlink:href="https://example.org/">x</text:a></table:table>',
    )


GOOD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "Word": ("report.docx", docx),
    "Word, illustrated": ("Report (final).DOCX", illustrated),
    "Word, streamed": ("a.docx", streamed),
    "Word, with folders": ("a.docx", with_folders),
    "Word, own template": ("a.docx", with_own_template),
    "Word, fields": ("a.docx", with_fields),
    "Word, UTF-16": ("a.docx", utf16),
    "Excel": ("budget.xlsx", xlsx),
    "Excel, large": ("budget.xlsx", lambda: xlsx(rows=60_000)),
    "Excel, comments": ("budget.xlsx", excel_with_comments),
    "Excel, link to a workbook beside it": (
        "budget.xlsx",
        lambda: with_relation("xl/externalLinks/_rels/externalLink1.xml.rels", ("externalLinkPath", "2025.xlsx", True)),
    ),
    "OpenDocument text": ("a.odt", open_document),
    "OpenDocument spreadsheet": ("a.ods", ods_with_chart),
    "OpenDocument text, link": ("a.odt", lambda: open_document(body='<text:a xlink:href="http://example.org/"/>')),
}


# --- what nobody should send ----------------------------------------------------------------------


def macro_word(main: str = WORD_MAIN) -> bytes:
    return docx(main=main, more={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)})


def doctype(body: str) -> bytes:
    return docx(more={"word/footnotes.xml": body})


def entry(name: str, mode: int) -> dict[str, zipfile.ZipInfo]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return {name: info}


def with_flag(raw: bytes, flag: int) -> bytes:
    """A zip whose members carry a flag, in the directory and in front of each."""
    out = bytearray(raw)
    for magic, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = out.find(magic)
        while at >= 0:
            out[at + place] |= flag
            at = out.find(magic, at + 4)
    return bytes(out)


def lying_about_size() -> bytes:
    """A Word file with a part that says it is small and is not."""
    raw = docx(more={"word/media/image1.png": bytes(3_000_000)})
    true, said = struct.pack("<I", 3_000_000), struct.pack("<I", 1000)
    return raw.replace(true, said)


def with_gap() -> bytes:
    """A second archive hidden between the parts and the directory of the first."""
    raw = docx()
    start = raw.index(b"PK\x01\x02")
    hidden = zipped("evil.txt", b"x" * 3000)
    end = raw.rindex(b"PK\x05\x06")
    record = bytearray(raw[end:])
    record[16:20] = struct.pack("<I", start + len(hidden))
    return raw[:start] + hidden + raw[start:end] + bytes(record)


def ole(*names: str) -> bytes:
    """The start of an OLE container with streams of these names."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + b"".join(n.encode("utf-16-le") + bytes(64) for n in names)


def nested(levels: int) -> bytes:
    inner = xlsx()
    for _ in range(levels):
        inner = xlsx(more={"xl/embeddings/a.xlsx": inner})
    return inner


def renamed_main(kind: str) -> Callable[[], bytes]:
    return lambda: docx(main=kind)


DDE_SPLIT = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DD</w:instrText></w:r>'
    "<w:r><w:instrText>EAUTO c:\\\\windows\\\\system32\\\\cmd.exe</w:instrText></w:r></w:p>"
)
BAD: dict[str, tuple[str, Callable[[], bytes], str, str]] = {
    "docm": (
        "a.docm",
        lambda: macro_word("application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macros",
        "application/vnd.ms-word.document.macroEnabled.12",
    ),
    "docm called docx": (
        "a.docx",
        lambda: macro_word("application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macros",
        "application/vnd.ms-word.document.macroEnabled.12",
    ),
    "docm disguised as docx": ("a.docx", macro_word, "macros", DOCX),
    "xlsm called xlsx": (
        "a.xlsx",
        lambda: xlsx(main="application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        "macros",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
    ),
    "old Excel macros": ("a.xlsx", lambda: xlsx(more={"xl/macrosheets/sheet1.xml": "<a/>"}), "macros", XLSX),
    "macro by relation": (
        "a.docx",
        lambda: with_relation("word/_rels/document.xml.rels", ("vbaProject", "a.bin", False)),
        "macros",
        DOCX,
    ),
    "template": (
        "a.dotx",
        renamed_main("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
        "template",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    ),
    "presentation": (
        "a.pptx",
        renamed_main("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"),
        "does not take this kind",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    "template from the web": (
        "a.docx",
        lambda: with_relation("word/_rels/settings.xml.rels", ("attachedTemplate", "https://example.org/a.dotm", True)),
        "fetches content",
        DOCX,
    ),
    "template from a share": (
        "a.docx",
        lambda: with_relation("word/_rels/settings.xml.rels", ("attachedTemplate", "file:////server/a.dotm", True)),
        "fetches content",
        DOCX,
    ),
    "template from a share, by host": (
        "a.docx",
        lambda: with_relation("word/_rels/settings.xml.rels", ("attachedTemplate", "\\\\server\\a.dotm", True)),
        "fetches content",
        DOCX,
    ),
    "picture from the web": (
        "a.docx",
        lambda: with_relation("word/_rels/document.xml.rels", ("image", "http://example.org/a.png", True)),
        "fetches content",
        DOCX,
    ),
    "workbook on the web": (
        "a.xlsx",
        lambda: with_relation(
            "xl/externalLinks/_rels/externalLink1.xml.rels", ("externalLinkPath", "https://e.org/a.xlsx", True)
        ),
        "fetches content",
        XLSX,
    ),
    "linked object": (
        "a.docx",
        lambda: with_relation("word/_rels/document.xml.rels", ("oleObject", "https://example.org/a.html!", True)),
        "another file",
        DOCX,
    ),
    "object": ("a.docx", lambda: docx(more={"word/embeddings/oleObject1.bin": ole()}), "another file", DOCX),
    "object under another name": ("a.docx", lambda: docx(more={"word/media/image1.png": ole()}), "another file", DOCX),
    "ActiveX": ("a.docx", lambda: docx(more={"word/activeX/activeX1.xml": "<a/>"}), "another file", DOCX),
    "page of HTML inside": (
        "a.docx",
        lambda: with_relation("word/_rels/document.xml.rels", ("aFChunk", "a.html", False)),
        "another file",
        DOCX,
    ),
    "DDE": ("a.docx", lambda: docx(body='<w:fldSimple w:instr="DDEAUTO c:\\cmd.exe"/>'), "fetches content", DOCX),
    "DDE in two pieces": ("a.docx", lambda: docx(body=DDE_SPLIT), "fetches content", DOCX),
    "DDE in Excel": (
        "a.xlsx",
        lambda: xlsx(
            more={"xl/externalLinks/externalLink1.xml": "<externalLink><ddeLink ddeService='cmd'/></externalLink>"}
        ),
        "fetches content",
        XLSX,
    ),
    "entities": (
        "a.docx",
        lambda: doctype('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        "definitions",
        DOCX,
    ),
    "entities in UTF-16": (
        "a.docx",
        lambda: docx(
            more={"word/a.xml": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []><x/>'.encode("utf-16")}
        ),
        "definitions",
        DOCX,
    ),
    "entities in a relation": (
        "a.xlsx",
        lambda: xlsx(more={"xl/worksheets/_rels/sheet1.xml.rels": "<!DOCTYPE x SYSTEM 'http://e.org/x.dtd'><x/>"}),
        "definitions",
        XLSX,
    ),
    "entities in a drawing": (
        "a.docx",
        lambda: docx(more={"word/media/a.svg": "<!DOCTYPE svg []><svg/>"}),
        "definitions",
        DOCX,
    ),
    "script in a drawing": (
        "a.docx",
        lambda: docx(more={"word/media/a.svg": "<svg><script>1</script></svg>"}),
        "another file",
        DOCX,
    ),
    "broken XML": ("a.docx", lambda: docx(more={"word/styles.xml": "<a><b></a>"}), "damaged", DOCX),
    "no main part": (
        "a.docx",
        lambda: zip_of({k: v for k, v in word().items() if k != "word/document.xml"}),
        "damaged",
        DOCX,
    ),
    "program inside": ("a.docx", lambda: docx(more={"word/media/a.png": b"\x7fELF" + bytes(99)}), "another file", DOCX),
    "archive inside": ("a.docx", lambda: docx(more={"word/media/a.png": zipped()}), "another file", DOCX),
    "PDF inside": ("a.docx", lambda: docx(more={"word/embeddings/a.bin": b"%PDF-1.7\n"}), "another file", DOCX),
    "macros in an inner workbook": (
        "a.docx",
        lambda: docx(more={"word/embeddings/a.xlsx": xlsx(more={"xl/vbaProject.bin": b"x"})}),
        "macros",
        DOCX,
    ),
    "nested too deep": ("a.xlsx", lambda: nested(4), "unpacks to far more", XLSX),
    "flood inside": (
        "a.docx",
        lambda: docx(more={"word/media/a.png": png_of(50_000, 50_000)}),
        "too many pixels",
        DOCX,
    ),
    "flood inside, JPEG": (
        "a.docx",
        lambda: docx(more={"word/media/a.jpeg": jpeg_of(60_000, 60_000)}),
        "too many pixels",
        DOCX,
    ),
    "bomb": ("a.docx", lambda: docx(more={"word/media/a.bmp": bytes(50_000_000)}), "unpacks to far more", DOCX),
    "bomb in XML": (
        "a.xlsx",
        lambda: xlsx(more={"xl/a.xml": "<a>" + " " * 400_000_000 + "</a>"}),
        "unpacks to far more",
        XLSX,
    ),
    "too many parts": (
        "a.docx",
        lambda: docx(more={f"word/a{n}.txt": b"" for n in range(6_000)}),
        "unpacks to far more",
        DOCX,
    ),
    "lies about a size": ("a.docx", lying_about_size, "damaged", DOCX),
    "link in the archive": (
        "a.docx",
        lambda: zip_of(word(more={"word/a.xml": "/etc/passwd"}), infos=entry("word/a.xml", stat.S_IFLNK | 0o777)),
        "more than a document",
        DOCX,
    ),
    "device in the archive": (
        "a.docx",
        lambda: zip_of(word(more={"word/a.xml": ""}), infos=entry("word/a.xml", stat.S_IFCHR | 0o666)),
        "more than a document",
        DOCX,
    ),
    "path upwards": ("a.docx", lambda: docx(more={"../../etc/cron.d/x": "x"}), "more than a document", DOCX),
    "path upwards, Windows": ("a.docx", lambda: docx(more={"word\\..\\..\\x.dll": "x"}), "more than a document", DOCX),
    "path from the root": ("a.docx", lambda: docx(more={"/etc/cron.d/x": "x"}), "more than a document", DOCX),
    "path of a drive": ("a.docx", lambda: docx(more={"C:/x.exe": "x"}), "more than a document", DOCX),
    "two parts of one name": ("a.docx", lambda: docx(more={"word/Document.xml": "<a/>"}), "more than a document", DOCX),
    "encrypted members": ("a.docx", lambda: with_flag(docx(), 1), "password", DOCX),
    "page in front": ("a.docx", lambda: b"<html>" + docx(), "web page", "text/html"),
    "page behind": ("a.docx", lambda: docx() + b"<html><script>1</script>", "more than a document", DOCX),
    "page in the comment": ("a.docx", lambda: with_comment(docx(), b"<html>"), "more than a document", DOCX),
    "archive between": ("a.docx", with_gap, "more than a document", DOCX),
    "cut": ("a.docx", lambda: docx()[:-100], "damaged", DOCX),
    "cut in the middle": ("a.xlsx", lambda: xlsx()[:700], "damaged", XLSX),
    "damaged part": ("a.xlsx", lambda: spoilt(xlsx()), "damaged", XLSX),
    "encrypted Word file": ("a.docx", lambda: ole("EncryptedPackage"), "password", "application/x-ole-storage"),
    "old Word file": ("a.doc", lambda: ole("WordDocument"), "old Word or Excel", "application/msword"),
    "old Word file called docx": ("a.docx", lambda: ole("WordDocument"), "old Word or Excel", "application/msword"),
    "old Excel file": ("a.xls", lambda: ole("Workbook"), "old Word or Excel", "application/vnd.ms-excel"),
    "unknown OLE": ("a.xls", lambda: ole("Something"), "old Word or Excel", "application/x-ole-storage"),
    "macros in ODT": ("a.odt", lambda: open_document(more={"Basic/Standard/Module1.xml": "<a/>"}), "macros", ODT),
    "scripts in ODS": ("a.ods", lambda: open_document(ODS, more={"Scripts/python/a.py": "1"}), "macros", ODS),
    "event in ODT": (
        "a.odt",
        lambda: open_document(body='<script:event-listener xlink:href="vnd.sun.star.script:a?language=Basic"/>'),
        "macros",
        ODT,
    ),
    "macro link in ODT": (
        "a.odt",
        lambda: open_document(body='<text:a xlink:href="vnd.sun.star.script:a"/>'),
        "macros",
        ODT,
    ),
    "encrypted ODT": (
        "a.odt",
        lambda: open_document(manifest="<manifest:encryption-data/>"),
        "password",
        ODT,
    ),
    "encrypted whole ODT": ("a.odt", lambda: open_document(more={"encrypted-package": b"x"}), "password", ODT),
    "picture from the web in ODT": (
        "a.odt",
        lambda: open_document(body='<draw:image xlink:href="https://example.org/a.png"/>'),
        "fetches content",
        ODT,
    ),
    "section from a share": (
        "a.odt",
        lambda: open_document(body='<text:section-source xlink:href="file:////server/a.odt"/>'),
        "fetches content",
        ODT,
    ),
    "DDE in ODS": ("a.ods", lambda: open_document(ODS, body="<office:dde-source/>"), "fetches content", ODS),
    "program in ODT": ("a.odt", lambda: open_document(body="<draw:applet/>"), "another file", ODT),
    "OLE object in ODT": ("a.odt", lambda: open_document(more={"Object 1": ole()}), "another file", ODT),
    "entities in ODT": (
        "a.odt",
        lambda: open_document(more={"settings.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}),
        "definitions",
        ODT,
    ),
    "ODT without a manifest": (
        "a.odt",
        lambda: zip_of({"mimetype": ODT, "content.xml": "<a/>"}, stored=frozenset({"mimetype"})),
        "damaged",
        ODT,
    ),
    "ODP": (
        "a.odp",
        lambda: open_document("application/vnd.oasis.opendocument.presentation"),
        "does not take this kind",
        "application/vnd.oasis.opendocument.presentation",
    ),
    "zip": ("a.zip", zipped, "archive", "application/zip"),
    "zip called docx": ("a.docx", zipped, "archive", "application/zip"),
    "empty zip": ("a.zip", lambda: b"PK\x05\x06" + bytes(18), "archive", "application/zip"),
    "Java": ("a.jar", lambda: zipped("META-INF/MANIFEST.MF"), "archive", "application/java-archive"),
    "Pages": ("a.pages", lambda: zipped("Index/Document.iwa"), "Pages", "application/vnd.apple.iwork"),
}


def with_comment(raw: bytes, comment: bytes) -> bytes:
    """A zip with a comment at its end."""
    return raw[:-2] + struct.pack("<H", len(comment)) + comment


def spoilt(raw: bytes) -> bytes:
    """A zip in which some bytes of a packed part were changed."""
    at = raw.index(b"sheet1.xml") + 60
    return raw[:at] + b"\x00\xff\x00\xff" + raw[at + 4 :]
