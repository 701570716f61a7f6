"""Verifies a PDF: genuine, altered, unknown, or genuine but revoked."""

import os
import stat
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from grants.agreements.verification import Word, verify_pdf
from vetting_portal.commands import FINDING, CouldNot, PortalCommand

REVOKED = 3


def _opened(path: Path) -> IO[bytes]:
    """Open a plain file. Raises CouldNot for anything else; a pipe or a device is not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such name"
        raise CouldNot(f"The file {path} cannot be opened: {reason}.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise CouldNot(f"{path} is not a file.")
    return os.fdopen(handle, "rb")


class Command(PortalCommand):
    help = "Verifies a PDF. Exit code 0: genuine, 1: altered or unknown, 3: genuine but revoked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the contract's argument."""
        parser.add_argument("file", metavar="FILE")

    def run(self, *args: Any, **options: Any) -> int:
        """Print the verdict, its checks and the file's hash."""
        with _opened(Path(options["file"])) as file:
            verdict = verify_pdf(file)
        word = "genuine, but revoked" if verdict.word == Word.REVOKED else verdict.word.value
        self.stdout.write(
            f"{word}{' example' if verdict.is_example and verdict.word == Word.GENUINE else ''}: {verdict.sentence}"
        )
        for check in verdict.checks:
            self.stdout.write(f"  {'yes' if check.ok else 'NO '} {check.text}")
        if (found := verdict.agreement) is not None:
            self.stdout.write(f"  {found.get_kind_display()} {found.number}, version {found.terms.version}")
        if verdict.seal is not None and verdict.seal.fingerprint:
            self.stdout.write(f"  Seal {verdict.seal.name}, certificate SHA-256 {verdict.seal.fingerprint}")
        if verdict.sha256:
            self.stdout.write(f"  SHA-256 {verdict.sha256}")
        return {Word.GENUINE: 0, Word.REVOKED: REVOKED}.get(verdict.word, FINDING)
