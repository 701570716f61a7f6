"""Having pages drawn: asked for when a submission is sent and when a page is opened, made by tasks."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from partners.previews.drawing import NOT_CONVERTED, OFFICE, Drawn, DrawnPage, can_be_shown, converted, draw_pages
from partners.previews.models import PageImage, Preview
from partners.previews.textlayer import marks_of
from partners.vault.models import Document
from vetting_portal.files import Blob, FileDamaged, open_stored, put
from vetting_portal.models import StoredFile, User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, ask, lock, record

AHEAD = 8
"""How many pages are drawn at a time, from the one that is opened."""
PATIENCE = timedelta(seconds=60)
MOST_PAGES = 5_000
"""No paper has more: the vault takes no larger PDF."""
MISSING = "The file could not be read from the storage."
BACKGROUND = "background"
WEBP = "image/webp"


@dataclass(frozen=True)
class KeptPage:
    """A drawn page whose pictures are in the storage."""

    page: DrawnPage
    small: Blob
    large: Blob


def keep_pages(drawn: Drawn) -> list[KeptPage]:
    """Put the pictures of drawn pages into the storage. Call it in no transaction."""
    return [KeptPage(page, put(page.small), put(page.large)) for page in drawn.pages]


def known_page_count(document: Document) -> int | None:
    """Return how many pages a document has, or None where nobody has counted them (yet, or for good)."""
    return Preview.objects.filter(file_id=document.file_id).values_list("page_count", flat=True).first()


def stands_on(document: Document, page: int, passage: str) -> bool:
    """Whether the text layer of a page has ``passage``; False for a scan, and for a page that is not drawn yet."""
    found = PageImage.objects.filter(preview__file_id=document.file_id, number=page).values_list("lines", flat=True)
    return bool(marks_of(found.first() or [], passage))


@action
def ask_for_pages(*, document: Document, page: int, by: User) -> bool:
    """Have the pages from ``page`` on drawn; asked again within a minute it is one task. Raises PermissionDenied.

    Returns False where such a page will never be there.
    """
    ask(by, "partners.view_document", document)
    if document.checked_at is None or not can_be_shown(document.media_type) or not 1 <= page <= MOST_PAGES:
        return False
    now = timezone.now()
    made, is_new = Preview.objects.get_or_create(
        file_id=document.file_id, defaults={"asked_from": page, "asked_to": page + AHEAD - 1, "asked_at": now}
    )
    preview = lock(made)
    if preview.failed_at or (preview.page_count is not None and page > preview.page_count):
        return False
    waits = preview.asked_from <= page <= preview.asked_to and now - preview.asked_at < PATIENCE
    if (waits and not is_new) or preview.pages.filter(number=page).exists():
        return True
    preview.asked_from, preview.asked_to, preview.asked_at = page, page + AHEAD - 1, now
    preview.save(update_fields=["asked_from", "asked_to", "asked_at"])
    record("pages_asked", document, by=by, facts={"page": page})
    draw_document.enqueue(document.pk, page)
    return True


@action
def settle_pages(
    *, document: Document, first: int, drawn: Drawn, kept: list[KeptPage], by: User, made_from: Blob | None = None
) -> Preview:
    """Write down what drawing from page ``first`` gave; pages that are there stay as they are.

    ``made_from`` is the PDF that was made of an office file. A file that does not open is failed for good; where a
    file opens and page ``first`` is not drawn, that page is.
    """
    Preview.objects.get_or_create(file_id=document.file_id)
    preview = lock(Preview.objects.filter(file_id=document.file_id))[0]
    if preview.page_count is None and preview.failed_at is None:
        if drawn.count is None:
            preview.failed_at, preview.failure = timezone.now(), drawn.failure
        preview.page_count = drawn.count
    if made_from is not None and preview.converted is None:
        preview.converted = StoredFile.objects.record(made_from, media_type="application/pdf")
    preview.save()
    there = set(preview.pages.values_list("number", flat=True))
    fresh = [one for one in kept if one.page.number not in there]
    PageImage.objects.bulk_create(_page_image(preview, one) for one in fresh)
    if not kept and preview.page_count is not None and first <= preview.page_count and first not in there:
        why = drawn.failure or "This page cannot be drawn."
        PageImage.objects.create(preview=preview, number=first, failure=why, made_at=timezone.now())
    facts = {"pages": [one.page.number for one in fresh], "of": preview.page_count, "failure": drawn.failure}
    record("pages_drawn", document, by=by, facts=facts)
    return preview


def _page_image(preview: Preview, kept: KeptPage) -> PageImage:
    page = kept.page
    return PageImage(
        preview=preview,
        number=page.number,
        width=page.width,
        height=page.height,
        small=StoredFile.objects.record(kept.small, media_type=WEBP),
        large=StoredFile.objects.record(kept.large, media_type=WEBP),
        small_width=page.small_width,
        large_width=page.large_width,
        lines=list(page.lines),
        made_at=timezone.now(),
    )


def _drawn_from(document: Document, preview: Preview | None, first: int) -> tuple[Drawn, Blob | None]:
    """Draw pages of a document; also return the PDF that had to be made of it first. Slow."""
    last = first + AHEAD - 1
    source = preview.source if preview else document.file
    with open_stored(source) as file:
        if source.pk != document.file_id or document.media_type not in OFFICE:
            media_type = document.media_type if source.pk == document.file_id else source.media_type
            return draw_pages(file, media_type, first=first, last=last), None
        with converted(file, document.media_type) as pdf:
            if pdf is None:
                return Drawn(None, failure=NOT_CONVERTED), None
            drawn = draw_pages(pdf, "application/pdf", first=first, last=last)
            with pdf.open("rb") as made:
                return drawn, put(made)


def draw_now(document: Document, first: int) -> Preview | None:
    """Draw pages of a document and write them down; returns None where there is nothing to draw. Slow."""
    if document.checked_at is None or not can_be_shown(document.media_type):
        return None
    preview = Preview.objects.filter(file_id=document.file_id).select_related("file", "converted").first()
    if preview and (preview.failed_at or preview.pages.filter(number=first).exists()):
        return preview
    if preview and preview.page_count is not None and first > preview.page_count:
        return preview
    try:
        drawn, made_from = _drawn_from(document, preview, first)
    except FileDamaged:
        drawn, made_from = Drawn(None, failure=MISSING), None
    by = User.objects.system(BACKGROUND)
    return settle_pages(document=document, first=first, drawn=drawn, kept=keep_pages(drawn), made_from=made_from, by=by)


def count_pages(document: Document) -> int | None:
    """Return how many pages a document has; a PDF or picture that nobody has counted is drawn now. Slow.

    None where it cannot be opened, and where LibreOffice has not turned it into pages (yet).
    """
    known = known_page_count(document)
    if known is None and document.media_type not in OFFICE:
        preview = draw_now(document, 1)
        known = preview.page_count if preview else None
    return known


@background()
def draw_document(document_id: int, first: int = 1) -> None:
    """Draw the pages of one document from ``first`` on, as many as are drawn at a time; safe to run twice."""
    draw_now(Document.objects.select_related("file").get(pk=document_id), first)


@background()
def draw_first_pages(document_ids: list[int]) -> None:
    """Have the first pages of each of these documents drawn, one task each; safe to run twice."""
    waiting = Document.objects.filter(pk__in=document_ids, file__preview=None, checked_at__isnull=False)
    for document in waiting.order_by("pk"):
        if can_be_shown(document.media_type):
            draw_document.enqueue(document.pk, 1)
