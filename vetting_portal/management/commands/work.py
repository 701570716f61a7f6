"""Work the background queue until told to stop."""

from argparse import ArgumentParser
from typing import Any

from vetting_portal.commands import PortalCommand
from vetting_portal.daily import open_rounds
from vetting_portal.tasks import reap, reap_all, worker


class Command(PortalCommand):
    """Runs tasks; a second one may run beside it, on PostgreSQL also on another machine."""

    help = "Work the background queue until told to stop (SIGINT, SIGTERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how often to look, whether to stop when all is done, and whether this is the only worker."""
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks (default 1)")
        parser.add_argument("--batch", action="store_true", help="stop when nothing is ready")
        parser.add_argument(
            "--alone", action="store_true", help="the only worker: take back every running task at once"
        )

    def run(self, *args: Any, interval: float, batch: bool, alone: bool, **options: Any) -> int:
        """Work."""
        (reap_all if alone else reap)()
        open_rounds()
        portal_worker = worker(batch=batch, interval=interval)
        portal_worker.configure_signals()
        portal_worker.run()
        return 0
