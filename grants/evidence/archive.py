"""A ZIP that is written as it is read: the same members give the same bytes, whatever the day and the clock."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

EPOCH = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644 << 16
PIECE = 256 * 1024


@dataclass(frozen=True)
class Member:
    """One file of an archive: its path, and its content, whole or in pieces."""

    path: str
    content: bytes | Iterable[bytes]

    def pieces(self) -> Iterator[bytes]:
        """Yield the content in pieces."""
        if isinstance(self.content, bytes):
            for start in range(0, len(self.content), PIECE):
                yield self.content[start : start + PIECE]
        else:
            yield from self.content


class _Sink:
    """Takes what the archive writes, until it is handed on."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, content: bytes) -> int:
        self.written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Everything is handed on by the caller."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        content, self.written = b"".join(self.written), []
        return content


class Archive:
    """Writes members one after the other and keeps the hash and size of each."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        self.files: list[dict[str, Any]] = []

    def add(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of the archive that ``member`` comes to."""
        info = zipfile.ZipInfo(member.path, EPOCH)
        info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, MODE, 3
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w") as target:
            for piece in member.pieces():
                digest.update(piece)
                size += len(piece)
                target.write(piece)
                if written := self._sink.take():
                    yield written
        self.files.append({"path": member.path, "sha256": digest.hexdigest(), "size": size})
        yield self._sink.take()

    def end(self) -> bytes:
        """Return the bytes that close the archive."""
        self._zip.close()
        return self._sink.take()


def readable(value: Any) -> bytes:
    """Return ``value`` as JSON for people and programs: sorted, indented, UTF-8."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"
