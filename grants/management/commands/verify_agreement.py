"""Verifies a PDF: genuine, altered, unknown, or genuine but revoked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from grants.agreements.verification import Word, verify_pdf
from vetting_portal.commands import FINDING, CouldNot, PortalCommand

REVOKED = 3


class Command(PortalCommand):
    help = "Verifies a PDF. Exit code 0: genuine, 1: altered or unknown, 3: genuine but revoked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the contract's argument."""
        parser.add_argument("file", metavar="FILE")

    def run(self, *args: Any, **options: Any) -> int:
        """Print the verdict, its checks and the file's hash."""
        path = Path(options["file"])
        if not path.is_file():
            raise CouldNot(f"There is no file {path}.")
        with path.open("rb") as file:
            verdict = verify_pdf(file)
        word = "genuine, but revoked" if verdict.word == Word.REVOKED else verdict.word.value
        self.stdout.write(
            f"{word}{' example' if verdict.is_example and verdict.word == Word.GENUINE else ''}: {verdict.sentence}"
        )
        for check in verdict.checks:
            self.stdout.write(f"  {'yes' if check.ok else 'NO '} {check.text}")
        if (found := verdict.agreement) is not None:
            self.stdout.write(f"  {found.get_kind_display()} {found.number}, version {found.terms.version}")
        self.stdout.write(f"  SHA-256 {verdict.sha256}")
        return {Word.GENUINE: 0, Word.REVOKED: REVOKED}.get(verdict.word, FINDING)
