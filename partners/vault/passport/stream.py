"""Writes a ZIP piece by piece: one piece of one file is in memory at a time, whatever the size of the vault."""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from partners.vault.passport.contents import Passport
from vetting_portal.files import CHUNK, open_stored

ENTRY_MODE = 0o100644 << 16


class _Outlet:
    """Takes what the ZIP writer writes, until it is fetched. It cannot be wound back, and the writer knows."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, content: bytes, /) -> int:
        self._held += content
        return len(content)

    def flush(self) -> None:
        """Do nothing: what is written is fetched, not flushed."""

    def close(self) -> None:
        """Do nothing: there is no file behind it."""

    def fetch(self) -> bytes:
        """Return what was written since the last time."""
        held = bytes(self._held)
        self._held.clear()
        return held


def zip_stream(passport: Passport) -> Iterator[bytes]:
    """Yield the passport as a ZIP. Every paper is checked against its hash before it is written.

    Raises FileDamaged where the storage has other bytes: the download breaks off, and what was sent is no whole ZIP.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in passport.small:
            archive.writestr(_entry(name, passport.made_at), content)
            yield outlet.fetch()
        for item in passport.items:
            entry = _entry(item.place, item.document.uploaded_at)
            entry.file_size = item.document.size
            with open_stored(item.document.file) as paper:
                yield from _written(archive, entry, paper, outlet)
    yield outlet.fetch()


def _written(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, paper: IO[bytes], outlet: _Outlet) -> Iterator[bytes]:
    with archive.open(entry, "w") as target:
        while chunk := paper.read(CHUNK):
            target.write(chunk)
            if content := outlet.fetch():
                yield content
    yield outlet.fetch()


def _entry(name: str, moment: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED  # the one kind that a reader of a stream finds the end of
    entry.external_attr = ENTRY_MODE
    return entry
