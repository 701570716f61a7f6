"""Countries of low or medium human development, as the United Nations Development Programme listed them, by date."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data/human_development.json"


@dataclass(frozen=True)
class Edition:
    """One year's table: who published it, when, and the countries (ISO 3166, two letters) of its two lower groups."""

    source: str
    published_on: date
    medium: frozenset[str]
    low: frozenset[str]

    def is_low_or_medium(self, country: str) -> bool:
        """Whether a country is in one of the two groups."""
        return country in self.medium or country in self.low


@cache
def editions() -> tuple[Edition, ...]:
    """Return every table that the portal knows, oldest first."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    found = [
        Edition(
            source=row["source"],
            published_on=date.fromisoformat(row["published_on"]),
            medium=frozenset(row["medium"].split()),
            low=frozenset(row["low"].split()),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda edition: edition.published_on))


def edition_on(day: date) -> Edition:
    """Return the newest table that was published by ``day``; the oldest one for a day before all of them."""
    published = [edition for edition in editions() if edition.published_on <= day]
    return published[-1] if published else editions()[0]
