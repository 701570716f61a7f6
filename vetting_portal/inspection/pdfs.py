"""PDF documents: whole, open, and without anything that acts, hides or holds another file."""

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import pikepdf

from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.policy import (
    MAX_PDF_OBJECTS,
    MAX_PDF_PAGES,
    MAX_PDF_PIXELS,
    MAX_PDF_STREAM,
    MAX_PDF_UNPACKED,
)
from vetting_portal.inspection.sniffing import file_size

DAMAGED = "This PDF is damaged or was cut off. Open it, print or save it as PDF again, and send the new file."
PASSWORD = "This PDF asks for a password. Save it without a password and send it again."  # noqa: S105  words, no secret
PROTECTED = (
    "This PDF is protected: it opens, but it is encrypted. Print it to a new PDF, or save it without protection, "
    "and send that."
)
SCRIPTS = "This PDF has scripts or actions that run by themselves. Print it to a new PDF and send that."
FORM = "This PDF is an XFA form, which most programs cannot show. Print it to a new PDF and send that."
ATTACHED = (
    "This PDF has other files inside. Send each of them on its own, and this one printed to a new PDF without them."
)
MEDIA = "This PDF has sound, film or a three-dimensional model inside. Print it to a new PDF and send that."
MORE = "This file holds more than a PDF. Open it, print or save it as PDF again, and send the new file."
PORTFOLIO = "This PDF is a portfolio of several files. Send each of them on its own."
OUTSIDE = "This PDF keeps part of its content in another file. Print it to a new PDF and send that."
TOO_MUCH = "This PDF unpacks to far more than it seems. Print it to a new PDF and send that."
EMPTY = "This PDF has no pages. Check that it is the file you meant to send."

HEADER = re.compile(rb"%PDF-[12]\.\d")
TAIL = 64 * 1024
LAST_KILOBYTE = 1024
PADDING = b" \t\r\n\x00\x1a"
_MARKUP = re.compile(rb"<\s*(?:html|script|body|iframe|svg)\b|<\?php|<!doctype\s+html", re.IGNORECASE)
_INTERESTING = re.compile(
    rb"/(?:JS|JavaScript|Launch|AA|OpenAction|XFA|EF|EmbeddedFile|EmbeddedFiles|Filespec|RichMedia\w*|Movie|Sound|Screen|"
    rb"Rendition|3D|FileAttachment|SubmitForm|ImportData|GoToE|Collection|F|URI|Encrypt|Action|SetState|Hide|Trans)\b"
)
_ALWAYS_REFUSED = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData"})
_MEDIA_ACTIONS = frozenset({"/Movie", "/Sound", "/Rendition", "/RichMediaExecute", "/GoTo3DView"})
_MEDIA_NOTES = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
_QUIET_AT_OPENING = frozenset({"/GoTo", "/Named"})
_FLATE = frozenset({"/FlateDecode", "/Fl"})
PIECE = 1 << 20


