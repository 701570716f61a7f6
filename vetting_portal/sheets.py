"""Reads a CSV file as it comes, line by line: tolerant of BOM, delimiters and line ends, strict about everything else.

Nothing of the file is kept; what its cells mean is for the reader to say.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

from django.core.exceptions import ValidationError

HEAD, PIECE = 4096, 256 * 1024
LONGEST_LINE = 100_000
DELIMITERS = ",;\t"
FIRST_LONE, LAST_LONE = "\udc80", "\udcff"
NO_CSV = "This is no CSV file. Save the sheet as CSV (UTF-8) and send that."
NO_TEXT = "This is not UTF-8. Save the sheet as CSV (UTF-8) and send that."


class NoSheet(ValidationError):
    """The file as a whole cannot be read as a sheet with the columns that are wanted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line below the first, by its number in the file; ``fault`` says why its cells cannot be read.

    ``is_open``: it has no line end and an empty last cell, so the file may stop in it.
    """

    number: int
    cells: list[str]
    fault: str = ""
    is_open: bool = False


class _Text:
    """The lines of a text as a CSV reader takes them: none is kept, none is longer than allowed; the last is known."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self.last = text, ""

    def __iter__(self) -> "_Text":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE:
            message = f"it is longer than {LONGEST_LINE} characters"
            raise csv.Error(message)
        self.last = line
        return line

    @property
    def ends_openly(self) -> bool:
        """Whether the line that was read last has no line end: the file stops in it."""
        return bool(self.last) and not self.last.endswith(("\n", "\r"))


class Sheet:
    """An open file of lines under a first line of headings."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self._text = _Text(text)
        self._reader: Any = csv.reader(self._text, delimiter=delimiter, strict=True)

    @cached_property
    def headings(self) -> list[str]:
        """The cells of the first line. Raises NoSheet where there is none, or it is no text."""
        try:
            cells = [cell.strip() for cell in next(self._reader)]
        except StopIteration:
            raise NoSheet("The file is empty.") from None
        except csv.Error as error:
            message = f"The first line cannot be read as CSV: {error}."
            raise NoSheet(message) from None
        if not _is_text(cells):
            raise NoSheet(NO_TEXT)
        return cells

    def places(self, wanted: Mapping[str, str]) -> dict[str, int]:
        """Return where each column stands, by our name of it; capitals do not matter.

        Raises NoSheet when a wanted heading is missing or there twice.
        """
        there = [heading.casefold() for heading in self.headings]
        if missing := [heading for heading in wanted.values() if heading.casefold() not in there]:
            message = f"The first line has no column {', '.join(missing)}. It needs: {', '.join(wanted.values())}."
            raise NoSheet(message)
        if twice := [heading for heading in wanted.values() if there.count(heading.casefold()) > 1]:
            message = f"The first line names the column {', '.join(twice)} more than once."
            raise NoSheet(message)
        return {name: there.index(heading.casefold()) for name, heading in wanted.items()}

    def lines(self) -> Iterator[Line]:
        """Yield each line that is not blank. After a line that is no CSV nothing in the file can be trusted."""
        width, reader = len(self.headings), self._reader
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(number, [], f"The line cannot be read as CSV: {error}.")
                return
            if any(cell.strip() for cell in cells):
                is_open = self._text.ends_openly and not cells[-1].strip()
                yield Line(number, cells, _fault(cells, width), is_open)


@contextmanager
def open_sheet(file: IO[bytes]) -> Iterator[Sheet]:
    """Open a file as a sheet, from its start; the file stays open. Raises NoSheet where it is plainly none."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if b"\0" in head:
        raise NoSheet(NO_CSV)
    first = head.split(b"\n", 1)[0]
    # What is no UTF-8 becomes lone surrogates, so that the line with it can be named and the others be read.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield Sheet(text, max(DELIMITERS, key=lambda delimiter: first.count(delimiter.encode())))
    finally:
        text.detach()


def fingerprint(file: IO[bytes]) -> str:
    """Return the SHA-256 of a whole file, read in pieces; it stands at its start again afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _fault(cells: list[str], width: int) -> str:
    if not _is_text(cells):
        return NO_TEXT
    if len(cells) != width:
        return f"The line has {len(cells)} cells, the first line {width}."
    return ""


def _is_text(cells: list[str]) -> bool:
    """Whether the cells are UTF-8 without NUL, which no database keeps as text."""
    text = "".join(cells)
    return "\0" not in text and (text.isascii() or not any(FIRST_LONE <= character <= LAST_LONE for character in text))
