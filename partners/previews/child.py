"""Draws pages of one file, or hands it to LibreOffice, within limits that it takes upon itself first. No Django here.

``draw PATH TYPE FIRST LAST`` writes frames to its output: a line of JSON, then the bytes that it announces.
``convert PROGRAM FOLDER NAME`` becomes LibreOffice, which writes a PDF of FOLDER/NAME into FOLDER.
"""

import contextlib
import ctypes
import io
import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pillow_heif
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps

from vetting_portal.inspection.limits import limit_self
from vetting_portal.inspection.policy import BY_MEDIA_TYPE, CPU_SECONDS, MAX_PIXELS, MEMORY_BYTES, PDF

LARGE, SMALL = 1700, 900
"""Widths in pixels: the large one is an A4 page at 200%, the small one fits a telephone and a pane of the desk."""
LONGEST_SIDE = 3000
MOST_ENLARGED = 4
QUALITY = 75
POINTS_PER_INCH, CSS_PIXELS_PER_INCH = 72, 96
MOST_CHARACTERS = 20_000
"""A page with more text is shown without a text layer: nobody reads it, and it would be slow to select in."""
DRAWN_BYTES = 64_000_000
OFFICE_MEMORY, OFFICE_SECONDS, OFFICE_BYTES, OFFICE_FILES = 4_000_000_000, 60, 60_000_000, 512
UNSEEN = {0, 9, 10, 13, 32, 0xFFFE, 0xFFFF}
OUT_OF_MEMORY, NOT_READABLE, TOO_LARGE = 3, 4, 5
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


type Line = dict[str, Any]
"""A line of text on a page at 100%: top and height, the text, and where each character begins, then where it ends."""


def _encode(image: Image.Image) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "WEBP", quality=QUALITY, method=2)
    return sink.getvalue()


def _fitted(image: Image.Image, width: int) -> Image.Image:
    """Return the picture at most ``width`` wide; it is never enlarged."""
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2)


def _frame(number: int, image: Image.Image, shown: tuple[int, int], lines: Sequence[Line] = ()) -> None:
    """Write one page: its number, its size at 100% in CSS pixels, both pictures, and the lines of its text."""
    pictures = [_fitted(image, width) for width in (SMALL, LARGE)]
    encoded = [_encode(picture) for picture in pictures]
    text = json.dumps(lines).encode()
    says = {
        "page": number,
        "width": shown[0],
        "height": shown[1],
        "widths": [picture.width for picture in pictures],
        "sizes": [len(one) for one in encoded],
        "text": len(text),
    }
    _write(says, *encoded, text)


def _write(says: dict[str, Any], *blobs: bytes) -> None:
    out = sys.stdout.buffer
    out.write(json.dumps(says).encode() + b"\n")
    for blob in blobs:
        out.write(blob)
    out.flush()


def _scale(width: float, height: float) -> float:
    """Return how much a page of that many points is enlarged: to the large width, no side too long."""
    return min(LARGE / width, LONGEST_SIDE / max(width, height), MOST_ENLARGED)


def _is_slanted(angle: float) -> bool:
    """Whether text at that angle (radians) stands neither along the page nor across it, by more than six degrees."""
    return abs(math.sin(2 * angle)) * 5 > 1


