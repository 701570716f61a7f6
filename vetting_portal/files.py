"""Files under the hash of their content: written once, checked when read, served so that nothing in them can run."""

import hashlib
import io
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Protocol

from django.core.files.base import File
from django.core.files.storage import storages
from django.http import FileResponse, HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from vetting_portal.clock import on_the_funders_clock
from vetting_portal.inspection.policy import MAX_NAME
from vetting_portal.storages import FolderStorage

if TYPE_CHECKING:
    from vetting_portal.models import StoredFile

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
HASH = re.compile(r"[0-9a-f]{64}")
SHOWN_INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})
SANDBOX = "sandbox; default-src 'none'"  # browsers' own PDF viewers work in it (tried with Chromium 156)


class FileDamaged(Exception):
    """The storage has no such file, or other bytes than were put there."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A content that is in the storage: its SHA-256 (64 hexadecimal digits) and size in bytes."""

    sha256: str
    size: int


class Readable(Protocol):
    """What ``put`` needs of a file."""

    def read(self, size: int = ..., /) -> bytes: ...


def _chunks(file: Readable) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def place(sha256: str) -> str:
    """Return the name under which the storage keeps the content with this hash. Raises ValueError for anything else."""
    if not HASH.fullmatch(sha256):
        message = "not a SHA-256 in hexadecimal"
        raise ValueError(message)
    return f"{sha256[:2]}/{sha256}"


def put(content: bytes | Readable) -> Blob:
    """Write ``content`` (bytes, or a file from where it stands; an uploaded file from its start) into the storage.

    Call it in no transaction. It may be repeated: the same content has the same place, and writing it again mends
    a damaged copy. Raises OSError where the storage does not take all of it.
    """
    source: Any = io.BytesIO(content) if isinstance(content, bytes | bytearray | memoryview) else content
    if isinstance(source, File) and source.seekable():
        source.seek(0)
    storage = storages["default"]
    if isinstance(storage, FolderStorage):
        scratch, sha256, size = storage.write_hashed(_chunks(source))
        storage.name_it(scratch, place(sha256))
        return Blob(sha256, size)
    return _put_remote(storage, source)


def _put_remote(storage: Any, source: Any) -> Blob:
    """Hash ``source`` first, then send it: an object store wants the name before the bytes."""
    start = source.tell()
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(source):
        digest.update(chunk)
        size += len(chunk)
    source.seek(start)
    blob = Blob(digest.hexdigest(), size)
    name = place(blob.sha256)
    body = source if start == 0 else io.BytesIO(source.read())
    kept = storage.save(name, File(body, name=name))
    if kept != name or storage.size(name) != size:
        message = "The storage did not take the whole file."
        raise OSError(message)
    return blob


def open_stored(stored: "StoredFile | Blob") -> IO[bytes]:
    """Open a stored file for reading, after checking every byte against its hash. Raises FileDamaged."""
    name = place(stored.sha256)
    try:
        file = storages["default"].open(name, "rb")
        digest = hashlib.sha256()
        for chunk in _chunks(file):
            digest.update(chunk)
    except FileNotFoundError as missing:
        message = f"The storage has no file {name}."
        raise FileDamaged(message) from missing
    if digest.hexdigest() != stored.sha256:
        file.close()
        message = f"The file {name} in the storage is not the one that was put there."
        raise FileDamaged(message)
    file.seek(0)
    return file


def read_stored(stored: "StoredFile | Blob") -> bytes:
    """Return the bytes of a stored file, checked against its hash. Raises FileDamaged."""
    with open_stored(stored) as file:
        return file.read()


def is_stored(sha256: str) -> bool:
    """The storage has a file under this hash (its bytes are not read)."""
    return storages["default"].exists(place(sha256))


def safe_filename(name: str, default: str = "document") -> str:
    """Return ``name`` without folders and invisible characters, at most 150 characters long, its ending kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    shown = " ".join(shown.split()).strip(". ")
    if not shown:
        return default
    ending = PurePosixPath(shown).suffix[:16]
    return shown if len(shown) <= MAX_NAME else shown[: MAX_NAME - len(ending)].rstrip(". ") + ending


class StoredFileResponse(FileResponse):
    """A stored file on its way out; ``after`` runs once it is out, so that what is noted of it delays nobody."""

    def __init__(self, *args: Any, after: Callable[[], object] | None = None, **kwargs: Any) -> None:
        self._after = after
        super().__init__(*args, **kwargs)

    def close(self) -> None:
        """Close the file, then do what is to be done after; what fails there is logged and spoils no download."""
        super().close()
        after, self._after = self._after, None
        if after is not None:
            try:
                with on_the_funders_clock():  # the request's own ended with it
                    after()
            except Exception:
                logger.exception("What follows a download failed")


def serve_picture(
    request: HttpRequest, stored: "StoredFile", *, after: Callable[[], object] | None = None
) -> HttpResponseBase:
    """Answer with a picture that the portal made; ask permission before. A browser keeps it, and asks each time.

    Raises FileDamaged before a byte is sent. What the browser holds already is not sent again (304). ``after`` is what
    is noted of it, once it is out.
    """
    etag = f'"{stored.sha256}"'
    response: HttpResponseBase
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
        if after is not None:
            after()
    else:
        response = StoredFileResponse(open_stored(stored), content_type=stored.media_type, after=after)
        response["Content-Length"] = str(stored.size)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    _harmless(response)
    return response


def _harmless(response: HttpResponseBase) -> None:
    """Say that nothing in an answer may run, be taken for another type, or be used by another site."""
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"


def serve_stored(
    request: HttpRequest,  # noqa: ARG001  every view hands its request on
    stored: "StoredFile",
    *,
    filename: str,
    inline: bool = False,
    after: Callable[[], object] | None = None,
) -> HttpResponseBase:
    """Answer with a stored file as an attachment (or ``inline``, for PDF, JPEG and PNG); ask permission before.

    ``after`` is called when the file is out.

    Raises FileDamaged before a byte is sent. Nothing in the file can run as a page of this site.
    """
    shown = inline and stored.media_type in SHOWN_INLINE
    file = open_stored(stored)
    response = StoredFileResponse(file, content_type=stored.media_type, after=after)
    response["Content-Length"] = str(stored.size)
    disposition = content_disposition_header(as_attachment=not shown, filename=safe_filename(filename))
    response["Content-Disposition"] = disposition or "attachment"
    _harmless(response)
    response["Cache-Control"] = "private, no-store"
    return response
