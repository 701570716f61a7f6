"""What letters the documents can set, what has no place in a text that is signed, and which way a text runs."""

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from fontTools.ttLib import TTCollection, TTFont
from fontTools.unicodedata import script, script_extension

from grants.agreements.press.sheets import STYLES, named

MATCHER = "fc-match"  # of fontconfig, which Pango brings and finds fonts by
PATIENCE = 20
MOST_NAMED = 4
_STACK = re.compile(r"--(serif|sans):\s*([^;]+);")
# Joiners of Indic and Arabic letters, breaks between words that are written without spaces, marks of direction that
# stand alone, the soft hyphen, and what divides lines.
HARMLESS = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u00ad\u2060\n\r\t")
DAMAGED = "\ufffd"
_BASES = ("L", "M", "N")
_ANY_SCRIPT = frozenset({"Zinh", "Zyyy"})
RIGHT_TO_LEFT = frozenset({"R", "AL"})
STRONG = RIGHT_TO_LEFT | {"L"}
# Around a text with letters that run from right to left, from the frozen terms to the finished HTML. Nobody can type
# them into a field: they are refused there.
_TURNED, _STRAIGHT, _END = "\u2067", "\u2066", "\u2069"
_MARKUP = re.compile(r"<head>.*?</head>|<[^>]*>", re.DOTALL)


@cache
def stacks() -> dict[str, tuple[str, ...]]:
    """Return the font families of each stack, in the order in which the style sheet names them."""
    found = _STACK.findall(STYLES.read_text(encoding="utf-8"))
    return {name: tuple(re.findall(r'"([^"]+)"', families)) for name, families in found}


def _font_file(family: str) -> str | None:
    """Return the file that stands for a font family on this machine; None where none has its name."""
    asked = [MATCHER, "--format=%{family}\t%{file}", family]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    names, _, path = said.partition("\t")
    return path if family in names.split(",") else None


@cache
def covered(family: str) -> frozenset[int]:
    """Return the code points that a font family has a glyph for, read from its file; none where it is missing."""
    path = _font_file(family)
    if path is None:
        return frozenset()
    faces = TTCollection(path, lazy=True).fonts if path.endswith(".ttc") else [TTFont(path, lazy=True)]
    try:
        face = next((face for face in faces if face["name"].getBestFamilyName() == family), faces[0])
        return frozenset(face.getBestCmap())
    finally:
        for face in faces:
            face.close()


@lru_cache(maxsize=65536)
def can_set(character: str) -> bool:
    """Each stack has a font for the character: it may stand in a clause and in a table."""
    return all(any(ord(character) in covered(family) for family in families) for families in stacks().values())


def _lone_mark(character: str, before: str) -> bool:
    """A combining mark has no letter to stand on: nothing before it, or a letter of another script."""
    if unicodedata.category(character)[0] != "M" or before in {"\u200c", "\u200d", "\u25cc", "\u00a0"}:
        return False
    if not before or unicodedata.category(before)[0] not in _BASES:
        return True
    own = script_extension(character)
    return not own & _ANY_SCRIPT and script(before) not in _ANY_SCRIPT and not own & script_extension(before)


@lru_cache(maxsize=65536)
def _wrong_alone(character: str) -> str:
    """Say why a character has no place in any text; nothing where it has."""
    if character in HARMLESS:
        return ""
    kind = unicodedata.category(character)
    why = {
        "Cc": "is a control character that nobody sees",
        "Cf": "is an invisible character that can turn or hide the text around it",
        "Cn": "is no character of Unicode",
        "Co": "is a private character that means something else on each computer",
        "Cs": "is half of a character",
        "Zl": "is an invisible end of a line",
        "Zp": "is an invisible end of a paragraph",
    }.get(kind, "")
    if not why and character == DAMAGED:
        why = "stands where a letter was lost"
    if not why and kind != "Zs" and not can_set(character):
        why = "is in no font of the documents"
    return why


def _shown(character: str) -> str:
    """Return a character as it can be printed in a sentence."""
    kind = unicodedata.category(character)
    if kind[0] in "CZ":
        return named(character)
    return f"“{chr(0x25CC) if kind[0] == 'M' else ''}{character}” ({named(character)})"


def _faults(text: str) -> Iterator[tuple[str, str]]:
    before = ""
    for character in unicodedata.normalize("NFC", text):
        why = _wrong_alone(character)
        if not why and _lone_mark(character, before):
            why = "is a mark without its letter"
        if why:
            yield character, why
        before = character


def faults(text: str) -> list[str]:
    """Return a sentence for each character of ``text`` that cannot stand in a document, four at most."""
    return [f"{_shown(character)} {why}." for character, why in dict.fromkeys(_faults(text))][:MOST_NAMED]


def runs_from_right(text: str) -> bool:
    """The first letter with a direction of its own runs from right to left."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in STRONG), "L")
    return strong in RIGHT_TO_LEFT


def set_apart(content: Any) -> Any:
    """Return ``content`` with each text that holds letters from right to left set apart: what stands around it in a
    sentence keeps its order. ``finished`` turns that into markup.
    """
    if isinstance(content, dict):
        return {key: set_apart(value) for key, value in content.items()}
    if isinstance(content, list):
        return [set_apart(value) for value in content]
    if isinstance(content, str) and not content.isascii() and _has_right_to_left(content):
        return f"{_TURNED if runs_from_right(content) else _STRAIGHT}{content}{_END}"
    return content


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text)


def finished(html: str) -> str:
    """Return HTML with the texts that were set apart as elements with a direction; in tags and the head as plain
    text.
    """
    if _END not in html:
        return html
    plain = str.maketrans(dict.fromkeys((_TURNED, _STRAIGHT, _END), ""))
    html = _MARKUP.sub(lambda tag: tag.group().translate(plain), html)
    for mark, element in ((_TURNED, '<bdi dir="rtl">'), (_STRAIGHT, '<bdi dir="ltr">'), (_END, "</bdi>")):
        html = html.replace(mark, element)
    return html
