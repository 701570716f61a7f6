"""OpenDocument texts and spreadsheets: no macros, no encryption, nothing that reaches out of the file."""

import re

from vetting_portal.inspection.embedded import check_foreign, check_picture_head
from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.markup import watch
from vetting_portal.inspection.packages import DAMAGED, PASSWORD, Package
from vetting_portal.inspection.policy import ODS, ODT

MIMETYPE = "mimetype"
MANIFEST = "META-INF/manifest.xml"
CONTENT = "content.xml"
TAKEN = frozenset({ODT.media_type, ODS.media_type})
PREFIX = "application/vnd.oasis.opendocument."

MACROS = (
    "This file has macros. Remove them in LibreOffice (Tools, Macros, Organise Macros), or save the file as PDF, "
    "and send it again."
)
OBJECTS = "This file has another file or a program inside. Take it out, and send that other file on its own."
LINKS = (
    "This file fetches content from outside when it is opened. Break its links in LibreOffice (Edit, Links to External "
    "Files), or save it as PDF, and send it again."
)
_MACRO_NAME = re.compile(r"(^|/)(Basic|Scripts)/", re.IGNORECASE)
_MACRO_ADDRESS = re.compile(r"\s*(vnd\.sun\.star\.script|macro|javascript|vbscript):", re.IGNORECASE)
_OUTSIDE = re.compile(r"\s*((https?|ftp|smb|file)://|//|\\\\|file:)", re.IGNORECASE)
_OBJECTS = frozenset({"applet", "plugin", "floating-frame", "object-ole"})
_LINKED = frozenset(
    {"image", "object", "section-source", "table-source", "cell-range-source", "fill-image", "background-image"}
)
_DDE = frozenset({"dde-source", "dde-connection-decl", "dde-link"})


def declared_type(package: Package) -> str | None:
    """Return the MIME type that an OpenDocument package states; None where it is no such package."""
    if MIMETYPE not in package.members:
        return None
    return package.read(MIMETYPE, 200).decode("ascii", "replace").strip()


def _check_manifest(name: str, _: dict[str, str]) -> None:
    if name in {"encryption-data", "encrypted-key"}:
        raise Refusal(PASSWORD)


def _check_element(name: str, attributes: dict[str, str]) -> None:
    """Raise Refusal for an element that runs, fetches or holds something foreign."""
    if name in _OBJECTS:
        raise Refusal(OBJECTS)
    if name in _DDE:
        raise Refusal(LINKS)
    address = attributes.get("href", "")
    if name in {"event-listener", "script"} or _MACRO_ADDRESS.match(address):
        raise Refusal(MACROS)
    if name in _LINKED and _OUTSIDE.match(address):
        raise Refusal(LINKS)


def check_open_document(package: Package) -> None:
    """Check every member of an OpenDocument file. Raises Refusal."""
    manifest, content = package.find(MANIFEST), package.find(CONTENT)
    if manifest is None or content is None:
        raise Refusal(DAMAGED)
    watch(package.chunks(manifest), _check_manifest)
    if package.find("encrypted-package") is not None:
        raise Refusal(PASSWORD)
    for member in package.members:
        folded = member.casefold()
        if _MACRO_NAME.search(member):
            raise Refusal(MACROS)
        # LibreOffice writes Configurations2/accelerator/current.xml without a byte.
        if member in {manifest, MIMETYPE} or (member != content and not package.members[member].file_size):
            continue
        if folded.endswith((".xml", ".rdf")):
            is_page = folded.endswith((CONTENT, "styles.xml"))
            watch(package.chunks(member), _check_element if is_page else None)
        elif not member.startswith("ObjectReplacements/"):
            check_foreign(package, member)
            check_picture_head(package, member)
        else:
            check_foreign(package, member)
