"""Seal with another key from now on."""

from typing import Any

from grants.sealing.actions import rotate_seal_key
from grants.sealing.failing import CouldNotSeal
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import User
from vetting_portal.workflow import Refused


class Command(PortalCommand):
    """With the local key a new one is made; with a token or a service SEALER names the new one already."""

    help = "Seal with another key from now on; every seal of the old one still counts."

    def run(self, *args: Any, **options: Any) -> int:
        """Rotate, and say which certificate seals."""
        try:
            made = rotate_seal_key(by=User.objects.system("command"))
        except (CouldNotSeal, Refused) as error:
            raise CouldNot(str(error)) from None
        self.stdout.write(f"{made.fingerprint} seals from now on. Back up the keys, if they stand in DATA_DIR.")
        return 0
