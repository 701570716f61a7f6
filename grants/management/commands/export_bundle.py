"""Write the evidence of one grant as a ZIP."""

import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from grants.agreements.models import Grant
from grants.evidence.actions import export_evidence
from grants.evidence.bundle import StillMoving
from vetting_portal.audit import key_fingerprint
from vetting_portal.commands import FINDING, CouldNot, PortalCommand
from vetting_portal.files import FileDamaged
from vetting_portal.models import User
from vetting_portal.workflow import Refused


class Command(PortalCommand):
    """The file is there whole, or not at all. Exit 0 written, 1 no evidence yet (says why)."""

    help = "Write the evidence of a grant as a ZIP that tools/verify_bundle.py checks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the grant and the file to write."""
        parser.add_argument("grant", help="the grant's number")
        parser.add_argument("--out", type=Path, required=True, help="the file to write")

    def run(self, *args: Any, grant: str, out: Path, **options: Any) -> int:
        """Write it."""
        found = Grant.objects.for_page().filter(number=grant).first()
        if found is None:
            raise CouldNot(f"There is no grant {grant}.")
        try:
            evidence = export_evidence(grant=found, by=User.objects.system("commands"))
        except Refused as refusal:
            self.stdout.write(f"No evidence yet: {refusal}")
            return FINDING
        except (StillMoving, FileDamaged) as error:
            raise CouldNot(str(error)) from error
        handle, scratch = tempfile.mkstemp(dir=out.parent, prefix=".evidence-")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in evidence.stream():
                    file.write(piece)
            Path(scratch).replace(out)
        finally:
            Path(scratch).unlink(missing_ok=True)
        self.stdout.write(f"The evidence of grant {found.number}, up to entry {evidence.last_seq}, is in {out}.")
        self.stdout.write(f"Fingerprint of the key that signed it: {key_fingerprint()}")
        return 0
