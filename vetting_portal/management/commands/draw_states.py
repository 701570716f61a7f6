"""Print the state machines as diagrams."""

from typing import Any

from vetting_portal.commands import PortalCommand
from vetting_portal.diagrams import all_diagrams


class Command(PortalCommand):
    """Its output is docs/states.md."""

    help = "Print the state machines as Mermaid diagrams (docs/states.md)."

    def run(self, *args: Any, **options: Any) -> int:
        """Print."""
        self.stdout.write(all_diagrams(), ending="")
        return 0
