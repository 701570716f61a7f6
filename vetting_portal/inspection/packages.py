"""Opens a zip-based document: its directory must keep to the policy before anything in it is unpacked."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.policy import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED, RATIO_FROM
from vetting_portal.inspection.sniffing import file_size

CHUNK = 64 * 1024
LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
ENCRYPTED = 0x1
SIZES_FOLLOW = 0x8
END_RECORD = 22
LARGEST_GAP = 1024
SYSTEM_UNIX = 3
ALLOWED_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
DRIVE = re.compile(r"[A-Za-z]:")

DAMAGED = "This file is damaged or was cut off. Open it on your computer, save it again, and send the new file."
TOO_LARGE_INSIDE = (
    "This file unpacks to far more than it seems. Save it again without hidden or empty content, and send the new file."
)
PASSWORD = "This file asks for a password. Save it without a password and send it again."  # noqa: S105  words, no secret
HIDES = "This file holds more than a document. Open it on your computer, save it again, and send the new file."


@dataclass(slots=True)
class Budget:
    """What may still be unpacked of one upload, embedded documents included."""

    unpacked: int = MAX_UNPACKED
    members: int = MAX_MEMBERS

    def take_members(self, count: int) -> None:
        """Raise Refusal where there are too many parts."""
        self.members -= count
        if self.members < 0:
            raise Refusal(TOO_LARGE_INSIDE)

    def take(self, size: int) -> None:
        """Raise Refusal where too much has been unpacked."""
        self.unpacked -= size
        if self.unpacked < 0:
            raise Refusal(TOO_LARGE_INSIDE)


class Package:
    """A zip whose directory was checked; its members are read in pieces, against one budget."""

    def __init__(self, file: BinaryIO, budget: Budget, depth: int = 0) -> None:
        """Open and check the directory. Raises Refusal."""
        self.file = file
        self.budget = budget
        self.depth = depth
        try:
            self.archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as broken:
            raise Refusal(DAMAGED) from broken
        infos = self.archive.infolist()
        budget.take_members(len(infos))
        if sum(info.file_size for info in infos) > budget.unpacked:
            raise Refusal(TOO_LARGE_INSIDE)
        self.members: dict[str, zipfile.ZipInfo] = {}
        seen: set[str] = set()
        for info in infos:
            self._check_member(info)
            folded = info.filename.casefold()
            if folded in seen:
                raise Refusal(HIDES)
            seen.add(folded)
            if not info.is_dir():
                self.members[info.filename] = info
        self._check_layout(infos)

    @staticmethod
    def _check_member(info: zipfile.ZipInfo) -> None:
        """Raise Refusal for a member that is encrypted, a link, leads outside or packs too well."""
        name = info.orig_filename
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or name.startswith(("/", "\\")) or DRIVE.match(name) or any(ord(c) < ord(" ") for c in name):
            raise Refusal(HIDES)
        if info.create_system == SYSTEM_UNIX:
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise Refusal(HIDES)
        if info.flag_bits & ENCRYPTED:
            raise Refusal(PASSWORD)
        if info.compress_type not in ALLOWED_METHODS:
            raise Refusal(DAMAGED)
        if info.is_dir() and info.file_size:
            raise Refusal(HIDES)
        if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise Refusal(TOO_LARGE_INSIDE)

    def _check_layout(self, infos: list[zipfile.ZipInfo]) -> None:
        """Raise Refusal where bytes stand before, between or behind the members: another file could hide there."""
        if self.archive.comment:
            raise Refusal(HIDES)
        at = 0
        for info in sorted(infos, key=lambda one: one.header_offset):
            if not at <= info.header_offset <= at + LARGEST_GAP or (at == 0 and info.header_offset):
                raise Refusal(HIDES)
            self.file.seek(info.header_offset)
            header = self.file.read(LOCAL_HEADER.size)
            if len(header) < LOCAL_HEADER.size:
                raise Refusal(DAMAGED)
            magic, _, flags, _, _, _, _, packed, unpacked, name_length, extra_length = LOCAL_HEADER.unpack(header)
            if magic != b"PK\x03\x04":
                raise Refusal(DAMAGED)
            if flags & ENCRYPTED:
                raise Refusal(PASSWORD)
            announced = (packed, unpacked) not in {(0, 0), (0xFFFFFFFF, 0xFFFFFFFF)} and not flags & SIZES_FOLLOW
            if announced and (packed, unpacked) != (info.compress_size, info.file_size):
                raise Refusal(HIDES)
            at = info.header_offset + LOCAL_HEADER.size + name_length + extra_length + info.compress_size
        directory: int = self.archive.start_dir
        if not at <= directory <= at + LARGEST_GAP:
            raise Refusal(HIDES)
        self.file.seek(file_size(self.file) - END_RECORD)
        if self.file.read(4) != b"PK\x05\x06":
            raise Refusal(HIDES)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpack one member in pieces. Raises Refusal where it is damaged or past the budget."""
        info = self.members[name]
        limit = RATIO_FROM + MAX_RATIO * info.compress_size
        try:
            with self.archive.open(info) as member:
                while chunk := member.read(CHUNK):
                    self.budget.take(len(chunk))
                    limit -= len(chunk)
                    if limit < 0:
                        raise Refusal(TOO_LARGE_INSIDE)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as broken:
            raise Refusal(DAMAGED) from broken
        except RuntimeError as locked:  # zipfile's word for "encrypted"
            raise Refusal(PASSWORD) from locked

    def read(self, name: str, limit: int) -> bytes:
        """Return one member whole. Raises Refusal where it is larger than ``limit``."""
        if self.members[name].file_size > limit:
            raise Refusal(TOO_LARGE_INSIDE)
        return b"".join(self.chunks(name))

    def find(self, name: str) -> str | None:
        """Return the member of this name, whatever its case."""
        if name in self.members:
            return name
        folded = name.casefold()
        return next((member for member in self.members if member.casefold() == folded), None)