class _Part(io.RawIOBase):
    """A file up to its end without padding: readers look for the end of a PDF in its last kilobyte."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self.file, self.end, self.at = file, end, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self.at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.end}[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: Any, /) -> int:
        self.file.seek(self.at)
        read = self.file.read(max(0, min(len(buffer), self.end - self.at)))
        buffer[: len(read)] = read
        self.at += len(read)
        return len(read)


def _end_without_padding(file: BinaryIO) -> int:
    """Return where ``file`` ends, blanks and zero bytes aside."""
    end = file_size(file)
    while end:
        start = max(0, end - TAIL)
        file.seek(start)
        kept = file.read(end - start).rstrip(PADDING)
        if kept:
            return start + len(kept)
        end = start
    return 0


def _check_behind_updates(file: BinaryIO) -> None:
    """Raise Refusal for a web page behind one of the ends that a PDF changed by updates has inside."""
    file.seek(0)
    before = b""
    while piece := file.read(PIECE):
        window = before + piece
        for mark in re.finditer(rb"%%EOF", window):
            if _MARKUP.search(window[mark.end() : mark.end() + LAST_KILOBYTE].partition(b" obj")[0]):
                raise Refusal(MORE)
        before = window[-LAST_KILOBYTE:]


def _check_frame(file: BinaryIO) -> int:
    """The file begins as a PDF, ends as one, and is nothing else besides; returns where it ends. Raises Refusal."""
    file.seek(0)
    head = file.read(1024)
    if not HEADER.match(head):
        raise Refusal(DAMAGED)
    if _MARKUP.search(head.partition(b" obj")[0]):
        raise Refusal(MORE)
    end = _end_without_padding(file)
    file.seek(max(0, end - TAIL))
    before, mark, behind = file.read(min(end, TAIL)).rpartition(b"%%EOF")
    is_archive = zipfile.is_zipfile(file)
    if not mark:
        raise Refusal(MORE if is_archive else DAMAGED)
    if is_archive or behind:
        raise Refusal(MORE)
    if b"startxref" not in before:
        raise Refusal(DAMAGED)
    _check_behind_updates(file)
    return end


def _name(dictionary: Any, key: str) -> str:
    """Return the name under ``key``; "" where there is none."""
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _is_quiet(action: Any) -> bool:
    """An action at opening that only shows a page."""
    if isinstance(action, pikepdf.Array):
        return True
    if isinstance(action, pikepdf.Dictionary):
        return _name(action, "/S") in _QUIET_AT_OPENING and "/Next" not in action
    return not isinstance(action, pikepdf.Object) or isinstance(action, pikepdf.String | pikepdf.Name)


def _holds_names(tree: Any) -> bool:
    """A name tree with something in it; some programs leave an empty one."""
    if not isinstance(tree, pikepdf.Dictionary):
        return isinstance(tree, pikepdf.Array)
    return any(len(tree.get(key, ())) for key in ("/Names", "/Kids"))


def _check_actions(dictionary: Any, keys: frozenset[str]) -> None:
    """Raise Refusal for a dictionary that makes the reader's program do something."""
    does = _name(dictionary, "/S") if _name(dictionary, "/Type") != "/StructElem" else ""
    if does in _ALWAYS_REFUSED or (
        "/JS" in keys and isinstance(dictionary.get("/JS"), pikepdf.String | pikepdf.Stream)
    ):
        raise Refusal(SCRIPTS)
    if does in _MEDIA_ACTIONS and ("/JS" in keys or does != "/Sound" or "/Sound" in keys):
        raise Refusal(MEDIA)
    if does == "/GoToE":
        raise Refusal(ATTACHED)
    if does == "/URI" and str(dictionary.get("/URI", "")).strip().lower().startswith(("javascript:", "vbscript:")):
        raise Refusal(SCRIPTS)
    if "/OpenAction" in keys and not _is_quiet(dictionary.get("/OpenAction")):
        raise Refusal(SCRIPTS)
    if "/AA" in keys and isinstance(dictionary.get("/AA"), pikepdf.Dictionary) and len(dictionary.AA.keys()):
        raise Refusal(SCRIPTS)
    if "/JavaScript" in keys and _holds_names(dictionary.get("/JavaScript")):
        raise Refusal(SCRIPTS)


def _check_contents(dictionary: Any, keys: frozenset[str], *, is_stream: bool) -> None:
    """Raise Refusal for a dictionary that holds, or points to, something that is no page."""
    if "/XFA" in keys:
        raise Refusal(FORM)
    holds_file = "/EF" in keys and isinstance(dictionary.get("/EF"), pikepdf.Dictionary)
    subtype = _name(dictionary, "/Subtype")
    if holds_file or _name(dictionary, "/Type") == "/EmbeddedFile" or subtype == "/FileAttachment":
        raise Refusal(ATTACHED)
    if subtype in _MEDIA_NOTES and "/Rect" in keys:
        raise Refusal(MEDIA)
    if {"/RichMediaContent", "/RichMediaSettings"} & keys:
        raise Refusal(MEDIA)
    if "/Collection" in keys and _name(dictionary, "/Type") == "/Catalog":
        raise Refusal(PORTFOLIO)
    if is_stream and "/F" in keys:
        raise Refusal(OUTSIDE)


def _dictionaries(thing: Any) -> Iterator[tuple[Any, bool]]:
    """Yield each dictionary in an indirect object: itself, and those that stand in it directly."""
    stack = [thing]
    while stack:
        current = stack.pop()
        if isinstance(current, pikepdf.Stream):
            yield current.stream_dict, True
            stack.extend(value for value in current.stream_dict.values() if _is_direct_container(value))
        elif isinstance(current, pikepdf.Dictionary):
            yield current, False
            stack.extend(value for value in current.values() if _is_direct_container(value))
        elif isinstance(current, pikepdf.Array):
            stack.extend(value for value in current if _is_direct_container(value))


