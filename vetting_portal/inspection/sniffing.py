"""Tells what a file is from its first bytes, at offset 0 and nowhere else."""

import os
import re
from typing import BinaryIO

import puremagic

from vetting_portal.inspection.policy import HEIC, JPEG, PDF, PNG, UNKNOWN

HEAD = 4096
ZIP = "application/zip"
OLE = "application/x-ole-storage"
AVIF = "image/avif"
TEXT = "text/plain"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF.media_type),
    (b"\xff\xd8\xff", JPEG.media_type),
    (b"\x89PNG\r\n\x1a\n", PNG.media_type),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"{\\rtf", "application/rtf"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"#!", "text/x-shellscript"),
    (b"%!PS", "application/postscript"),
    (b"<?php", "application/x-httpd-php"),
)
ARCHIVES = frozenset(
    {
        ZIP,
        "application/vnd.rar",
        "application/x-7z-compressed",
        "application/gzip",
        "application/x-bzip2",
        "application/x-xz",
        "application/zstd",
        "application/x-tar",
    }
)
PROGRAMS = frozenset(
    {
        "application/x-executable",
        "application/vnd.microsoft.portable-executable",
        "text/x-shellscript",
        "application/x-httpd-php",
        "text/x-python",
        "text/javascript",
    }
)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx", b"mif2"})
_MARKUP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!doctype\s+svg[^>]*>\s*)*<(!doctype\s+html|html|head|body|"
    rb"script|iframe|svg(?::svg)?)\b",
    re.IGNORECASE | re.DOTALL,
)


def read_head(file: BinaryIO) -> bytes:
    """Return the first bytes of ``file``."""
    file.seek(0)
    return file.read(HEAD)


def file_size(file: BinaryIO) -> int:
    """Return how many bytes ``file`` has."""
    return file.seek(0, os.SEEK_END)


def _iso_media(head: bytes) -> str | None:
    """The type of a file made of ISO boxes: HEIC, AVIF or a film."""
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if head[8:12] in {b"avif", b"avis"} or (brands & {b"avif", b"avis"} and not brands & {b"heic", b"heix"}):
        return AVIF
    return HEIC.media_type if brands & _HEIC_BRANDS else "video/mp4"


def _text(head: bytes) -> str | None:
    """The type of a text: markup that a browser would run, or plain text."""
    if markup := _MARKUP.match(head):
        return "image/svg+xml" if markup.group(1).lower().startswith(b"svg") else "text/html"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return "image/svg+xml" if b"<svg" in head.lower() else "application/xml"
    if b"\x00" in head:
        return None
    try:
        head[: HEAD - 4].decode()
    except UnicodeDecodeError:
        return None
    return TEXT


def sniff(head: bytes) -> str:
    """Return the MIME type that the first bytes of a file speak for; ``application/octet-stream`` where none."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if known := _iso_media(head) or (_text(head) if head else None):
        return known
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN
    except (puremagic.PureError, ValueError):
        return UNKNOWN
