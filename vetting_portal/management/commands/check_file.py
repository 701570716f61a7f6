"""Runs the document vault's checks on files; needs no database."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from vetting_portal.commands import COULD_NOT, FINDING, CouldNot, PortalCommand
from vetting_portal.inspection.findings import Verdict
from vetting_portal.inspection.sandbox import Inspector, check_upload

UNREADABLE = "This file cannot be read: {why}."


@dataclass(frozen=True, slots=True)
class Asked:
    """One file to check, and the name its sender gave it."""

    file: str
    name: str


class Command(PortalCommand):
    help = "Checks files as the document vault does. Exit code 0: all accepted, 1: some rejected, 2: some not checked."
    counts_days = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the contract's options."""
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument("--name", help="the declared name of the one FILE, where it differs from the path's")
        parser.add_argument(
            "--from", dest="list", metavar="LIST", help="one path a line, optionally a tab and the name"
        )
        parser.add_argument("--json", action="store_true", help="print JSON only")

    def run(self, *args: Any, **options: Any) -> int:
        """Check each file in order; print a line each, or one JSON list."""
        asked = self._asked(options["files"], options["name"], options["list"])
        answers = []
        with Inspector() as inspector:
            for one in asked:
                answer = self._check(one, inspector)
                answers.append(answer)
                if not options["json"]:
                    self.stdout.write(self._line(answer))
        if options["json"]:
            self.stdout.write(json.dumps(answers, indent=1))
        open_ones = sum(answer["verdict"] == Verdict.QUARANTINED for answer in answers)
        if open_ones:
            self.stderr.write(f"{open_ones} of {len(answers)} files could not be checked.")
            return COULD_NOT
        return FINDING if any(answer["verdict"] == Verdict.REJECTED for answer in answers) else 0

    @staticmethod
    def _asked(files: list[str], name: str | None, listed: str | None) -> list[Asked]:
        """Return what to check, from the arguments and the list. Raises CouldNot."""
        if name is not None and len(files) != 1:
            raise CouldNot("--name goes with exactly one FILE.")
        asked = [Asked(file, name if name is not None else Path(file).name) for file in files]
        if listed is not None:
            try:
                text = Path(listed).read_bytes().decode("utf-8", "surrogateescape")
            except OSError as error:
                raise CouldNot(f"The list {listed} cannot be read: {error.strerror}.") from error
            for line in text.split("\n"):
                file, tab, declared = line.rstrip("\r").partition("\t")
                if file:
                    asked.append(Asked(file, declared if tab and declared else Path(file).name))
        if not asked:
            raise CouldNot("Give at least one FILE, or --from LIST.")
        return asked

    @staticmethod
    def _check(asked: Asked, inspector: Inspector) -> dict[str, str | None]:
        """Return the JSON answer about one file; one that cannot be read counts as not checked."""
        answer: dict[str, str | None] = {"file": asked.file, "name": asked.name}
        try:
            finding = check_upload(Path(asked.file), name=asked.name, scanner=settings.SCANNER, inspector=inspector)
        except OSError as error:
            why = error.strerror or str(error)
            return answer | {"verdict": Verdict.QUARANTINED.value, "reason": UNREADABLE.format(why=why), "type": None}
        return answer | {"verdict": finding.verdict.value, "reason": finding.reason, "type": finding.media_type}

    @staticmethod
    def _line(answer: dict[str, str | None]) -> str:
        """Return one answer as a line for people."""
        shown = f"{answer['verdict']:<12} {answer['name']}"
        line = f"{shown}: {answer['reason']}" if answer["reason"] else f"{shown} ({answer['type']})"
        return line.encode(sys.stdout.encoding or "utf-8", "replace").decode(sys.stdout.encoding or "utf-8")
