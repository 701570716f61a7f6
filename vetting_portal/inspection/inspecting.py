"""The document vault's checks on one file, from its name to its last byte."""

from collections.abc import Callable
from typing import BinaryIO

from vetting_portal.inspection import sniffing
from vetting_portal.inspection.documents import ARCHIVE, check_document, refuse_ole
from vetting_portal.inspection.findings import Finding, Refusal, Verdict
from vetting_portal.inspection.names import check_name, ending
from vetting_portal.inspection.pdfs import check_pdf
from vetting_portal.inspection.pictures import check_heic, check_jpeg, check_png
from vetting_portal.inspection.policy import BY_MEDIA_TYPE, HEIC, JPEG, MAX_BYTES, PDF, PNG, TAKEN, UNKNOWN

EMPTY = "This file is empty. Check that it is the file you meant, and send it again."
TOO_HEAVY = "This file needs too much memory to check. Save it smaller or in a simpler form, and send it again."
DAMAGED = "This file is damaged or was cut off. Open it on your computer, save it again, and send the new file."
OTHER = f"The vault does not take this kind of file. Save it as {TAKEN} and send that."
REASONS = {
    "image/svg+xml": "This is an SVG drawing. Save it as PDF or PNG and send that.",
    "text/html": "This is a web page. Print it to a PDF and send that.",
    "text/plain": "This is a plain text file. Save it as PDF or DOCX and send that.",
    "application/rtf": "This is an RTF file. Save it as PDF or DOCX and send that.",
    "application/postscript": "This is a PostScript file. Save it as PDF and send that.",
    **dict.fromkeys(sniffing.ARCHIVES, ARCHIVE),
    **dict.fromkeys(sniffing.PROGRAMS, f"This is a program or a script. The vault takes {TAKEN}."),
}
PICTURE = "This picture is not a JPEG, PNG or HEIC. Save it as JPEG or PNG and send that."
CHECKS: dict[str, Callable[[BinaryIO], None]] = {
    PDF.media_type: check_pdf,
    JPEG.media_type: check_jpeg,
    PNG.media_type: check_png,
    HEIC.media_type: check_heic,
}


def _check_content(file: BinaryIO, media_type: str) -> str:
    """Check the content by its type and return the exact type. Raises Refusal."""
    if media_type == sniffing.ZIP:
        return check_document(file)
    if media_type == sniffing.OLE:
        raise refuse_ole(file)
    if media_type in CHECKS:
        CHECKS[media_type](file)
        return media_type
    raise Refusal(REASONS.get(media_type) or (PICTURE if media_type.startswith("image/") else OTHER))


def _check_ending(name: str, media_type: str) -> None:
    """Raise Refusal where the name says another type than the content."""
    kind = BY_MEDIA_TYPE[media_type]
    has = ending(name)
    if has in kind.endings:
        return
    says = f"its name ends in .{has}" if has else "its name has no ending"
    raise Refusal(
        f"This file is a {kind.label}, but {says}. Rename it so that it ends in .{kind.endings[0]} and send it again."
    )


def _in_megabytes(size: int) -> str:
    """Return ``size`` in MB with one decimal, rounded up, so that it never reads as the limit itself."""
    tenths = -(-size // 100_000)
    return f"{tenths // 10}.{tenths % 10} MB"


def _check_size(size: int) -> None:
    """Raise Refusal for a file that is empty or too large."""
    if size == 0:
        raise Refusal(EMPTY)
    if size > MAX_BYTES:
        raise Refusal(
            f"This file has {_in_megabytes(size)}. At most 25 MB are possible. Make it smaller, for example by "
            "scanning in grey or at a lower resolution, or send it in parts."
        )


def inspect_file(file: BinaryIO, *, name: str) -> Finding:
    """Inspect ``file`` (binary, seekable; read in pieces, left anywhere) under the ``name`` its sender gave it.

    Depends on nothing but the bytes and the name. The parsers it calls are not to be trusted with a stranger's
    file: ``inspect_in_subprocess`` runs this function within limits.
    """
    media_type = UNKNOWN
    try:
        size = sniffing.file_size(file)
        head = sniffing.read_head(file)
        media_type = sniffing.sniff(head)
        check_name(name)
        _check_size(size)
        media_type = _check_content(file, media_type)
        _check_ending(name, media_type)
    except Refusal as refusal:
        return Finding(Verdict.REJECTED, refusal.reason, refusal.media_type or media_type)
    except MemoryError:
        return Finding(Verdict.REJECTED, TOO_HEAVY, media_type)
    except RecursionError:
        return Finding(Verdict.REJECTED, DAMAGED, media_type)
    return Finding(Verdict.ACCEPTED, None, media_type)
