"""Photographs and scans: one still picture, decoded to its last row, with nothing behind it."""

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import pillow_heif
from PIL import Image

from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.policy import MAX_PIXELS, MAX_SIDE
from vetting_portal.inspection.sniffing import file_size

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # sizes are refused below, in words, before Pillow would
pillow_heif.options.THUMBNAILS = False

DAMAGED = (
    "This picture is damaged or was cut off. Open it on your device, save it again or take it again, and send the new "
    "one."
)
TOO_MANY_PIXELS = "This picture is too large: it has too many pixels. Save it smaller and send it again."
ANIMATED = "This file has a moving picture in it. Save one still picture and send that."
MORE = "This file holds more than a picture. Open it, save it again as a plain JPEG or PNG, and send the new one."
SOI, EOI, SOS, APP0, APP15, COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xEF, 0xFE
FILL = 0xFF
RESTARTS = range(0xD0, 0xD8)
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PNG_KEYS = frozenset({b"acTL", b"fcTL", b"fdAT"})
PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
HEIF_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip", b"wide", b"uuid", b"sefd", b"pdin", b"etyp"})
HEIF_FILMS = frozenset({b"moov", b"mpvd", b"moof"})
PNG_SIZE_ENDS = 24
LARGEST_CHUNK = 1 << 31
MOST_PICTURES = 20
STRAY_BYTES = 16  # some cameras leave a few behind the end
PIECE = 64 * 1024
PARSER_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
    LookupError,
    TypeError,
    struct.error,
    zlib.error,
)
# A frame of a JPEG: marker, length, 8 or 12 bits, height, width, and one to four components.
_JPEG_FRAME = re.compile(
    rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]\x00[\x0b\x0e\x11\x14][\x08\x0c](..)(..)[\x01-\x04]", re.DOTALL
)
_ACTIVE = re.compile(rb"<\s*(?:script|html|iframe|svg|body)\b|<\?php|<!doctype\s+html|%PDF-", re.IGNORECASE)


def check_size(width: int, height: int) -> None:
    """Raise Refusal where a picture has too many pixels, before one is decoded."""
    if width < 1 or height < 1:
        raise Refusal(DAMAGED)
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refusal(TOO_MANY_PIXELS)


