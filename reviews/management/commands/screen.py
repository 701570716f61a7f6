"""Screens names against the current lists: candidates, best first; a stale list or none is an error."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reviews.screening.matching import NameIndex
from reviews.screening.models import ListEntry, SanctionsList
from reviews.screening.search import EntryRef, current_index
from vetting_portal.commands import FINDING, CouldNot, PortalCommand

KINDS = ("person", "organisation")


class Command(PortalCommand):
    """Print the candidates for each name."""

    help = (
        "Screen names against the current sanctions lists. Exit code 0: no candidate, 1: some, 2: error or stale list."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take names, or a file with one name a line (optionally a tab and the kind)."""
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument(
            "--from", dest="file", type=Path, help="A file with one name a line, optionally a tab and the kind."
        )
        parser.add_argument("--kind", choices=KINDS, help="Without a kind both.")
        parser.add_argument(
            "--country", default="", help="Two letters: candidates of that country come first among equals."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON.")
        parser.add_argument("--allow-stale", action="store_true", help="Screen against lists that are out of date.")

    def run(self, *args: Any, **options: Any) -> int:
        """Screen each name in turn."""
        asked = [(name, options["kind"]) for name in options["names"]]
        if options["file"]:
            asked += list(_from_file(options["file"], options["kind"]))
        if not asked:
            raise CouldNot("Give at least one name.")
        lists = list(SanctionsList.objects.current())
        if not lists:
            raise CouldNot("No sanctions list is imported. Run import_sanctions first.")
        stale = [reason for current in lists if (reason := current.stale_reason())]
        if stale and not options["allow_stale"]:
            raise CouldNot(f"{' '.join(stale)} Import a newer list, or say --allow-stale.")
        answers = _answers(current_index(), asked, options["country"].upper())
        if options["json"]:
            self.stdout.write(json.dumps(answers, ensure_ascii=False, indent=2))
        else:
            for line in _lines(answers):
                self.stdout.write(line)
        return FINDING if any(answer["hits"] for answer in answers) else 0


def _from_file(path: Path, kind: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield the names of a file. Raises CouldNot for a kind that does not exist."""
    try:
        # Only the end of a line ends a name: splitlines() would also cut at signs that names from elsewhere may hold.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNot(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        name, _, own = line.partition("\t")
        own = own.strip()
        if own and own not in KINDS:
            raise CouldNot(f"{path}, line {number}: {own!r} is neither person nor organisation.")
        if name.strip():
            yield name.strip(), own or kind


def _answers(index: NameIndex, asked: list[tuple[str, str | None]], country: str) -> list[dict[str, Any]]:
    """Return one answer a name, in order; a difference of country only changes the order among equals."""
    found = [(name, index.search(name, kind)) for name, kind in asked]
    there: set[tuple[str, str]] = set()
    if country:
        refs = [hit.ref for _, hits in found for hit in hits if isinstance(hit.ref, EntryRef)]
        entries = ListEntry.objects.filter(sanctions_list__is_current=True, number__in={ref.number for ref in refs})
        there = {
            (source, number)
            for source, number, countries in entries.values_list("sanctions_list__source", "number", "country")
            if country in countries.upper().replace(";", " ").split()
        }
    answers = []
    for name, hits in found:
        rows: list[dict[str, Any]] = [
            {"source": hit.ref.source, "entry": hit.ref.number, "name": hit.name, "score": hit.score}
            for hit in hits
            if isinstance(hit.ref, EntryRef)
        ]
        rows.sort(key=lambda row: (-row["score"], (row["source"], row["entry"]) not in there))
        answers.append({"name": name, "hits": rows})
    return answers


def _lines(answers: list[dict[str, Any]]) -> Iterator[str]:
    for answer in answers:
        if not answer["hits"]:
            yield f"{answer['name']}: no candidate"
        for hit in answer["hits"]:
            yield f"{answer['name']}: {hit['score']:.1f} {hit['source']}:{hit['entry']} {hit['name']}"
