"""What goes into the press and what comes out: files to carry, a finished PDF, or why there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from unicodedata import name

FAMILY = re.compile(r'"(Noto [^"]+)"')
STYLES = Path(__file__).parent.parent / "paper.css"
OUT_OF_MEMORY = 3  # how the press's process ends when it runs out of it
_CREATED = re.compile(r'<meta name="dcterms\.created" content="([^"]+)">')


class RenderBlocked(Exception):
    """The HTML asked for something outside itself: nothing was made."""


class RenderFailed(Exception):
    """The PDF could not be made: the press took too long, needed too much memory, or broke."""


class Unsettable(Exception):
    """No font of the documents has these characters: nothing was made."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        super().__init__(f"No font of the documents has {', '.join(named(one) for one in self.characters)}.")


def named(character: str) -> str:
    """Return a character as people can look it up: ``U+0E31 THAI CHARACTER MAI HAN-AKAT``."""
    return f"U+{ord(character):04X} {name(character, '')}".rstrip()


@dataclass(frozen=True)
class Attached:
    """A file that the PDF carries."""

    name: str
    content: bytes
    description: str
    relationship: str = "Data"


@dataclass(frozen=True)
class Rendered:
    """A finished PDF and its number of pages."""

    content: bytes
    pages: int


def date_of(html: str) -> datetime:
    """Return when a document says it was made. Raises ValueError where it does not say."""
    stated = _CREATED.search(html)
    if stated is None:
        raise ValueError("A document states when it was made: meta dcterms.created is missing.")
    return datetime.fromisoformat(stated.group(1))
