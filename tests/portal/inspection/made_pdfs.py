"""PDFs made for the tests: ordinary ones of many kinds, and ones that no vault should take."""

import io
import re
import warnings
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from weasyprint import HTML, Attachment

PAGE = """<html lang=en><head><title>Report</title></head><body>
<h1>Annual report</h1>
<p>Thai: รายงานประจำปี. A <a href="https://example.org/">link</a>, a <a href="#two">jump</a>.</p>
<table><tr><td>Income</td><td>1,200</td></tr></table>
<h2 id=two>Second</h2><form><input name=a value=b></form></body></html>"""


def printed(html: str = PAGE, **options) -> bytes:
    """A PDF as WeasyPrint writes it (which leaves the colour profile of a PDF/A open)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return HTML(string=html).write_pdf(**options)


def plain(pages: int = 1) -> pikepdf.Pdf:
    """A small PDF with words on each page."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(pages):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = pdf.make_stream(b"BT /F1 24 Tf 72 700 Td (Page %d) Tj ET" % (number + 1))
    return pdf


def saved(pdf: pikepdf.Pdf, **options) -> bytes:
    """The bytes of a PDF."""
    target = io.BytesIO()
    pdf.save(target, **options)
    return target.getvalue()


def changed(change: Callable[[pikepdf.Pdf], None], **options) -> bytes:
    """A small PDF after ``change``."""
    pdf = plain(2)
    change(pdf)
    return saved(pdf, **options)


# --- what people really send ----------------------------------------------------------------------


def with_outline() -> bytes:
    pdf = plain(3)
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Start", 0))
        outline.root[0].children.append(pikepdf.OutlineItem("More", 2))
    return saved(pdf)


def with_metadata() -> bytes:
    pdf = plain()
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = "Annual report"
    return saved(pdf)


def with_opening_view() -> bytes:
    pdf = plain(2)
    pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.FitH, 800])
    return saved(pdf)


def with_opening_jump() -> bytes:
    pdf = plain(2)
    pdf.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]))
    return saved(pdf)


def with_link() -> bytes:
    pdf = plain()
    action = Dictionary(S=Name.URI, URI=String("https://example.org/"))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), F=4, A=action)
    pdf.pages[0].Annots = Array([pdf.make_indirect(note)])
    return saved(pdf)


def with_form() -> bytes:
    pdf = plain()
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("A (/JS) name"), F=4,
            Rect=Array([50, 50, 200, 70]),
        )
    )  # fmt: skip
    pdf.pages[0].Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), NeedAppearances=True)
    return saved(pdf)


def with_comments() -> bytes:
    pdf = plain()
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), Contents=String("Launch in 2026"))
    pdf.pages[0].Annots = Array([pdf.make_indirect(note)])
    return saved(pdf)


def with_words_about_scripts() -> bytes:
    pdf = plain()
    pdf.pages[0].Contents = pdf.make_stream(b"BT /F1 9 Tf (/JavaScript /Launch /AA <script>alert</script>) Tj ET")
    pdf.docinfo.Title = String("/OpenAction << /S /JavaScript >>")
    return saved(pdf)


def with_font_called_js() -> bytes:
    pdf = plain()
    pdf.pages[0].Resources.Font.JS = pdf.pages[0].Resources.Font.F1
    return saved(pdf)


def with_empty_name_tree() -> bytes:
    return changed(lambda pdf: setattr(pdf.Root, "Names", Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))))


def scan() -> bytes:
    """A scan: one JPEG a page, as a copier writes it."""
    picture = io.BytesIO()
    Image.effect_noise((600, 800), 60).convert("RGB").save(picture, "JPEG", quality=50)
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(600, 800))
    image = pdf.make_stream(picture.getvalue())
    image.update(
        Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=600, Height=800, BitsPerComponent=8, ColorSpace=Name.DeviceRGB,
            Filter=Name.DCTDecode,
        )
    )  # fmt: skip
    page.Resources = Dictionary(XObject=Dictionary(Im0=image))
    page.Contents = pdf.make_stream(b"q 600 0 0 800 0 0 cm /Im0 Do Q")
    return saved(pdf)


