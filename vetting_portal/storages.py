"""The folder that keeps files on this machine: a file is there whole, or not at all, also after a power cut."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def _sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderStorage(FileSystemStorage):
    """A private folder; each file is written beside its place, flushed to the disk, and only then named."""

    def write_hashed(self, chunks: Iterable[bytes], folder: str = "") -> tuple[Path, str, int]:
        """Write ``chunks`` to a file without a name that counts; return its path, SHA-256 and size."""
        place = Path(self.path(folder or "incoming"))
        place.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        digest, size = hashlib.sha256(), 0
        handle, scratch = tempfile.mkstemp(dir=place, prefix=".")
        try:
            with os.fdopen(handle, "wb") as target:
                for chunk in chunks:
                    digest.update(chunk)
                    size += target.write(chunk)
                target.flush()
                os.fchmod(target.fileno(), FILE_MODE)
                os.fsync(target.fileno())
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise
        return Path(scratch), digest.hexdigest(), size

    def name_it(self, scratch: Path, name: str) -> str:
        """Give the file at ``scratch`` its name for good, over an older file of that name."""
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        scratch.replace(path)
        _sync_folder(path.parent)
        _sync_folder(path.parent.parent)
        return name

    def url(self, name: str | None) -> str:
        """Raise ValueError: a file goes out through a view that asks permission, never by an address of its own."""
        message = f"The folder is private: {name} has no address."
        raise ValueError(message)

    def _save(self, name: str, content: File) -> str:  # Django's hook for writing a file
        scratch, _, _ = self.write_hashed(content.chunks())
        return self.name_it(scratch, name)
