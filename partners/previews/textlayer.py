"""The text layer of a page: where its words stand, and where a passage stands among them. No database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line as the page's SVG takes it: the text, where each character begins, baseline and height in pixels."""

    text: str
    x: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of one line that belongs to a passage, in the pixels of the page at 100%."""

    x: int
    y: int
    width: int
    height: int


def text_lines(lines: Sequence[Mapping[str, Any]]) -> list[TextLine]:
    """Return the lines as the SVG takes them; each ends with a space, so that copied words stay apart."""
    return [
        TextLine(
            text=line["t"] if line["t"].endswith(" ") else f"{line['t']} ",
            x=" ".join(str(x) for x in line["x"][: len(line["t"]) + 1]),
            y=line["y"] + line["h"] * 4 // 5,
            height=line["h"],
        )
        for line in lines
    ]


def plain_text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a page, a line each."""
    return "\n".join(line["t"].strip() for line in lines)


def _letters(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character that is no space, as it compares (NFC), with its place in ``text``."""
    for place, char in enumerate(text):
        if not char.isspace():
            yield place, normalize("NFC", char)


def marks_of(lines: Sequence[Mapping[str, Any]], passage: str) -> list[Mark]:
    """Return where ``passage`` stands on a page, a piece for each line; empty where it does not stand there.

    Spaces and breaks do not count: a passage may run over lines, and scripts without spaces break anywhere.
    """
    wanted = "".join(char for _, char in _letters(passage))
    page = [(number, place, char) for number, line in enumerate(lines) for place, char in _letters(line["t"])]
    at = "".join(char for _, _, char in page).find(wanted) if wanted else -1
    if at < 0:
        return []
    pieces: dict[int, list[int]] = {}
    for number, place, _ in page[at : at + len(wanted)]:
        pieces.setdefault(number, []).append(place)
    return [_mark(lines[number], places[0], places[-1]) for number, places in pieces.items()]


def _mark(line: Mapping[str, Any], first: int, last: int) -> Mark:
    start, end = line["x"][first], line["x"][min(last + 1, len(line["x"]) - 1)]
    return Mark(min(start, end), line["y"], max(1, abs(end - start)), line["h"])
