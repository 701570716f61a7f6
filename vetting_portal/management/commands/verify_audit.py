"""Check that the audit trail is whole, and that a checkpoint lies on it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from vetting_portal.audit import breaks, checkpoint_breaks
from vetting_portal.commands import FINDING, CouldNot, PortalCommand
from vetting_portal.models import AuditHead


class Command(PortalCommand):
    """Exit 0 when whole, 1 when broken (says where)."""

    help = "Check the audit trail: 0 whole, 1 broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a checkpoint."""
        parser.add_argument("--checkpoint", type=Path, help="a file made by export_checkpoint")

    def run(self, *args: Any, checkpoint: Path | None, **options: Any) -> int:
        """Walk the chain."""
        head = AuditHead.objects.filter(pk=1).first()
        found = list(breaks())
        if checkpoint is not None:
            if not checkpoint.is_file():
                message = f"There is no file {checkpoint}."
                raise CouldNot(message)
            found += checkpoint_breaks(checkpoint)
        for sentence in found:
            self.stdout.write(f"Broken: {sentence}.")
        if found:
            return FINDING
        self.stdout.write(f"Whole: {head.seq if head else 0} entries.")
        return 0
