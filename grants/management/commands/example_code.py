"""Print the sign-in code that the authenticator app of an example user would show now."""

import time
from argparse import ArgumentParser
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from grants.example.people import STAFF
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import Funder


class Command(PortalCommand):
    """Works in an example installation only: its secrets are public."""

    help = "Print the code of an example user's authenticator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose."""
        parser.add_argument("address", help="the e-mail address of a member of staff")

    def run(self, *args: Any, address: str, **options: Any) -> int:
        """Print the code and how long it is good for."""
        funder = Funder.objects.current_or_none()
        person = next((person for person in STAFF if person.email == address), None)
        if funder is None or not funder.is_example:
            message = "This is no example installation."
            raise CouldNot(message)
        if person is None or person.totp_secret is None:
            message = f"{address} is no member of the example's staff."
            raise CouldNot(message)
        code = format_hotp_value(hotp_value(person.totp_secret, next(iter(yield_hotp_counters_from_time()))))
        seconds = app_settings.TOTP_PERIOD - int(time.time()) % app_settings.TOTP_PERIOD
        self.stdout.write(f"{code}  (good for {seconds} seconds)")
        return 0
