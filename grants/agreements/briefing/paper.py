"""The brief as a PDF: the content of the page on one A4 page, two at most, with the same bytes for the same content."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from grants.agreements.rendering import Attached, Rendered, render
from grants.wordings.filling import say_date
from vetting_portal.canonical import canonical_json, sha256_of

MOST_PAGES = 2
LONGEST_WORD = 40  # characters
# Tried in this order until the brief stands on one page: size of the letters, and how much of a long text is printed.
DENSITIES = (("roomy", 600), ("dense", 360), ("dense", 150))
LONGEST_WORD = 60


def brief_html(content: dict[str, Any], *, funder: str, example: bool, density: str, longest: int) -> str:
    """Return the HTML of a brief. ``longest``: of a text only so many characters are printed, the page has the rest."""
    day = date.fromisoformat(content["as_of"])
    context = {
        "brief": _cut(content, longest),
        "title": "Decision brief",
        "language": "en",
        "number": content["number"],
        "version": content["version"],
        "example": example,
        "funder": {"name": funder},
        "partner": {"legal_name": content["partner"]["name"]},
        "density": density,
        "short_title": "Brief",
        "hash": sha256_of(content),
        "hash_label": "brief",
        "made_line": f"As of {say_date(day)}",
        "made_at": datetime.combine(day, time(), tzinfo=UTC).isoformat(),
        "site": settings.PUBLIC_URL,
    }
    return render_to_string("grants/agreements/pdf/brief.html", context)


def brief_pdf(content: dict[str, Any], *, funder: str, example: bool) -> Rendered:
    """Return the PDF of a brief: in the first density that stands on one page, else the last that stands on two."""
    carried = [Attached("brief.json", canonical_json(content), "The brief as data")]
    tried: list[Rendered] = []
    for density, longest in DENSITIES:
        html = brief_html(content, funder=funder, example=example, density=density, longest=longest)
        tried.append(render(html, attachments=carried, any_font=True))
        if tried[-1].pages == 1:
            return tried[-1]
    return next((one for one in tried if one.pages <= MOST_PAGES), tried[-1])


def _cut(value: Any, longest: int) -> Any:
    """Return ``value`` with every text cut to ``longest`` characters, after a word."""
    if isinstance(value, dict):
        return {key: item if key.endswith("url") else _cut(item, longest) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, longest) for item in value]
    if isinstance(value, str) and len(value) > longest:
        whole, _, part = value[:longest].rpartition(" ")
        # A script without spaces between words is cut where it must be: its last "word" may be the whole text.
        kept = whole if whole and len(part) <= LONGEST_WORD else value[:longest]
        return f"{kept.rstrip(' ,;')} …"
    return value
