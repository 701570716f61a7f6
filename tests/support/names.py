"""The sets of names to screen, and what the index finds of each: the easy set is made by rule and seed."""

import json
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from reviews.screening.matching import THRESHOLD, IndexedName, NameIndex
from reviews.screening.parsing import OTHER, open_source
from tests.support import spellings
from tests.support.rig import ROOT

NAMES = ROOT / "tests/data/names"
CUTS = ROOT / "tests/data/sanctions"
PATHS = {"ofac-sdn": "ofac", "ofac-consolidated": "ofac-consolidated", "un": "un/UN_consolidated.xml"}
SEED = 2026
LANGUAGES = {
    "arabic": {"Afghanistan", "Iraq", "Iran", "Syria", "Lebanon", "Yemen", "Libya", "Egypt", "Pakistan", "Jordan"},
    "slavic": {"Russia", "Ukraine", "Belarus", "Bulgaria", "Serbia", "Bosnia and Herzegovina"},
    "spanish": {"Colombia", "Mexico", "Venezuela", "Panama", "Honduras", "Guatemala", "Costa Rica", "Ecuador", "Spain"},
    "south-east asian": {"Burma", "Thailand", "Cambodia", "Laos", "Vietnam"},
}


@dataclass(frozen=True)
class Share:
    """How many of how many were found."""

    found: int
    asked: int

    @property
    def share(self) -> float:
        """As a part of one."""
        return self.found / self.asked if self.asked else 0.0


def read(name: str) -> list[dict[str, Any]]:
    """Return a set of names of ``tests/data/names``."""
    return json.loads((NAMES / name).read_text())


def listed_names(folder: Path) -> Iterator[IndexedName]:
    """Yield every name of the three lists under ``folder``."""
    for source, path in PATHS.items():
        for entry in open_source(source, folder / path).entries():
            if entry.kind != OTHER:
                for name in entry.names:
                    yield IndexedName(f"{source}:{entry.number}", entry.kind, name.text, name.is_weak)


def kept_names() -> Iterator[IndexedName]:
    """Yield the names of the cut lists, and those that the easy set was made from."""
    yield from listed_names(CUTS)
    for one in read("listed.json"):
        yield IndexedName(one["entry"], one["kind"], one["name"])


def easy_set() -> list[dict[str, Any]]:
    """Return the easy set, made anew: each listed name by each rule that has something to change in it."""
    chance = Random(SEED)  # noqa: S311 a seed, no secret
    made = []
    for one in read("listed.json"):
        rules = dict(spellings.PEOPLE_EASY if one["kind"] == "person" else spellings.BODIES_EASY)
        if one["kind"] == "person":
            rules |= {
                f"spelling, {key}": spellings.BY_LANGUAGE[key] for key, at in LANGUAGES.items() if one["country"] in at
            }
        for category, rule in rules.items():
            query = rule(one["name"], chance)
            if query:
                expect = [one["entry"]]
                made.append({"query": query, "kind": one["kind"], "expect": expect, "country": one["country"],
                             "category": category})  # fmt: skip
    return made


def found_by_category(
    index: NameIndex, asked: Iterable[dict[str, Any]], *, threshold: float = THRESHOLD
) -> dict[str, Share]:
    """Return what was found of each category: the expected entry, or for common names any entry at all."""
    found: dict[str, list[bool]] = defaultdict(list)
    for one in asked:
        hits = {hit.ref for hit in index.search(one["query"], one["kind"], threshold=threshold)}
        found[one["category"]].append(bool(hits & set(one["expect"]) if one.get("expect") else hits))
    return {category: Share(sum(those), len(those)) for category, those in sorted(found.items())}


def total(shares: dict[str, Share]) -> Share:
    """Return all categories together."""
    return Share(sum(one.found for one in shares.values()), sum(one.asked for one in shares.values()))


def core(asked: list[dict[str, Any]], truth: str) -> list[dict[str, Any]]:
    """Return the names of the hard set that a person would recognise, or those that are nobody listed."""
    return [one for one in asked if one["truth"] == truth and (one["tier"] == "core" or truth == "none")]


def letters(name: str) -> tuple[str, ...]:
    """Return the words of a name as plain small letters in the order of the alphabet: the same for the same name."""
    plain = (sign for sign in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(sign))
    return tuple(sorted(re.findall(r"\w+", "".join(plain))))


def blind(half: str) -> list[dict[str, Any]]:
    """Return one half of the blind set: ``development`` or ``held-out``."""
    return [one for one in read("blind.json") if one["half"] == half]


