"""What a viewer shows of a document: one page, or in words why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from partners.previews.drawing import can_be_shown
from partners.previews.models import PageImage, Preview
from partners.previews.textlayer import TextLine, plain_text, text_lines
from partners.vault.models import Document
from vetting_portal.inspection.policy import BY_MEDIA_TYPE

ZOOMS = (100, 150, 200)
LONGEST_NUMBER = 6
NO_PAGES = "This kind of file is not shown here."
NAMES = {
    "image/jpeg": "Photo (JPEG)",
    "image/png": "Picture (PNG)",
    "image/heic": "Photo (HEIC)",
    "application/pdf": "PDF",
}


class Status(StrEnum):
    """How far the page at hand is."""

    READY = "ready"
    MAKING = "making"
    FAILED = "failed"
    DOWNLOAD = "download"


@dataclass(frozen=True)
class Viewing:
    """One page of one document as a viewer shows it; ``zoom`` is 0 where the page fits the pane."""

    document: Document
    page: int
    count: int | None
    status: Status
    image: PageImage | None = None
    reason: str = ""
    zoom: int = 0

    @property
    def kind(self) -> str:
        """Return what it is, in words: ``PDF, 6 pages``."""
        return described(self.document, self.count)

    @property
    def previous(self) -> int | None:
        """Return the number of the page before."""
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        """Return the number of the page after, where it is known that there is one."""
        return self.page + 1 if self.count is not None and self.page < self.count else None

    @property
    def shown_width(self) -> int:
        """Return how many CSS pixels wide the page is shown, where it does not fit the pane."""
        return self.image.width * self.zoom // 100 if self.image else 0

    @property
    def shown_height(self) -> int:
        """Return how many CSS pixels high the page is shown, where it does not fit the pane."""
        return self.image.height * self.zoom // 100 if self.image else 0

    @property
    def lines(self) -> list[TextLine]:
        """The text layer of the page; empty for a scan, and for a page that is not drawn."""
        return text_lines(self.image.lines) if self.image else []

    @property
    def text(self) -> str:
        """The text of the page, a line each; empty for a scan."""
        return plain_text(self.image.lines) if self.image else ""

    @property
    def wider(self) -> int | None:
        """Return the next zoom, or None at the last."""
        return next((zoom for zoom in ZOOMS if zoom > self.zoom), None)

    @property
    def narrower(self) -> int | None:
        """Return the zoom before; 0 fits the pane, None is the end."""
        smaller = [0, *(zoom for zoom in ZOOMS if zoom < self.zoom)]
        return smaller[-1] if self.zoom else None

    @property
    def can_cite(self) -> bool:
        """Whether the page at hand is one of the document, or its pages are not counted for good."""
        return self.status != Status.MAKING


def described(document: Document, count: int | None) -> str:
    """Return what a document is, in words: ``PDF, 6 pages``, ``Photo (JPEG)``, ``Word document``."""
    kind = BY_MEDIA_TYPE.get(document.media_type)
    name = NAMES.get(document.media_type) or (kind.label if kind else "File")
    if count is None or document.media_type.startswith("image/"):
        return name
    return f"{name}, {count} page{'' if count == 1 else 's'}"


def whole_number(text: str, default: int) -> int:
    """Return a number from 1 of an address, ``default`` for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return max(int(text), 1) if is_number else default


def viewing_of(document: Document, asked: Mapping[str, str]) -> Viewing:
    """Return what to show of a document at the ``page`` and ``zoom`` of an address; a page past the last is the last.

    One query where the page is drawn.
    """
    number, level = whole_number(asked.get("page", ""), 1), whole_number(asked.get("zoom", ""), 0)
    zoom = level if level in ZOOMS else 0
    if not can_be_shown(document.media_type):
        return Viewing(document, number, None, Status.DOWNLOAD, reason=NO_PAGES)
    image = PageImage.objects.at(document.file_id, number)
    preview = image.preview if image else Preview.objects.filter(file_id=document.file_id).first()
    count = preview.page_count if preview else None
    if preview is not None and preview.failed_at is not None:
        return Viewing(document, number, None, Status.FAILED, reason=preview.failure)
    if count is not None and number > count:
        number, image = count, PageImage.objects.at(document.file_id, count)
    if image is None:
        return Viewing(document, number, count, Status.MAKING, zoom=zoom)
    if image.failure:
        return Viewing(document, number, count, Status.FAILED, reason=image.failure)
    return Viewing(document, number, count, Status.READY, image=image, zoom=zoom)
