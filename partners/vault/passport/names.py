"""Names of files in the passport: readable in any script, safe on any computer, no two alike."""

import re
import unicodedata

from vetting_portal.inspection.policy import BY_MEDIA_TYPE

LONGEST_BYTES = 150
JOINERS = frozenset("\u200c\u200d")  # Persian and Indic words need them
UNSAFE = re.compile(r'[\\/:*?"<>|]+')


def readable(title: str) -> str:
    """Return a title as part of a file's name: no path, no hidden or forbidden characters, cut to what fits."""
    plain = UNSAFE.sub(" ", unicodedata.normalize("NFC", title))
    shown = "".join(char for char in plain if char in JOINERS or unicodedata.category(char)[0] != "C" or char.isspace())
    shown = " ".join(shown.split()).strip(". -~")
    while len(shown.encode()) > LONGEST_BYTES:
        shown = shown[:-1]
        while shown and unicodedata.combining(shown[-1]):  # a letter goes with its marks
            shown = shown[:-1]
    return shown.strip(". -~") or "paper"


def place_in_zip(position: int, code: str, title: str, version: int, media_type: str) -> str:
    """Return where the passport keeps a paper: ``papers/03 C1 Registration certificate, version 2.pdf``.

    The number before it keeps equal titles apart, and a name from being one that Windows reserves.
    """
    kind = BY_MEDIA_TYPE.get(media_type)
    ending = kind.endings[0] if kind else "bin"
    label = f"{readable(code)} " if code else ""
    return f"papers/{position:02d} {label}{readable(title)}, version {version}.{ending}"
