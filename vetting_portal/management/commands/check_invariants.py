"""Check every invariant over the whole database."""

import json
from argparse import ArgumentParser
from typing import Any

from vetting_portal.commands import FINDING, PortalCommand
from vetting_portal.invariants import all_breaches


class Command(PortalCommand):
    """Exit 0 when all hold, 1 with what is broken."""

    help = "Check every invariant: 0 all hold, 1 some are broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", dest="as_json", help="answer in JSON")

    def run(self, *args: Any, as_json: bool, **options: Any) -> int:
        """Check, and say what is broken."""
        broken = list(all_breaches())
        if as_json:
            self.stdout.write(json.dumps({"broken": broken}, ensure_ascii=False))
        else:
            for sentence in broken:
                self.stdout.write(f"Broken: {sentence}")
            if not broken:
                self.stdout.write("Every invariant holds.")
        return FINDING if broken else 0
