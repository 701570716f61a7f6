"""HTML to PDF, made as PDF/A-3a, without any fetch, with the same bytes for the same HTML and attachments."""

import io
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from weasyprint import CSS, HTML, Attachment, Document
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from grants.agreements.press.sheets import FAMILY, STYLES, Attached, RenderBlocked, Rendered, Unsettable, date_of

COLOURS = "sRGB"
OPTIONS: dict[str, Any] = {
    "pdf_variant": "pdf/a-3a",
    "pdf_tags": True,
    "pdf_identifier": True,
    "output_intent": COLOURS,
}
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)


class NoFetch(URLFetcher):
    """Refuses every address and remembers what was asked for: an inline SVG swallows the exception, the count
    does not.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.tried: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002 theirs
        """Refuse ``url``."""
        self.tried.append(url[:200])
        raise FatalURLFetchingError("No address is fetched for an agreement.")


@cache
def fonts() -> FontConfiguration:
    """Return the one font configuration of this process: making it takes longer than a page."""
    return FontConfiguration()


@cache
def styles() -> CSS:
    """Return the parsed style sheet of every document."""
    return CSS(string=STYLES.read_text(encoding="utf-8"), font_config=fonts(), url_fetcher=NoFetch())


class FileProfile(ColorProfile):
    """A colour profile that is embedded as its file has it: written anew, its bytes differ from the second PDF on."""

    def __init__(self, profile: bytes) -> None:
        super().__init__(io.BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))
        self.bytes = profile

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.bytes


@cache
def colours() -> ColorProfile:
    """Return the colour profile that PDF/A asks for: WeasyPrint's own, read once (it leaves the file open
    otherwise).
    """
    return FileProfile((files("weasyprint.pdf") / "sRGB2014.icc").read_bytes())


@cache
def families() -> frozenset[str]:
    """Return the font families that the style sheet names: the documents have no other."""
    return frozenset(FAMILY.findall(STYLES.read_text(encoding="utf-8")))


def _foreign(fonts_used: Iterable[Any]) -> list[str]:
    """Return the characters that no font had, or only one that the style sheet does not name."""
    found = set()
    for font in fonts_used:
        found |= {chr(code) for code in font.missing}
        if font.family not in families():
            found |= {character for text in font.to_unicode.values() for character in text}
    return sorted(found)


def _each_file_once(_document: Document, pdf: Any) -> None:
    """Name each attachment once in the catalogue: WeasyPrint lists all of them anew for each one."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


def set_pdf(html: str, *, attachments: Sequence[Attached] = (), any_font: bool = False) -> Rendered:
    """Return the PDF of ``html``; its dates are those of the ``dcterms.created`` meta tag. One thread at a time:
    WeasyPrint and Pango keep state that threads must not share.

    Raises RenderBlocked when anything tried to fetch, ValueError when the HTML carries no date, and unless ``any_font``
    of the machine will do, Unsettable when a character is in none of the fonts that the style sheet names.
    """
    made_at = date_of(html)
    fetcher = NoFetch()
    carried = [
        Attachment(
            file_obj=io.BytesIO(file.content),
            name=file.name,
            description=file.description,
            created=made_at,
            modified=made_at,
            relationship=file.relationship,
            url_fetcher=fetcher,
        )
        for file in attachments
    ]
    try:
        document = HTML(string=html, url_fetcher=fetcher).render(
            font_config=fonts(),
            color_profiles={COLOURS: colours()},
            stylesheets=[styles()],
            attachments=carried,
            **OPTIONS,
        )
        content = document.write_pdf(attachments=carried, finisher=_each_file_once, **OPTIONS)
    except FatalURLFetchingError as refused:
        raise RenderBlocked(f"The document asked for {', '.join(fetcher.tried)}.") from refused
    if fetcher.tried:
        raise RenderBlocked(f"The document asked for {', '.join(fetcher.tried)}.")
    if not any_font and (foreign := _foreign(document.fonts.values())):
        raise Unsettable(foreign)
    return Rendered(content=content, pages=len(document.pages))
