"""The papers of the example's partners as real PDFs: invented, and marked EXAMPLE across each page."""

import calendar
import html
import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone
from weasyprint import CSS, HTML

from grants.agreements.press.setting import NoFetch, fonts

DATA = Path(__file__).parent / "data"
STYLES = Path(__file__).parent / "papers.css"
PARTNERS = {"lift": "LIFT International", "nuru": "Nuru Maji Collective"}
ACCOUNTS_READY_IN = 5  # accounts of a year are reviewed by May
FIGURE = re.compile(r"-?\d[\d,.]*")
BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True)
class ExamplePaper:
    """One paper of a partner: what it is, what it is evidence for (criteria codes), its dates, and its PDF."""

    key: str
    title: str
    kind: str
    criteria: tuple[str, ...]
    language: str
    issued_on: date
    expires_on: date | None
    content: bytes

    @property
    def file_name(self) -> str:
        """Return the name under which the partner would send it."""
        return f"{self.key.replace('_', '-')}.pdf"


def _months_before(day: date, months: int) -> date:
    """Return the day ``months`` earlier (later where negative), or the month's last where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _last_year_with_accounts(today: date) -> int:
    return today.year - (1 if today.month >= ACCOUNTS_READY_IN else 2)


def _dates(told: dict[str, Any], today: date) -> tuple[date, date | None]:
    """Return when a paper was issued and when it ends, so that the example is never out of date."""
    if told.get("dated") == "year_end":
        return date(_last_year_with_accounts(today), 12, 31), None
    issued = _months_before(today, told["months_ago"])
    months = told.get("good_for_months")
    return issued, _months_before(issued, -months) - timedelta(days=1) if months else None


def _words(issued: date, expires: date | None, today: date) -> dict[str, str]:
    """Return what stands for the braces of a text."""
    year = _last_year_with_accounts(today)
    months = {f"month_{back}": f"{_months_before(issued.replace(day=1), 4 - back):%B %Y}" for back in (1, 2, 3)}
    return {
        "issued": _long(issued),
        "expires": _long(expires) if expires else "",
        "year": str(year),
        "year_before": str(year - 1),
        "year_end": _long(date(year, 12, 31)),
        **months,
    }


# --- from the text to a page ----------------------------------------------------------------------


def _inline(text: str) -> str:
    return BOLD.sub(r"<strong>\1</strong>", html.escape(text.strip()))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _table(rows: list[str]) -> str:
    """Return a table; columns of figures stand to the right, with their heads."""
    figures = [all(FIGURE.fullmatch(cell) for cell in column) for column in zip(*map(_cells, rows[1:]), strict=True)]
    out = []
    for number, row in enumerate(rows):
        tag = "th" if number == 0 else "td"
        marked = "".join(
            f'<{tag} class="n">{_inline(cell)}</{tag}>' if right else f"<{tag}>{_inline(cell)}</{tag}>"
            for cell, right in zip(_cells(row), figures, strict=True)
        )
        out.append(f'<tr class="sum">{marked}</tr>' if row.startswith("||") else f"<tr>{marked}</tr>")
    return f"<table>{''.join(out)}</table>"


def _block(lines: list[str]) -> str:
    """Return the HTML of lines that stand together."""
    first = lines[0]
    if first == "===":
        return '<div class="page"></div>'
    if first.startswith("# "):
        return f"<h2>{_inline(first[2:])}</h2>"
    if first.startswith("|"):
        return _table(lines)
    if first.startswith("- "):
        return f"<ul>{''.join(f'<li>{_inline(line[2:])}</li>' for line in lines)}</ul>"
    if first.startswith("~ "):
        return f'<div class="sign">{"".join(f"<p>{_inline(line[2:])}</p>" for line in lines)}</div>'
    return f"<p>{_inline(' '.join(lines))}</p>"


def _body(text: str) -> str:
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", text.strip())]
    marked = [_block(block) for block in blocks]
    return "\n".join(marked).replace("<h2>", "<h1>", 1).replace("</h2>", "</h1>", 1)


def _page(partner: str, told: dict[str, Any], words: dict[str, str], issued: date) -> str:
    """Return a paper as one HTML page."""
    made = f"{issued.isoformat()}T09:00:00+00:00"
    language = "th" if told.get("language") == "Thai" else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{html.escape(told['title'])}</title>"
        f'<meta name="author" content="{html.escape(partner)} (example)">'
        f'<meta name="dcterms.created" content="{made}"><meta name="dcterms.modified" content="{made}"></head><body>'
        f'<div class="example">EXAMPLE</div><div class="from">{html.escape(partner)}</div>'
        f"{_body(told['body'].format_map(words))}</body></html>"
    )


@cache
def _styles() -> CSS:
    return CSS(string=STYLES.read_text(encoding="utf-8"), font_config=fonts(), url_fetcher=NoFetch())


@cache
def _made(slug: str, today: date) -> tuple[ExamplePaper, ...]:
    partner = PARTNERS[slug]
    papers = []
    for told in tomllib.loads((DATA / f"papers_{slug}.toml").read_text(encoding="utf-8"))["paper"]:
        issued, expires = _dates(told, today)
        page = HTML(string=_page(partner, told, _words(issued, expires, today), issued), url_fetcher=NoFetch())
        papers.append(
            ExamplePaper(
                key=told["key"],
                title=told["title"],
                kind=told["kind"],
                criteria=tuple(told["criteria"]),
                language=told.get("language", "English"),
                issued_on=issued,
                expires_on=expires,
                content=page.write_pdf(stylesheets=[_styles()], font_config=fonts()),
            )
        )
    return tuple(papers)


def example_papers(slug: str, today: date | None = None) -> tuple[ExamplePaper, ...]:
    """Return the papers of ``lift`` or ``nuru``, dated so that all of them count on ``today``."""
    return _made(slug, today or timezone.localdate())