def _is_direct_container(value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect


def _written(thing: Any) -> bytes:
    """Return an object as qpdf writes it (escapes in names undone); a quick way to pass over the harmless ones."""
    if isinstance(thing, pikepdf.Stream):
        return thing.stream_dict.unparse(resolved=True)
    return thing.unparse(resolved=True)


class _Streams:
    """Unpacks the streams of a PDF in pieces, to see that they are whole and not larger than they seem."""

    def __init__(self) -> None:
        self.left = MAX_PDF_UNPACKED

    def check(self, stream: Any) -> None:
        """Raise Refusal for a pixel flood, a bomb, or damaged content that is no picture."""
        keys = stream.stream_dict
        is_picture = _name(keys, "/Subtype") == "/Image"
        if is_picture:
            width, height = keys.get("/Width", 0), keys.get("/Height", 0)
            if int(width) * int(height) > MAX_PDF_PIXELS:
                raise Refusal(TOO_MUCH)
        filters = keys.get("/Filter")
        names = [str(filters)] if isinstance(filters, pikepdf.Name) else [str(one) for one in filters or []]
        flates = 0
        for name in names:
            if name not in _FLATE:
                break
            flates += 1
        if flates and _name(keys, "/Type") != "/XRef":
            self._unpack(bytes(stream.read_raw_bytes()), flates, is_picture=is_picture)

    def _unpack(self, content: bytes, layers: int, *, is_picture: bool) -> None:
        """Inflate ``layers`` times; each layer but the last is kept, so a layer may not outgrow the file's limit."""
        unpacked = 0
        inflate = zlib.decompressobj()
        kept = bytearray()
        view = memoryview(content)
        try:
            for at in range(0, len(view), PIECE):
                pending = bytes(view[at : at + PIECE])
                while pending:
                    piece = inflate.decompress(pending, PIECE)
                    pending = inflate.unconsumed_tail
                    unpacked += len(piece)
                    self.left -= len(piece)
                    if unpacked > MAX_PDF_STREAM or self.left < 0:
                        raise Refusal(TOO_MUCH)
                    if layers > 1:
                        kept += piece
                    if not piece and not pending:
                        break
        except zlib.error as broken:
            if is_picture:
                return  # readers show such a picture in part
            raise Refusal(DAMAGED) from broken
        if layers > 1:
            self._unpack(bytes(kept), layers - 1, is_picture=is_picture)


def _check_objects(document: pikepdf.Pdf) -> None:
    """Look at every object, also those that no page uses. Raises Refusal."""
    streams = _Streams()
    for number, thing in enumerate(document.objects):
        if number > MAX_PDF_OBJECTS:
            raise Refusal(TOO_MUCH)
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream):
            continue
        if _INTERESTING.search(_written(thing)):
            for dictionary, is_stream in _dictionaries(thing):
                keys = frozenset(dictionary.keys())
                _check_actions(dictionary, keys)
                _check_contents(dictionary, keys, is_stream=is_stream)
        if isinstance(thing, pikepdf.Stream):
            streams.check(thing)
    trailer = document.trailer
    for dictionary, is_stream in _dictionaries(trailer):
        keys = frozenset(dictionary.keys())
        _check_actions(dictionary, keys)
        _check_contents(dictionary, keys, is_stream=is_stream)


def check_pdf(file: BinaryIO) -> None:
    """Check a PDF from its first byte to its last. Raises Refusal."""
    end = _check_frame(file)
    whole: Any = file if file_size(file) - end < LAST_KILOBYTE // 2 else io.BufferedReader(_Part(file, end))
    whole.seek(0)
    try:
        with pikepdf.Pdf.open(whole, suppress_warnings=True, attempt_recovery=False) as document:
            if document.is_encrypted:
                raise Refusal(PROTECTED)
            pages = len(document.pages)
            if pages < 1:
                raise Refusal(EMPTY)
            if pages > MAX_PDF_PAGES:
                raise Refusal(TOO_MUCH)
            _check_objects(document)
    except pikepdf.PasswordError as locked:
        raise Refusal(PASSWORD) from locked
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError, IndexError) as broken:
        raise Refusal(DAMAGED) from broken
