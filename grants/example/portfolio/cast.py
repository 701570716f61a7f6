"""The partners of the portfolio, all invented: who they are, what they ask for, and the documents that they send."""

import html
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML

from grants.agreements.press.setting import NoFetch, fonts
from partners.checklists.models import Criterion

HERE = Path(__file__).parents[1]
ROLES = (("board", "Chair"), ("board", "Treasurer"), ("board", "Secretary"), ("signatory", "Director"))
BORN = (date(1968, 4, 12), date(1974, 9, 3), date(1981, 1, 27), date(1979, 6, 15))


@dataclass(frozen=True)
class Partner:
    """One partner: its organisation, the four people who lead it, and the words that its answers are filled with."""

    key: str
    name: str
    country: str
    city: str
    focus: str
    title: str
    work: str
    people: str
    reached: int
    asks: int
    leads: tuple[str, ...]

    @property
    def email(self) -> str:
        """The address of its owner."""
        return f"{self.key}@example.org"

    def words(self) -> dict[str, Any]:
        """Return what stands for the braces of the shared texts."""
        return {
            "name": self.name,
            "city": self.city,
            "title": self.title,
            "work": self.work,
            "people": self.people,
            "reached": self.reached,
            "half": self.reached // 2,
            "asks": f"{self.asks}.00",
        }


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads((HERE / "data" / "portfolio.toml").read_text(encoding="utf-8"))


@cache
def cast() -> dict[str, Partner]:
    """Return the partners by their keys."""
    return {one["key"]: Partner(**{**one, "leads": tuple(one["leads"])}) for one in _told()["partner"]}


def answers_of(partner: Partner) -> dict[str, str]:
    """Return what a partner answers to every question."""
    return {key: text.format_map(partner.words()) for key, text in _told()["answers"].items()}


@dataclass(frozen=True)
class SharedDocument:
    """A document that every partner of the portfolio sends; the same bytes, so that it is drawn once."""

    key: str
    title: str
    kind: str
    criteria: tuple[str, ...]
    content: bytes


@cache
def documents() -> tuple[SharedDocument, ...]:
    """Return the documents, rendered once."""
    style = CSS(string=(HERE / "papers.css").read_text(encoding="utf-8"), font_config=fonts(), url_fetcher=NoFetch())
    found = []
    for one in _told()["document"]:
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in one["text"].strip().split("\n"))
        page = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(one["title"])}</title>'
            f'</head><body><div class="example">EXAMPLE</div><div class="from">An invented partner</div>'
            f"<h1>{html.escape(one['title'])}</h1>{lines}</body></html>"
        )
        content = HTML(string=page, url_fetcher=NoFetch()).write_pdf(stylesheets=[style], font_config=fonts())
        found.append(SharedDocument(one["key"], one["title"], one["kind"], tuple(one["criteria"]), content))
    return tuple(found)


def counted_for(document: SharedDocument, criteria: dict[str, Criterion]) -> list[Criterion]:
    """Return the criteria of a checklist that a document is evidence for."""
    return [criteria[code] for code in document.criteria if code in criteria]
