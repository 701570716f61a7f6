"""What is wrong with a wording, at each text and as a whole, in plain words. Pure: no database."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from grants.wordings.catalogue import MADE_FROM_TEXTS, TEXTS, VALUES, place_of_text
from grants.wordings.filling import TYPE_WORDS, TYPES, has_stray_brace, names_in

LONGEST_TITLE, LONGEST_TEXT = 120, 4_000
CLAUSE_NAMED = re.compile(r"\bclause (\d+\.\d+)", re.IGNORECASE)
BODY = ("part", "clause")
TITLED = ("highlight", "part", "clause")
WRITTEN = ("highlight", "clause", "certification", "named")
KIND_WORDS = {
    "highlight": "highlight",
    "part": "part",
    "clause": "clause",
    "certification": "certification",
    "named": "text",
}


@dataclass(frozen=True)
class Problem:
    """One reason why a wording cannot be published: at which passage and which control; without one, of the whole."""

    text: str
    hint: str
    pk: int | None = None
    field: str = ""
    page: str = ""


def numbered(body: Sequence[Any]) -> dict[int, str]:
    """Return the number of each part and clause by primary key: a part is ``2``, its clauses ``2.1``, ``2.2``."""
    numbers: dict[int, str] = {}
    part = clause = 0
    for one in body:
        if one.kind == "part":
            part, clause = part + 1, 0
            numbers[one.pk] = str(part)
        else:
            clause += 1
            numbers[one.pk] = f"{part}.{clause}"
    return numbers


def text_problems(text: str, declared: Mapping[str, str], *, makes_a_value: bool = False) -> list[str]:
    """Return what no text may hold: names that are not declared, braces without a name, too many characters."""
    found = []
    for name in names_in(text):
        if name not in declared:
            found.append(f"{{{name}}} is not declared. {advice(name, declared)}")
        elif makes_a_value and name in MADE_FROM_TEXTS:
            found.append(f"{{{name}}} is made from a text of this kind itself. Write its words out here.")
    if has_stray_brace(text):
        found.append("There is a brace without a name. Write {name} with both braces, or take the brace away.")
    if len(text) > LONGEST_TEXT:
        found.append(f"At most {LONGEST_TEXT:,} characters. This has {len(text):,}.")
    return found


def advice(name: str, declared: Mapping[str, str]) -> str:
    """Return what to do about a name that is not declared."""
    near = get_close_matches(name, [*declared], n=1)
    if near:
        return f"Did you mean {{{near[0]}}}?"
    if name in VALUES:
        return "Declare it under Placeholders first."
    return "The terms give no such value. Choose one under Placeholders."


def declaration_problem(name: str, kind: str) -> str:
    """Return what is wrong with declaring a placeholder, or an empty text."""
    if name not in VALUES:
        near = get_close_matches(name, [*VALUES], n=1)
        also = f" Did you mean {near[0]}?" if near else ""
        return f"The terms give no value called {name}.{also}"
    if kind not in TYPES:
        return "Choose a type."
    given = VALUES[name].type
    if kind != given:
        return f"The terms give {name} as {TYPE_WORDS[given]}, not as {TYPE_WORDS[kind]}."
    return ""


def field_problems(passage: Any, declared: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what a passage may not be saved with, by field."""
    found: dict[str, list[str]] = {}
    title, text = passage.title.strip(), passage.text.strip()
    if passage.kind in TITLED:
        if not title:
            found["title"] = ["Give it a title."]
        elif len(title) > LONGEST_TITLE:
            found["title"] = [f"At most {LONGEST_TITLE} characters. This has {len(title)}."]
        elif "{" in title or "}" in title:
            found["title"] = ["A title holds no placeholder."]
    if passage.kind in WRITTEN:
        named = TEXTS.get(passage.key)
        wrong = text_problems(text, declared, makes_a_value=bool(named and named.makes_a_value))
        if not text:
            wrong.append("Write the text: an agreement has no empty place.")
        if wrong:
            found["text"] = wrong
    return found


def place_of(passage: Any, number: str = "") -> str:
    """Return where a passage stands, as people say it."""
    if passage.kind == "named":
        return place_of_text(passage.key)
    if passage.kind in BODY:
        return f"{KIND_WORDS[passage.kind].capitalize()} {number} {passage.title}".replace("  ", " ").strip()
    if passage.kind == "highlight":
        return f"Highlight “{passage.title}”"
    return f"Certification {number}".strip()


def problems_of(passages: Sequence[Any], declared: Mapping[str, str]) -> list[Problem]:
    """Return everything that keeps a wording from being published, in the order in which it is read."""
    found: list[Problem] = []
    for name, kind in declared.items():
        if wrong := declaration_problem(name, kind):
            found.append(Problem(f"Placeholder {name}: {wrong}", "Mend it under Placeholders.", page="placeholders"))
    body = [one for one in passages if one.kind in BODY]
    numbers = numbered(body)
    for one in passages:
        place = place_of(one, numbers.get(one.pk, ""))
        for field, texts in field_problems(one, declared).items():
            found += [Problem(f"{place}: {text}", "Change it there.", one.pk, field) for text in texts]
        found += _wrong_clauses(one, place, set(numbers.values()))
    found += _whole_problems(passages, body)
    return found


def _wrong_clauses(passage: Any, place: str, there: set[str]) -> Iterator[Problem]:
    """Yield the clauses that a text names and that are not there: numbers move when clauses do."""
    for number in dict.fromkeys(CLAUSE_NAMED.findall(passage.text)):
        if number not in there:
            yield Problem(f"{place}: there is no clause {number}.", "Clauses moved. Name it anew.", passage.pk, "text")


def _whole_problems(passages: Sequence[Any], body: Sequence[Any]) -> Iterator[Problem]:
    """Yield what the wording lacks as a whole."""
    kinds = Counter(one.kind for one in passages)
    for kind, words in (("highlight", "no highlight"), ("clause", "no clause"), ("certification", "no certification")):
        if not kinds[kind]:
            yield Problem(f"There is {words}.", "Add at least one.")
    if body and body[0].kind == "clause":
        yield Problem("The first clause stands in no part.", "Move a part to the top.", body[0].pk)
    for place, one in enumerate(body):
        if one.kind == "part" and (place + 1 == len(body) or body[place + 1].kind == "part"):
            yield Problem(f"Part “{one.title}” has no clause.", "Move clauses below it, or take it out.", one.pk)
    keys = Counter(one.key for one in passages if one.kind == "named")
    for key in TEXTS:
        if keys[key] != 1:
            yield Problem(f"{place_of_text(key)} is missing.", "Start the draft anew: this text is never left out.")