def hard(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the listed names that nobody would recognise by the name alone."""
    return [one for one in asked if one["truth"] == "match" and one["tier"] == "hard"]


# ------------------------------------------------------------------------------------------------ docs/screening.md

THRESHOLDS = range(74, 97, 2)
HALVES = ("development", "held-out")


def easy_table() -> str:
    """Return what is found of the easy set, among the names that the tests keep."""
    return _by_category(found_by_category(NameIndex(kept_names()), read("easy.json")))


def hard_table(index: NameIndex) -> str:
    """Return what is found of the hard set, by category: the core tier, then common names with any candidate."""
    asked = read("screening.json")
    parts = (("core", core(asked, "match")), ("hard", hard(asked)),
             ("common names with a candidate", core(asked, "none")))  # fmt: skip
    return "\n\n".join(f"{title}:\n\n{_by_category(found_by_category(index, those))}" for title, those in parts)


def blind_table(index: NameIndex) -> str:
    """Return what is found of the two halves of the blind set, by category, beside one another."""
    halves = [blind(half) for half in HALVES]
    parts = (("core", [core(asked, "match") for asked in halves]), ("hard", [hard(asked) for asked in halves]),
             ("common names with a candidate", [core(asked, "none") for asked in halves]))  # fmt: skip
    return "\n\n".join(f"{title}:\n\n{_side_by_side(index, *those)}" for title, those in parts)


def _side_by_side(index: NameIndex, left: list[dict[str, Any]], right: list[dict[str, Any]]) -> str:
    shares = [found_by_category(index, asked) for asked in (left, right)]
    sums = [total(one) for one in shares]
    none = Share(0, 0)
    rows = [
        f"| {category} | "
        + " | ".join(f"{one.found} of {one.asked}" for one in (each.get(category, none) for each in shares))
        + " |"
        for category in sorted({*shares[0], *shares[1]})
    ]
    whole = " | ".join(f"**{one.found} of {one.asked}: {one.share:.3f}**" for one in sums)
    return "\n".join(
        ["| category | development half | held-out half |", "|---|---|---|", *rows, f"| **all** | {whole} |"]
    )


def curve_table(index: NameIndex) -> str:
    """Return what each threshold gives of the hard set and of both halves of the blind one: core names found, and
    common names with a candidate.
    """
    sets = (read("screening.json"), *(blind(half) for half in HALVES))
    best = [[_best(index, one) for one in core(asked, truth)] for asked in sets for truth in ("match", "none")]
    lines = [
        "| threshold | hard set: core | common | development half: core | common | held-out half: core | common |",
        "|---|---|---|---|---|---|---|",
    ]
    for threshold in THRESHOLDS:
        mark = "**" if threshold == THRESHOLD else ""
        figures = " | ".join(f"{_above(scores, threshold):.3f}" for scores in best)
        lines.append(f"| {mark}{threshold}{mark} | {figures} |")
    return "\n".join(lines)


def halves_table(index: NameIndex) -> str:
    """Return what the threshold chosen on one half of the set gives on the other half, for five divisions."""
    lines = ["| seed | threshold chosen | core found, other half | common names, other half |", "|---|---|---|---|"]
    lines += [
        f"| {seed} | {threshold} | {found:.3f} | {common:.3f} |" for seed, threshold, found, common in halves(index)
    ]
    return "\n".join(lines)


def halves(index: NameIndex) -> Iterator[tuple[int, int, float, float]]:
    """Yield seed, the highest threshold that finds the most of the first half, and what it gives on the other half."""
    asked = read("screening.json")
    best = {truth: [_best(index, one) for one in core(asked, truth)] for truth in ("match", "none")}
    for seed in range(1, 6):
        chance = Random(seed)  # noqa: S311 a seed, no secret
        mixed = {truth: chance.sample(scores, len(scores)) for truth, scores in best.items()}
        threshold = max(THRESHOLDS, key=lambda level: (_above(mixed["match"][::2], level), level))
        yield seed, threshold, _above(mixed["match"][1::2], threshold), _above(mixed["none"][1::2], threshold)


def _best(index: NameIndex, one: dict[str, Any]) -> float:
    hits = index.search(one["query"], one["kind"], threshold=THRESHOLDS[0])
    return max((hit.score for hit in hits if not one.get("expect") or hit.ref in one["expect"]), default=0.0)


def _above(scores: list[float], threshold: float) -> float:
    return sum(score >= threshold for score in scores) / len(scores)


def _by_category(shares: dict[str, Share]) -> str:
    rows = [f"| {category} | {one.found} | {one.asked} | {one.share:.3f} |" for category, one in shares.items()]
    whole = total(shares)
    return "\n".join(
        ["| category | found | of | share |", "|---|---|---|---|", *rows,
         f"| **all** | **{whole.found}** | **{whole.asked}** | **{whole.share:.3f}** |"]
    )  # fmt: skip


def tables(reference: Path | None) -> dict[str, str]:
    """Return the tables of ``docs/screening.md``; without the whole lists only the one that needs none."""
    found = {"easy": easy_table()}
    if reference:
        index = NameIndex(listed_names(reference / "sanctions"))
        found |= {
            "hard": hard_table(index),
            "blind": blind_table(index),
            "curve": curve_table(index),
            "halves": halves_table(index),
        }
    return found


def with_tables(page: str, made: dict[str, str]) -> str:
    """Return ``page`` with each table between its marks: ``<!-- easy -->`` and ``<!-- end -->``."""
    for name, table in made.items():
        head, _, rest = page.partition(f"<!-- {name} -->")
        _, _, tail = rest.partition("<!-- end -->")
        page = f"{head}<!-- {name} -->\n\n{table}\n\n<!-- end -->{tail}"
    return page


def write_page(reference: Path) -> None:
    """Write the tables into ``docs/screening.md``."""
    page = ROOT / "docs/screening.md"
    page.write_text(with_tables(page.read_text(), tables(reference)))


if __name__ == "__main__":
    write_page(Path(os.environ["REFERENCE_DATA"]))