def pillow_scan() -> bytes:
    target = io.BytesIO()
    picture = Image.effect_noise((400, 500), 60).convert("L")
    picture.save(target, "PDF", save_all=True, append_images=[picture, picture])
    return target.getvalue()


def by_hand() -> bytes:
    """PDF 1.3 with a classic cross-reference table, as old programs write it, with a comment of high bytes."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        b"<< /Length 20 >>\nstream\n0 0 m 100 100 l S   \nendstream",
    ]
    out = b"%PDF-1.3\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def updated() -> bytes:
    """A PDF changed once more by an incremental update, as signing programs do: two ends, one file."""
    first = by_hand()
    start = int(re.findall(rb"startxref\s+(\d+)", first)[-1])
    at = len(first)
    out = first + b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R >>\nendobj\n"
    table = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n3 1\n%010d 00000 n \n" % at
    return out + b"trailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF" % (start, table)


GOOD: dict[str, Callable[[], bytes]] = {
    "weasyprint": printed,
    "weasyprint with a form": lambda: printed(pdf_forms=True),
    "tagged": lambda: printed(pdf_tags=True),
    "PDF/A-3 without attachments": lambda: printed(pdf_variant="pdf/a-3u"),
    "PDF/UA": lambda: printed(pdf_variant="pdf/ua-1"),
    "uncompressed": lambda: printed(uncompressed_pdf=True),
    "many pages": lambda: saved(plain(120)),
    "linearised": lambda: saved(plain(5), linearize=True),
    "PDF 1.3": by_hand,
    "PDF 1.4": lambda: saved(plain(), force_version="1.4", object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "PDF 1.5, object streams": lambda: saved(plain(), object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "PDF 2.0": lambda: saved(plain(), min_version="2.0"),
    "incremental update": updated,
    "line ends behind the end": lambda: by_hand() + b"\r\n\r\n",
    "zero bytes behind the end": lambda: by_hand() + bytes(500),
    "a kilobyte and more of padding": lambda: by_hand() + b"\n" * 200_000,
    "an empty tree of scripts": lambda: changed(
        lambda pdf: setattr(pdf.Root, "Names", Dictionary(JavaScript=Dictionary(Names=Array([]))))
    ),
    "outline": with_outline,
    "metadata": with_metadata,
    "opening view": with_opening_view,
    "opening jump": with_opening_jump,
    "link": with_link,
    "form": with_form,
    "comment": with_comments,
    "words about scripts": with_words_about_scripts,
    "a font called JS": with_font_called_js,
    "an empty tree of attachments": with_empty_name_tree,
    "scan": scan,
    "scan by Pillow": pillow_scan,
}


# --- what nobody should send ----------------------------------------------------------------------


def script() -> Dictionary:
    """An action that runs a script."""
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def with_script_in_object_stream() -> bytes:
    return changed(
        lambda pdf: setattr(pdf.Root, "OpenAction", pdf.make_indirect(script())),
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )


def with_escaped_names() -> bytes:
    """The names written with escapes, as a filter that searches for text would miss them."""
    return with_unused_object(b"<< /S /J#61vaScrip#74 /#4AS (app.alert\\(1\\)) >>")


def with_nested_script() -> bytes:
    hidden = Dictionary(A=Array([Dictionary(B=Dictionary(C=Array([script()])))]))
    return changed(lambda pdf: setattr(pdf.pages[0].obj, "PieceInfo", hidden))


def with_script_as_stream() -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=pdf.make_stream(b"app.alert(1)"))

    return changed(change)


def with_script_in_name_tree() -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), pdf.make_indirect(script())])))

    return changed(change)


def with_unused_object(body: bytes) -> bytes:
    """A PDF updated by an object that no page reaches."""
    first = by_hand()
    start = int(re.findall(rb"startxref\s+(\d+)", first)[-1])
    at = len(first)
    out = first + b"9 0 obj\n" + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n9 1\n%010d 00000 n \n" % at
    return out + b"trailer\n<< /Size 10 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF" % (start, table)


def with_script_in_unused_object() -> bytes:
    return with_unused_object(b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>")


def acting(**action) -> bytes:
    """A PDF with a link that does ``action``."""

    def change(pdf: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(**action))
        pdf.pages[0].Annots = Array([pdf.make_indirect(note)])

    return changed(change)


def annotated(subtype: str, **more) -> bytes:
    """A PDF with one annotation of a kind."""

    def change(pdf: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=Array([0, 0, 9, 9]), **more)
        pdf.pages[0].Annots = Array([pdf.make_indirect(note)])

    return changed(change)


def with_attachment() -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["a.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ", filename="a.exe")

    return changed(change)


def with_xfa() -> bytes:
    return changed(lambda pdf: setattr(pdf.Root, "AcroForm", Dictionary(Fields=Array([]), XFA=String("<xdp/>"))))


def encrypted(user: str) -> bytes:
    return saved(plain(), encryption=pikepdf.Encryption(owner="owner", user=user, R=6))


def with_external_stream() -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        stream = pdf.make_stream(b"")
        stream.F = Dictionary(Type=Name.Filespec, F=String("http://example.org/a"))
        pdf.pages[0].Contents = stream

    return changed(change)


def with_flood() -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        image = pdf.make_stream(zlib.compress(bytes(1000)))
        image.update(
            Dictionary(
                Type=Name.XObject, Subtype=Name.Image, Width=60000, Height=60000, BitsPerComponent=8,
                ColorSpace=Name.DeviceRGB, Filter=Name.FlateDecode,
            )
        )  # fmt: skip
        pdf.pages[0].Resources.XObject = Dictionary(Im0=image)

    return changed(change)


def bomb(size: int, layers: int = 1) -> bytes:
    """A PDF with a page whose content unpacks to ``size`` bytes."""
    pack = zlib.compressobj(9)
    packed = b"".join(pack.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)) + pack.flush()
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)
    pdf = plain()
    stream = pikepdf.Stream(pdf, packed)
    stream.Filter = Array([Name.FlateDecode] * layers) if layers > 1 else Name.FlateDecode
    pdf.pages[0].Contents = pdf.make_indirect(stream)
    return saved(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def with_broken_content() -> bytes:
    pdf = plain()
    packed = bytearray(zlib.compress(b"0 0 m 100 100 l S " * 200))
    packed[10:14] = b"\xff\xff\xff\xff"
    stream = pikepdf.Stream(pdf, bytes(packed))
    stream.Filter = Name.FlateDecode
    pdf.pages[0].Contents = pdf.make_indirect(stream)
    return saved(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def without_pages() -> bytes:
    return saved(pikepdf.new())


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "script at opening": (lambda: changed(lambda pdf: setattr(pdf.Root, "OpenAction", script())), "scripts"),
    "script in an object stream": (with_script_in_object_stream, "scripts"),
    "script in escaped names": (with_escaped_names, "scripts"),
    "script deep in direct objects": (with_nested_script, "scripts"),
    "script as a stream": (with_script_as_stream, "scripts"),
    "script in the name tree": (with_script_in_name_tree, "scripts"),
    "script in an unused object": (with_script_in_unused_object, "scripts"),
    "script address": (lambda: acting(S=Name.URI, URI=String("JavaScript:alert(1)")), "scripts"),
    "script in a chain of actions": (
        lambda: acting(S=Name.URI, URI=String("https://example.org/"), Next=Array([script()])),
        "scripts",
    ),
    "launch": (lambda: acting(S=Name.Launch, F=String("cmd.exe")), "scripts"),
    "form that sends itself": (lambda: acting(S=Name.SubmitForm, F=String("https://example.org/")), "scripts"),
    "import of data": (lambda: acting(S=Name.ImportData, F=String("a.fdf")), "scripts"),
    "address at opening": (
        lambda: changed(
            lambda pdf: setattr(pdf.Root, "OpenAction", Dictionary(S=Name.URI, URI=String("https://example.org/")))
        ),
        "scripts",
    ),
    "actions of a page": (
        lambda: changed(
            lambda pdf: setattr(
                pdf.pages[0].obj, "AA", Dictionary(O=Dictionary(S=Name.URI, URI=String("https://example.org/")))
            )
        ),
        "scripts",
    ),
    "jump into an attachment": (lambda: acting(S=Name.GoToE, T=Dictionary(R=Name.C)), "other files"),
    "XFA form": (with_xfa, "XFA"),
    "attachment": (with_attachment, "other files"),
    "attachment by WeasyPrint": (
        lambda: HTML(string=PAGE).write_pdf(attachments=[Attachment(string="x", name="x.txt")]),
        "other files",
    ),
    "attachment on a page": (lambda: annotated("FileAttachment", FS=Dictionary(F=String("a"))), "other files"),
    "portfolio": (
        lambda: changed(lambda pdf: setattr(pdf.Root, "Collection", Dictionary(View=Name.D))),
        "portfolio",
    ),
    "rich media": (lambda: annotated("RichMedia", RichMediaContent=Dictionary()), "sound, film"),
    "film": (lambda: annotated("Movie"), "sound, film"),
    "3D": (lambda: annotated("3D"), "sound, film"),
    "content in another file": (with_external_stream, "another file"),
    "password": (lambda: encrypted("secret"), "asks for a password"),
    "protected without a password": (lambda: encrypted(""), "protected"),
    "pixel flood": (with_flood, "unpacks to far more"),
    "unpacks to 500 MB": (lambda: bomb(500_000_000), "unpacks to far more"),
    "unpacks to 500 MB in two layers": (lambda: bomb(500_000_000, 2), "unpacks to far more"),
    "broken content": (with_broken_content, "damaged"),
    "no pages": (without_pages, "no pages"),
    "cut in the middle": (lambda: printed()[: len(printed()) // 2], "damaged"),
    "cut by ten bytes": (lambda: by_hand()[:-10], "damaged"),
    "cut within its end": (lambda: by_hand()[:-3], "damaged"),
    "wrong place of the table": (lambda: by_hand().replace(b"startxref\n2", b"startxref\n1"), "damaged"),
    "no version": (lambda: by_hand().replace(b"%PDF-1.3", b"%PDF-abc"), "damaged"),
    "a page of HTML behind": (lambda: by_hand() + b"<html><script>alert(1)</script></html>", "more than a PDF"),
    "a page of HTML in front of the objects": (
        lambda: saved_with_comment(b"%<html><script>alert(1)</script>\n"),
        "more than a PDF",
    ),
    "a page of HTML behind padding": (lambda: by_hand() + bytes(200_000) + b"<html>", "damaged"),
    "a page of HTML between two ends": (
        lambda: by_hand() + b"<html><script>alert(1)</script></html>\n" + by_hand()[by_hand().rindex(b"startxref") :],
        "more than a PDF",
    ),
    "only the first bytes": (lambda: b"%PDF-1.7\n", "damaged"),
}


def saved_with_comment(comment: bytes) -> bytes:
    """A hand-made PDF with a comment behind its first line and its places right."""
    raw = by_hand()
    head, rest = raw[:9], raw[9:]
    out = head + comment + rest
    shift = len(comment)
    out = re.sub(rb"(\d{10}) 00000 n", lambda m: b"%010d 00000 n" % (int(m[1]) + shift), out)
    return re.sub(rb"startxref\n(\d+)", lambda m: b"startxref\n%d" % (int(m[1]) + shift), out)
