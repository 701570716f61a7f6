"""The name a sender gave a file: it is only ever shown, and still must not deceive the person who reads it."""

import re
import unicodedata

from vetting_portal.inspection.findings import Refusal

# Embeddings, overrides and isolates turn "fdp.exe" into "exe.pdf" on the screen. The plain marks U+200E and U+200F,
# and the joiners, belong to ordinary Arabic, Hebrew, Persian and Indic names.
DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def ending(name: str) -> str:
    """Return the ending of ``name`` in lower case without its dot; "" where it has none."""
    stem, dot, last = name.strip().rpartition(".")
    return last.lower() if dot and stem else ""


def check_name(name: str) -> None:
    """Raise Refusal where a name deceives, or no computer keeps it. A long one is shortened where it is kept."""
    if not name.strip(" ."):
        raise Refusal("This file has no name. Give it a name and send it again.")
    if any(unicodedata.category(char) in FORBIDDEN_CATEGORIES for char in name):
        raise Refusal("The name of this file has invisible control characters in it. Rename it and send it again.")
    if any(char in DIRECTION_OVERRIDES for char in name):
        raise Refusal(
            "The name of this file has hidden characters that turn its letters around. Rename it and send it again."
        )
    if "/" in name or "\\" in name:
        raise Refusal("The name of this file has a slash in it. Rename it and send it again.")
    if DEVICE.fullmatch(name.strip()):
        raise Refusal("Windows cannot keep a file of this name. Rename it and send it again.")
