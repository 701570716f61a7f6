"""List the certificates of the seal, or say that a key was in other hands."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from grants.sealing.actions import denounce_seal_key
from grants.sealing.models import SealCertificate
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import User
from vetting_portal.workflow import Refused


class Command(PortalCommand):
    """Lists; with ``--denounce`` seals recorded from a moment on count no more."""

    help = "List the certificates of the seal, or say that a key was in other hands from a moment on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which key, since when, and why."""
        parser.add_argument("--denounce", metavar="FINGERPRINT", default=None, help="or its beginning")
        parser.add_argument(
            "--since", default="", help="ISO 8601 with offset: seals recorded from then on do not count"
        )
        parser.add_argument("--reason", default="", help="what happened")

    def run(self, *args: Any, denounce: str | None, since: str, reason: str, **options: Any) -> int:
        """Denounce where that is asked for, then list."""
        if denounce is not None or since or reason:
            self._denounce(denounce or "", since, reason)
        for one in SealCertificate.objects.all():
            until = f"until {one.retired_at:%Y-%m-%d}" if one.retired_at else "seals now"
            stolen = f", denounced since {one.compromised_at:%Y-%m-%d %H:%M} UTC" if one.compromised_at else ""
            self.stdout.write(
                f"{one.fingerprint}  {one.source}  on record from {one.recorded_at:%Y-%m-%d}, {until}{stolen}; "
                f"valid to {one.ends_at:%Y-%m-%d}"
            )
        return 0

    def _denounce(self, beginning: str, since: str, reason: str) -> None:
        found = list(SealCertificate.objects.filter(fingerprint__startswith=beginning.lower())) if beginning else []
        if len(found) != 1:
            message = f"{len(found) or 'No'} certificates begin with “{beginning}”: name one by --denounce."
            raise CouldNot(message)
        try:
            at: datetime | None = parse_datetime(since)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise CouldNot("--since is a moment with its offset, for example 2026-11-20T14:00:00+00:00.")
        try:
            denounce_seal_key(certificate=found[0], since=at, reason=reason, by=User.objects.system("command"))
        except Refused as error:
            raise CouldNot(str(error)) from None
