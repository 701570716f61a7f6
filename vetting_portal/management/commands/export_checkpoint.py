"""Write a signed statement of where the audit trail stands."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from vetting_portal.audit import checkpoint
from vetting_portal.commands import PortalCommand


class Command(PortalCommand):
    """Keep the file elsewhere: only it shows that the whole trail was not rewritten."""

    help = "Write a signed checkpoint of the audit trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file to write."""
        parser.add_argument("--out", type=Path, required=True, help="the file to write")

    def run(self, *args: Any, out: Path, **options: Any) -> int:
        """Write it."""
        stated = checkpoint()
        out.write_text(json.dumps(stated, indent=2) + "\n")
        self.stdout.write(f"Checkpoint at entry {stated['seq']} written to {out}.")
        return 0