def _characters(page: pypdfium2.PdfPage, size: tuple[int, int]) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """Yield each character of a page with its box in CSS pixels: left, top, right, bottom; turned as the page is."""
    textpage = page.get_textpage()
    box = [ctypes.c_double() for _ in range(4)]
    across, down = ctypes.c_int(), ctypes.c_int()
    for index in range(min(textpage.count_chars(), MOST_CHARACTERS + 1)):
        code = pdfium.FPDFText_GetUnicode(textpage.raw, index)
        if _is_slanted(pdfium.FPDFText_GetCharAngle(textpage.raw, index)):
            continue  # a watermark: nothing to cite, and it would lie over the text
        if code in UNSEEN or not pdfium.FPDFText_GetCharBox(textpage.raw, index, *(ctypes.byref(one) for one in box)):
            yield " ", (0, 0, 0, 0)
            continue
        left, right, bottom, top = (one.value for one in box)
        corners = []
        for x, y in ((left, top), (right, bottom)):
            pdfium.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, ctypes.byref(across), ctypes.byref(down))
            corners.append((across.value, down.value))
        (x0, y0), (x1, y1) = corners
        yield chr(code), (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _lines(page: pypdfium2.PdfPage, size: tuple[int, int]) -> list[Line]:
    """Return the text of a page line by line, in the order of the file; none for a page with too much of it."""
    lines: list[list[tuple[str, tuple[int, int, int, int]]]] = [[]]
    count = 0
    for char, box in _characters(page, size):
        count += 1
        line = lines[-1]
        seen = box[3] > box[1] or box[2] > box[0]
        if seen and line and not _continues(line[-1][1], box):
            line = []
            lines.append(line)
        if seen:
            line.append((char, box))
        elif line and line[-1][0] != " ":
            right = line[-1][1][2]
            line.append((" ", (right, line[-1][1][1], right, line[-1][1][3])))
    return [] if count > MOST_CHARACTERS else [_line(one) for one in lines if "".join(char for char, _ in one).strip()]


def _continues(before: tuple[int, int, int, int], box: tuple[int, int, int, int]) -> bool:
    """Whether a character stands on the line of the one before, and not far behind or in front of it."""
    height = max(before[3] - before[1], box[3] - box[1], 1)
    middle, was = (box[1] + box[3]) / 2, (before[1] + before[3]) / 2
    return abs(middle - was) <= height and -height <= box[0] - before[2] <= 3 * height


def _line(chars: list[tuple[str, tuple[int, int, int, int]]]) -> Line:
    chars = chars[:-1] if chars[-1][0] == " " else chars
    top, bottom = min(box[1] for _, box in chars), max(box[3] for _, box in chars)
    starts = [box[0] for _, box in chars]
    return {
        "y": top,
        "h": max(1, bottom - top),
        "t": "".join(char for char, _ in chars),
        "x": [*starts, max(box[2] for _, box in chars)],
    }


def _draw_pdf(path: Path, first: int, last: int) -> None:
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()  # what was typed into a form is part of the page
        count = len(document)
        _write({"count": count})
        for number in range(first, min(last, count) + 1):
            page = document[number - 1]
            width, height = (max(1, side) for side in page.get_size())
            image = page.render(scale=_scale(width, height)).to_pil().convert("RGB")
            shown = CSS_PIXELS_PER_INCH / POINTS_PER_INCH
            size = (max(1, round(width * shown)), max(1, round(height * shown)))
            _frame(number, image, size, _lines(page, size))
            page.close()


def _draw_picture(path: Path) -> None:
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with Image.open(path) as opened:
        _write({"count": 1})
        opened.draft("RGB", (LARGE, LARGE))  # a JPEG is decoded smaller at once
        image = ImageOps.exif_transpose(opened).convert("RGB")
    image.thumbnail((LARGE, LONGEST_SIDE))
    _frame(1, image, (max(1, image.width // 2), max(1, image.height // 2)))


def draw(path: str, media_type: str, first: str, last: str) -> None:
    """Write the frames of the pages ``first`` to ``last``; a picture has one."""
    limit_self(cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES, written_bytes=DRAWN_BYTES)
    if media_type == PDF.media_type:
        _draw_pdf(Path(path), int(first), int(last))
    elif media_type in BY_MEDIA_TYPE and media_type.startswith("image/"):
        _draw_picture(Path(path))
    else:
        sys.exit(NOT_READABLE)


def _settings() -> Iterator[tuple[str, str, str]]:
    """Yield what LibreOffice is told before it starts: no macro, nothing from outside."""
    scripting = "/org.openoffice.Office.Common/Security/Scripting"
    yield scripting, "DisableMacrosExecution", "true"
    yield scripting, "BlockUntrustedRefererLinks", "true"
    yield scripting, "DisableActiveContent", "true"
    yield scripting, "MacroSecurityLevel", "3"


def _make_profile(folder: Path) -> Path:
    """Make a profile of its own for one conversion."""
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _settings()
    )
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}'
        "</oor:items>"
    )
    return user.parent


def convert(program: str, folder: str, name: str) -> None:
    """Become LibreOffice for one file: limited, with a profile of its own, without a network where Linux lets us."""
    profile = _make_profile(Path(folder))
    with contextlib.suppress(OSError, AttributeError):
        os.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    limit_self(
        cpu_seconds=OFFICE_SECONDS,
        memory_bytes=OFFICE_MEMORY,
        written_bytes=OFFICE_BYTES,
        open_files=OFFICE_FILES,
    )
    os.chdir(folder)
    words = ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard"]
    place = ["--convert-to", "pdf", "--outdir", folder, str(Path(folder, name))]
    os.execve(  # noqa: S606 the program that the parent found
        program,
        [program, f"-env:UserInstallation={profile.as_uri()}", *words, *place],
        {"PATH": os.defpath, "HOME": folder, "LANG": "C.UTF-8", "TMPDIR": folder},
    )


def main(arguments: list[str]) -> int:
    """Do what is asked and return how it ended."""
    try:
        if arguments[0] == "draw":
            draw(*arguments[1:])
        else:
            convert(*arguments[1:])
    except MemoryError:
        return OUT_OF_MEMORY
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_LARGE
    except (pypdfium2.PdfiumError, OSError, ValueError, SyntaxError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return NOT_READABLE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
