"""The practice applications that the portal ships with, read from their data files.

A practice application that was shipped never changes: attempts name it by the name of its file. A better one ships
under another name, and the older file stays.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from partners.checklists.conditions import Given

FOLDER = Path(__file__).parent / "data"
CURRENT = "tidewater-1"


@dataclass(frozen=True)
class PracticeAnswer:
    """A question of the practice application with its answer, and the shipped codes of the criteria it is asked for."""

    question: str
    words: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class PracticeDocument:
    """A short document as text: each page is a list of blocks, ``title``, ``text`` or ``rows`` of a table."""

    key: str
    title: str
    about: str
    codes: tuple[str, ...]
    pages: tuple[tuple[dict[str, Any], ...], ...]


@dataclass(frozen=True)
class Reference:
    """What an experienced reviewer gave for one criterion, 0 to 4, and why."""

    score: int
    reason: str


@dataclass(frozen=True)
class PracticeApplication:
    """A made-up application. ``references`` are by the lineage of the criterion: the code of the shipped checklist.

    ``facts`` are the answers that switch criteria on and off, as conditions of a checklist ask for them.
    """

    key: str
    organisation: str
    country: str
    title: str
    asks: str
    sent: str
    answers: tuple[PracticeAnswer, ...]
    documents: tuple[PracticeDocument, ...]
    references: Mapping[str, Reference]
    facts: Mapping[str, Given]


def _fact(answer: dict[str, Any]) -> Given:
    return Given(
        label=answer["question"],
        words=answer["answer"],
        values=tuple(answer.get("values", ())),
        amount=answer.get("amount"),
        currency=answer.get("currency", ""),
    )


@cache
def practice_application(key: str = CURRENT) -> PracticeApplication:
    """Return the practice application of that name. Raises FileNotFoundError for one that was never shipped."""
    loaded = json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    answers = loaded["answers"]
    return PracticeApplication(
        key=key,
        **{name: loaded[name] for name in ("organisation", "country", "title", "asks", "sent")},
        answers=tuple(PracticeAnswer(one["question"], one["answer"], tuple(one["codes"])) for one in answers),
        documents=tuple(
            PracticeDocument(
                key=one["key"],
                title=one["title"],
                about=one["about"],
                codes=tuple(one["codes"]),
                pages=tuple(tuple(page) for page in one["pages"]),
            )
            for one in loaded["documents"]
        ),
        references={code: Reference(one["score"], one["reason"]) for code, one in loaded["references"].items()},
        facts={one["key"]: _fact(one) for one in answers if "key" in one},
    )