def check_announced_size(head: bytes) -> None:
    """Raise Refusal where the first bytes of a PNG or JPEG announce more pixels than any picture may have."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and len(head) >= PNG_SIZE_ENDS:
        check_size(*struct.unpack_from(">II", head, 16))
    if head.startswith(b"\xff\xd8\xff"):
        frame = _JPEG_FRAME.search(head)
        if frame is not None:
            check_size(int.from_bytes(frame[2], "big"), int.from_bytes(frame[1], "big"))


def _check_words(content: bytes) -> None:
    """Raise Refusal where the notes of a picture hold a page or a program."""
    if _ACTIVE.search(content):
        raise Refusal(MORE)


def _check_no_archive(file: BinaryIO) -> None:
    file.seek(0)
    if zipfile.is_zipfile(file):
        raise Refusal(MORE)


def _decode(file: BinaryIO, form: str) -> None:
    """Decode a picture to its last row. Raises Refusal."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file, formats=[form]) as picture:
                check_size(*picture.size)
                if form == "JPEG":  # an eighth of each side: every coded byte is read, little memory is needed
                    picture.draft(None, (max(1, picture.width // 8), max(1, picture.height // 8)))
                picture.load()
    except PARSER_FAULTS as bad:
        raise Refusal(DAMAGED) from bad


# --- JPEG -----------------------------------------------------------------------------------------


def _after_scan(content: bytes, at: int) -> int:
    """Return where the coded data that begin at ``at`` end: at the next marker that is no restart and no stuffing."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise Refusal(DAMAGED)
        following = content[at + 1]
        if following == 0 or following in RESTARTS:
            at += 2
        elif following == FILL:
            at += 1
        else:
            return at


def _segment(content: bytes, at: int) -> tuple[int, int, bytes]:
    """Return where the segment at ``at`` ends, its marker and its body. Raises Refusal."""
    while at + 1 < len(content) and content[at] == content[at + 1] == FILL:
        at += 1
    if at + 2 > len(content) or content[at] != FILL:
        raise Refusal(DAMAGED)
    marker = content[at + 1]
    if marker == EOI:
        return at + 2, marker, b""
    length = int.from_bytes(content[at + 2 : at + 4], "big")
    end = at + 2 + length
    if marker == SOI or marker in RESTARTS or length < 2 or end > len(content):  # noqa: PLR2004  it counts itself
        raise Refusal(DAMAGED)
    return end, marker, content[at + 4 : end]


def _end_of_jpeg(content: bytes, at: int) -> int:
    """Walk one JPEG from its start at ``at`` and return where it ends. Raises Refusal."""
    if content[at : at + 2] != b"\xff\xd8":
        raise Refusal(DAMAGED)
    at += 2
    while True:
        at, marker, body = _segment(content, at)
        if marker == EOI:
            return at
        if marker in FRAMES:
            check_size(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
        if marker == COM or APP0 <= marker <= APP15:
            _check_words(body)
        if marker == SOS:
            at = _after_scan(content, at)


def _check_behind_jpeg(content: bytes, at: int) -> None:
    """Behind the picture may stand further JPEGs (a phone's depth or HDR map), Samsung's notes, and padding."""
    for _ in range(MOST_PICTURES):
        while at < len(content) and content[at] == 0:
            at += 1
        rest = content[at:]
        if not rest[:PIECE].strip(b"\x00\xff\r\n ") and not any(rest[PIECE:]):
            return
        if len(rest) <= STRAY_BYTES and b"<" not in rest:
            return
        if rest[:3] == b"\xff\xd8\xff":
            at = _end_of_jpeg(content, at)
            continue
        if rest[-4:] == b"SEFT" and b"SEFH" in rest:
            if b"ftyp" in rest:
                raise Refusal(ANIMATED)
            _check_words(rest)
            return
        raise Refusal(ANIMATED if b"ftyp" in rest[:8] else MORE)
    raise Refusal(MORE)


def check_jpeg(file: BinaryIO) -> None:
    """Check a JPEG: every segment, every pixel, and what stands behind. Raises Refusal."""
    _check_no_archive(file)
    file.seek(0)
    content = file.read()
    if b"%PDF-" in content[:1024]:
        raise Refusal(MORE)
    _check_behind_jpeg(content, _end_of_jpeg(content, 0))
    del content
    _decode(file, "JPEG")


# --- PNG ------------------------------------------------------------------------------------------


def _png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield (type, length, first bytes) of each chunk, having checked its sum. Raises Refusal."""
    end = file_size(file)
    file.seek(8)
    while True:
        head = file.read(8)
        if len(head) < 8:  # noqa: PLR2004  length and type
            raise Refusal(DAMAGED)
        length, kind = struct.unpack(">I4s", head)
        if length >= LARGEST_CHUNK or file.tell() + length + 4 > end:
            raise Refusal(DAMAGED)
        total, left, first = zlib.crc32(kind), length, b""
        while left:
            piece = file.read(min(left, PIECE))
            if not first or kind in PNG_TEXTS:
                first += piece
            total = zlib.crc32(piece, total)
            left -= len(piece)
        if struct.unpack(">I", file.read(4))[0] != total:
            raise Refusal(DAMAGED)
        yield kind, length, first
        if kind == b"IEND":
            return


def check_png(file: BinaryIO) -> None:
    """Check a PNG: every chunk and its sum, every pixel, and that nothing stands behind. Raises Refusal."""
    for number, (kind, length, first) in enumerate(_png_chunks(file)):
        if (number == 0) != (kind == b"IHDR"):
            raise Refusal(DAMAGED)
        if kind == b"IHDR":
            if length != 13:  # noqa: PLR2004  fixed by the standard
                raise Refusal(DAMAGED)
            check_size(*struct.unpack_from(">II", first))
        if kind in PNG_KEYS:
            raise Refusal(ANIMATED)
        if kind in PNG_TEXTS:
            _check_words(first)
    while behind := file.read(PIECE):
        if behind.strip(b"\x00"):
            raise Refusal(MORE)
    _check_no_archive(file)
    _decode(file, "PNG")


# --- HEIC -----------------------------------------------------------------------------------------


def _check_boxes(file: BinaryIO) -> None:
    """The boxes of a HEIC fill the file exactly, and none holds a film. Raises Refusal."""
    end, at = file_size(file), 0
    while at < end:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:  # noqa: PLR2004  length and type
            raise Refusal(MORE)
        size, kind = struct.unpack(">I4s", head[:8])
        if size == 1 and len(head) == 16:  # noqa: PLR2004  a length of 64 bits follows
            size = struct.unpack(">Q", head[8:])[0]
        elif size == 0:
            size = end - at
        if kind in HEIF_FILMS:
            raise Refusal(ANIMATED)
        if kind not in HEIF_BOXES:
            raise Refusal(MORE if at else DAMAGED)
        if size < 8 or at + size > end:  # noqa: PLR2004  a box holds at least its head
            raise Refusal(DAMAGED)
        at += size


def check_heic(file: BinaryIO) -> None:
    """Check a HEIC: its boxes, its size, every pixel of the main picture. Raises Refusal."""
    _check_boxes(file)
    _check_no_archive(file)
    file.seek(0)
    try:
        heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
        for picture in heif:
            check_size(*picture.size)
        heif[heif.primary_index].load()
    except PARSER_FAULTS as bad:
        raise Refusal(DAMAGED) from bad
