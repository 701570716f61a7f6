"""How the tests read an amount from words, and say that two differ."""

import re
import subprocess

from tests.lives.life import Fault

MONEY = r"([−-]?)\s*(?:[A-Z]{3} |\$|\+ )?([−-]?)([\d,]+(?:\.\d\d)?)"


def cents(text: str) -> int:
    """Return an amount as a page writes it, in cents."""
    whole, _, part = text.replace(",", "").partition(".")
    return int(whole) * 100 + int((part or "0").ljust(2, "0")[:2])


def figure(text: str, label: str) -> tuple[int, bool, bool] | None:
    """Return the amount behind a label, whether with its cents, whether with a minus; None where it is not shown."""
    found = re.search(rf"^{label}\s*\n?\s*{MONEY}", text, re.MULTILINE)
    return (cents(found.group(3)), "." in found.group(3), bool(found.group(1) or found.group(2))) if found else None


def signed(text: str) -> int:
    """Return an amount that may have a minus, in cents; an empty text is nothing."""
    return -cents(text[1:]) if text[:1] in {"-", "−"} else cents(text or "0")


def same(what: str, shown: int, wanted: int) -> None:
    """Ask that two amounts, in cents, are one. Raises Fault."""
    if shown != wanted:
        raise Fault("a sum differs", what, f"shows {shown}, reckoned {wanted} cents")


def words_of_pdf(content: bytes) -> str:
    """Return the words of a PDF as ``pdftotext`` reads them."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()
