"""Serve the portal on this machine, with its background worker."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command

from vetting_portal.commands import PortalCommand
from vetting_portal.serving import Server, refuse_taken, refuse_unmigrated


class Command(PortalCommand):
    """One command for an embedded installation: web server and background worker, ended together."""

    help = "Serve on 127.0.0.1 with the background worker, until Ctrl-C."
    counts_days = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port."""
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: PORT, or 8000")

    def run(self, *args: Any, port: int, **options: Any) -> int:
        """Look at the database, collect the style sheets, then serve."""
        refuse_taken(port)
        refuse_unmigrated()
        self.check(databases=["default"])
        call_command("collectstatic", interactive=False, verbosity=0)
        Server(port).run(lambda: self._say(port))
        return 0

    def _say(self, port: int) -> None:
        self.stdout.write(f"\nThe portal is ready: http://localhost:{port}\nCtrl-C ends it.\n")
        self.stdout.flush()
