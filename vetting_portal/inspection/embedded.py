"""What may stand inside an office file besides its XML: pictures and fonts, no archive, program or second document."""

import re
import struct

from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.markup import ENTITIES, watch
from vetting_portal.inspection.packages import Package
from vetting_portal.inspection.pictures import check_announced_size

INSIDE = "This file has another file or a program inside. Take it out, and send that other file on its own."
_FOREIGN = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"\x7fELF",
    b"%PDF-",
    b"#!/",
    b"{\\rtf",
)
_PACKED_DRAWINGS = (".emz", ".wmz")
_SCRIPT = re.compile(rb"<\s*(?:script|iframe|object|embed|foreignobject)\b|javascript:|\son[a-z]+\s*=", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!\s*(?:doctype|entity)", re.IGNORECASE)
_PE_OFFSET = 0x3C


def _is_program(head: bytes) -> bool:
    """A Windows program: MZ, and the PE header where the MZ header says."""
    if not head.startswith(b"MZ") or len(head) < _PE_OFFSET + 4:
        return False
    at: int = struct.unpack_from("<I", head, _PE_OFFSET)[0]
    return head[at : at + 4] == b"PE\x00\x00"


def _is_foreign(head: bytes, name: str) -> bool:
    """A member begins as an archive, a program or a document; drawings that Word packs with gzip are none."""
    if name.endswith(_PACKED_DRAWINGS) and head.startswith(b"\x1f\x8b"):
        return False
    return head.startswith(_FOREIGN) or _is_program(head)


def check_foreign(package: Package, member: str) -> None:
    """Read one member to its end; raise Refusal where it is an archive, a program or a document of its own."""
    folded = member.casefold()
    is_markup = folded.endswith((".svg", ".vml", ".html", ".htm", ".xhtml"))
    first = True
    tail = b""
    for chunk in package.chunks(member):
        if first and _is_foreign(chunk, folded):
            raise Refusal(INSIDE)
        first = False
        if is_markup:
            window = tail + chunk
            if _DOCTYPE.search(window):
                raise Refusal(ENTITIES)
            if _SCRIPT.search(window) and not folded.endswith(".vml"):
                raise Refusal(INSIDE)
            tail = window[-64:]
    if folded.endswith(".svg"):
        watch(package.chunks(member))


def check_picture_head(package: Package, member: str) -> None:
    """Raise Refusal where a picture inside announces more pixels than any may have."""
    check_announced_size(next(iter(package.chunks(member)), b""))
