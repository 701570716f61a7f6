"""The picture of a campaign that other sites show with a link to it: set by the press, drawn once for each content."""

import io
import threading
from datetime import UTC
from functools import lru_cache
from typing import Any

import pypdfium2
from django.core.cache import cache
from django.template.loader import render_to_string

from grants.agreements.rendering import render
from grants.campaigns.models import Campaign
from vetting_portal.canonical import sha256_of
from vetting_portal.models import Funder
from vetting_portal.money import format_public

WIDTH, HEIGHT = 1200, 630
CARD = 1  # counts up when the drawing changes: kept pictures are of an older look then
KEPT_SECONDS = 7 * 24 * 60 * 60
COLOURS = 128
POINTS_WIDE = 900  # 1200 CSS pixels
LINE = 54  # characters of a line of the title: longer is cut at a word
_drawing = threading.Lock()  # PDFium serves one thread at a time


def card_content(campaign: Campaign, funder: Funder | None) -> dict[str, Any]:
    """Return everything the picture shows; the same content is the same picture."""
    currency, goal = campaign.currency, campaign.grant.goal_minor
    return {
        "card": CARD,
        "slug": campaign.slug,
        "funder": funder.name if funder else "",
        "example": bool(funder and funder.is_example),
        "partner": campaign.grant.submission.organisation.legal_name,
        "title": [_cut(line) for line in campaign.title.splitlines() if line.strip()][:2],
        "state": campaign.public_state,
        "so_far": format_public(campaign.so_far_minor, currency),
        "goal": format_public(goal, currency),
        "raised": format_public(campaign.raised_minor, currency),
        "matched": format_public(campaign.matched_minor, currency),
        "available": format_public(campaign.available_minor, currency),
        "gifts_bar": _share(campaign.raised_minor, goal - campaign.cap_minor),
        "match_bar": _share(campaign.matched_minor, campaign.cap_minor),
        "made_at": campaign.planned_at.astimezone(UTC).replace(microsecond=0).isoformat(),
    }


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LINE else f"{words[:LINE].rsplit(' ', 1)[0]} …"


def _share(part: int, whole: int) -> int:
    """Return a share in tenths of a percent, from nothing to all."""
    return max(0, min(1000, part * 1000 // whole)) if whole > 0 else 0


def card_key(content: dict[str, Any]) -> str:
    """Return what names a picture: the hash of its content."""
    return sha256_of(content)


def card_picture(content: dict[str, Any]) -> bytes:
    """Return the picture as PNG, 1200 by 630 pixels, from the cache or drawn now. Raises RenderFailed.

    Each campaign keeps its newest picture. The PDF is our own, set a moment before: it is drawn here, not in the
    process that draws the files of strangers.
    """
    place, key = f"campaign-card:{content['slug']}", card_key(content)
    kept_key, picture = cache.get(place) or ("", b"")
    if kept_key != key:
        picture = _drawn(render_to_string("grants/public/pdf/card.html", content))
        cache.set(place, (key, picture), KEPT_SECONDS)
    return picture


@lru_cache(maxsize=8)
def _drawn(html: str) -> bytes:
    """Set and draw one card."""
    pdf = render(html, any_font=True).content
    with _drawing, pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        image = page.render(scale=WIDTH / POINTS_WIDE).to_pil().convert("RGB")
        page.close()
    sink = io.BytesIO()
    image.crop((0, 0, WIDTH, HEIGHT)).quantize(COLOURS).save(sink, "PNG", optimize=True)
    return sink.getvalue()
