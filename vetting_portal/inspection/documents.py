"""Word, Excel and OpenDocument files: tells them from other archives, and has each checked by its own rules."""

import zipfile
from typing import BinaryIO

from vetting_portal.inspection import office, opendocument
from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.packages import Budget, Package
from vetting_portal.inspection.policy import DOCX, TAKEN, XLSX
from vetting_portal.inspection.sniffing import OLE, ZIP

ARCHIVE = "This is an archive of files. Take the files out and send each of them on its own."
OTHER = f"The vault does not take this kind of document. Save it as {TAKEN} and send that."
IWORK = "This is a document of Apple's Pages, Numbers or Keynote. Export it as PDF and send that."
OLD = "This is an old Word or Excel file. Save it as DOCX, XLSX or PDF and send that."
PASSWORD = "This document asks for a password. Save it without a password and send it again."  # noqa: S105  words
PIECE = 1 << 20

_OLE_STREAMS = (
    ("EncryptedPackage", OLE, PASSWORD),
    ("WordDocument", "application/msword", OLD),
    ("Workbook", "application/vnd.ms-excel", OLD),
    ("PowerPoint Document", "application/vnd.ms-powerpoint", OTHER),
    ("__substg1.0_", "application/vnd.ms-outlook", "This is a saved e-mail. Print it to a PDF and send that."),
)


def _guess(file: BinaryIO) -> str:
    """The type that a damaged or forbidden package would have had, for the record only."""
    try:
        names = zipfile.ZipFile(file).namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        names = []
    file.seek(0)
    head = file.read(PIECE)
    if head[30:38] == b"mimetype":
        for media_type in sorted(opendocument.TAKEN, key=len, reverse=True):
            if head[38:].startswith(media_type.encode()):
                return media_type
    if office.CONTENT_TYPES in names or b"[Content_Types].xml" in head:
        if any(name.startswith("word/") for name in names) or b"word/" in head:
            return DOCX.media_type
        if any(name.startswith("xl/") for name in names) or b"xl/" in head:
            return XLSX.media_type
    return ZIP


def _refuse_office(kind: str) -> Refusal:
    """The refusal of an OOXML file that is not an ordinary document or workbook."""
    if "macroEnabled" in kind:
        return Refusal(office.MACROS.format(what="DOCX or XLSX"), kind)
    if kind.endswith(".template"):
        return Refusal(office.TEMPLATE.format(taken="DOCX or XLSX"), kind)
    return Refusal(OTHER, kind)


def _refuse_archive(package: Package) -> Refusal:
    """The refusal of a zip that is no document."""
    if any(name.endswith(".iwa") for name in package.members):
        return Refusal(IWORK, "application/vnd.apple.iwork")
    if "META-INF/MANIFEST.MF" in package.members:
        return Refusal(ARCHIVE, "application/java-archive")
    return Refusal(ARCHIVE, ZIP)


def check_package(package: Package) -> str:
    """Check an opened package and return its MIME type. Raises Refusal, with the type where it is known."""
    declared = opendocument.declared_type(package)
    if declared is not None:
        if declared not in opendocument.TAKEN:
            raise Refusal(OTHER, declared if declared.startswith("application/") else ZIP)
        kind, check = declared, opendocument.check_open_document
        try:
            check(package)
        except Refusal as refusal:
            raise Refusal(refusal.reason, refusal.media_type or kind) from refusal
        return kind
    if office.CONTENT_TYPES not in package.members:
        raise _refuse_archive(package)
    types = office.Types(package)
    kind = office.media_type(package, types)
    if kind not in office.MAIN.values():
        raise _refuse_office(kind)
    try:
        office.check_office(package, types, check_package)
    except Refusal as refusal:
        raise Refusal(refusal.reason, kind) from refusal
    return kind


def check_document(file: BinaryIO) -> str:
    """Check a file that begins as a zip and return its MIME type. Raises Refusal."""
    try:
        return check_package(Package(file, Budget()))
    except Refusal as refusal:
        raise Refusal(refusal.reason, refusal.media_type or _guess(file)) from refusal


def refuse_ole(file: BinaryIO) -> Refusal:
    """The refusal of an OLE container: an encrypted document, an old Word or Excel file, a saved e-mail."""
    file.seek(0)
    before = b""
    found: set[str] = set()
    while piece := file.read(PIECE):
        window = before + piece
        found |= {name for name, _, _ in _OLE_STREAMS if name.encode("utf-16-le") in window}
        before = piece[-64:]
    for name, media_type, reason in _OLE_STREAMS:
        if name in found:
            return Refusal(reason, media_type)
    return Refusal(OLD, OLE)
