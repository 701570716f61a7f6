"""Write the awarded grants as 360Giving JSON."""

import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from grants.exports.actions import take_360giving
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Refused


class Command(PortalCommand):
    """A file is there whole, or not at all. Exit 0 written, 2 nothing to write (says why)."""

    help = "Write the awarded grants as 360Giving JSON 1.4, to the standard output or a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file to write."""
        parser.add_argument("--out", type=Path, help="the file to write; without it the standard output")

    def run(self, *args: Any, out: Path | None, **options: Any) -> int:
        """Write it."""
        try:
            pieces = take_360giving(by=User.objects.system("commands"))
        except Refused as refusal:
            raise CouldNot(" ".join(f"{reason} {reason.hint}" for reason in refusal.blockers)) from refusal
        except Funder.DoesNotExist as nobody:
            raise CouldNot(str(nobody)) from nobody
        if out is None:
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return 0
        handle, scratch = tempfile.mkstemp(dir=out.parent, prefix=".export-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(pieces)
            Path(scratch).replace(out)
        finally:
            Path(scratch).unlink(missing_ok=True)
        return 0
