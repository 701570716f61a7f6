"""Has the pages of a file drawn by a limited process, and reads what it gives: pictures, or why there are none."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from partners.previews.child import OFFICE_SECONDS, OUT_OF_MEMORY, TOO_LARGE
from vetting_portal.children import python, start
from vetting_portal.inspection.policy import BY_MEDIA_TYPE, HEIC, JPEG, MAX_BYTES, PDF, PNG, WALL_SECONDS
from vetting_portal.inspection.sandbox import on_disk

PICTURES = frozenset({JPEG.media_type, PNG.media_type, HEIC.media_type})
OFFICE = frozenset(BY_MEDIA_TYPE) - PICTURES - {PDF.media_type}
SLOW = "Its pages take too long to draw."
HEAVY = "Its pages need too much memory to draw."
UNREADABLE = "Its pages cannot be drawn: the file may be damaged."
NOT_CONVERTED = "LibreOffice could not turn it into pages."
LONGEST_LINE = 10_000


@dataclass(frozen=True)
class DrawnPage:
    """One page as pictures: its number from 1, its size at 100% in CSS pixels, two WebP pictures, and the lines of its
    text with the place of each character (none for a scan).
    """

    number: int
    width: int
    height: int
    small_width: int
    large_width: int
    small: bytes
    large: bytes
    lines: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Drawn:
    """What a run gave: how many pages the file has (None where it does not open), pages, and why there are no more."""

    count: int | None
    pages: tuple[DrawnPage, ...] = ()
    failure: str = ""


def converter() -> str | None:
    """Return the path of LibreOffice, or None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def can_be_shown(media_type: str) -> bool:
    """Whether pages can be made of a file of that type on this machine."""
    return media_type == PDF.media_type or media_type in PICTURES or (media_type in OFFICE and converter() is not None)


def _run(words: Sequence[str], *, seconds: float, out: IO[bytes] | int) -> int | None:
    """Run the child; return how it ended, None where it had to be ended: it and all it started."""
    process = start([*python("partners.previews.child"), *words], stdin=subprocess.DEVNULL, stdout=out)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _why(ended: int | None) -> str:
    """Say in words how a child ended; nothing where it ended well."""
    if ended == 0:
        return ""
    if ended is None or -ended in {signal.SIGXCPU, signal.SIGKILL}:
        return SLOW
    return HEAVY if ended in {OUT_OF_MEMORY, TOO_LARGE} else UNREADABLE


def _frames(out: IO[bytes]) -> Iterator[int | DrawnPage]:
    """Yield the count, then each whole page; a frame that was cut off ends it."""
    while line := out.readline(LONGEST_LINE):
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "count" in said:
            yield int(said["count"])
            continue
        small, large = (out.read(size) for size in said["sizes"])
        text = out.read(said.get("text", 0))
        if [len(small), len(large), len(text)] != [*said["sizes"], said.get("text", 0)]:
            return
        yield DrawnPage(
            number=said["page"],
            width=said["width"],
            height=said["height"],
            small_width=said["widths"][0],
            large_width=said["widths"][1],
            small=small,
            large=large,
            lines=tuple(json.loads(text or b"[]")),
        )


def draw_pages(file: IO[bytes] | Path, media_type: str, *, first: int = 1, last: int = 1) -> Drawn:
    """Return the pages ``first`` to ``last`` of a PDF or a picture. Slow: call it in no transaction."""
    with on_disk(file) as path, tempfile.TemporaryFile() as out:
        ended = _run(["draw", str(path), media_type, str(first), str(last)], seconds=WALL_SECONDS, out=out)
        out.seek(0)
        count: int | None = None
        pages: list[DrawnPage] = []
        for frame in _frames(out):
            if isinstance(frame, int):
                count = frame
            else:
                pages.append(frame)
        return Drawn(count, tuple(pages), _why(ended))


@contextlib.contextmanager
def converted(file: IO[bytes], media_type: str) -> Iterator[Path | None]:
    """Give the PDF that LibreOffice makes of an office file; None where it makes none. Slow."""
    program = converter()
    ending = BY_MEDIA_TYPE[media_type].endings[0]
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        if program is None:
            yield None
            return
        with Path(folder, f"paper.{ending}").open("wb") as copy:
            shutil.copyfileobj(file, copy)
        words = ["convert", program, folder, f"paper.{ending}"]
        _run(words, seconds=OFFICE_SECONDS + 30, out=subprocess.DEVNULL)
        made = Path(folder, "paper.pdf")
        yield made if made.is_file() and 0 < made.stat().st_size <= MAX_BYTES else None
