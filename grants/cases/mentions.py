"""Names in a note: written as ``@Ruth Okafor``, kept as ``@[12]``, shown with the name that the person has now."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vetting_portal.models import User

KEPT = re.compile(r"@\[(\d{1,18})\]")


@dataclass(frozen=True)
class Part:
    """A run of a note's text; ``is_mention`` where it names somebody."""

    text: str
    is_mention: bool = False


def kept(text: str, people: Iterable[User]) -> tuple[str, list[User]]:
    """Return the text with each ``@name`` of ``people`` as ``@[id]``, and who is named.

    Longer names come first; where two people have one name, both are named.
    """
    named: list[User] = []
    by_name: dict[str, list[User]] = {}
    for person in people:
        by_name.setdefault(person.name.casefold(), []).append(person)
    text = KEPT.sub(r"@ [\1]", text)
    for name in sorted(filter(None, by_name), key=len, reverse=True):
        ids = " ".join(f"@[{person.pk}]" for person in by_name[name])
        text, count = re.subn(rf"@{re.escape(name)}(?!\w)", ids, text, flags=re.IGNORECASE)
        named += by_name[name] if count else []
    return text, named


def shown(text: str, names: Mapping[int, str]) -> list[Part]:
    """Return the parts of a kept text with the names of now; somebody unknown is ``@former colleague``."""
    parts, at = [], 0
    for found in KEPT.finditer(text):
        parts.append(Part(text[at : found.start()]))
        parts.append(Part(f"@{names.get(int(found[1])) or 'former colleague'}", is_mention=True))
        at = found.end()
    return [part for part in [*parts, Part(text[at:])] if part.text]


def ids_in(texts: Iterable[str]) -> set[int]:
    """Return the ids of everybody whom the texts name."""
    return {int(found) for text in texts for found in KEPT.findall(text)}
