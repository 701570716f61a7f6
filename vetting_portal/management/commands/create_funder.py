"""A real funder's first day: the funder's record and the first administrator."""

import getpass
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from vetting_portal.actions import create_funder, create_staff_user
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import Funder, Role, User
from vetting_portal.models.funder import default_signing_policy
from vetting_portal.workflow import Refused, action

QUESTIONS = {
    "name": "Name of the funder",
    "tax_number": "Tax number (EIN)",
    "address": "Postal address",
    "admin_email": "Administrator's e-mail address",
    "admin_name": "Administrator's name",
}
LAW = {
    "governing_law": "Governing law: state or country (“the State of Washington, United States”)",
    "courts": "Place of the courts (“King County, Washington, United States”)",
}
FUNDER_FIELDS = ("name", "tax_number", "address", "country", "city", "time_zone", "currency", "contact_email", *LAW)


class Command(PortalCommand):
    """Asks for what was not given as an option; staff come by invitation afterwards."""

    help = "Make the funder's record and its first administrator."
    counts_days = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take every field; what is missing is asked for where there is a terminal."""
        for name, question in QUESTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", help=question)
        parser.add_argument("--country", default="US", help="two letters (default US)")
        parser.add_argument("--city", default="", help="for the agreement's head")
        parser.add_argument("--time-zone", default="America/Los_Angeles", help="default America/Los_Angeles")
        parser.add_argument("--currency", default="USD", help="default USD")
        for name, question in LAW.items():
            parser.add_argument(f"--{name.replace('_', '-')}", default="", help=f"{question}; agreements need it")
        parser.add_argument("--contact-email", default="", help="whom partners write to")
        parser.add_argument("--directors", type=int, default=2, help="how many directors sign a grant (default 2)")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the administrator's password from standard input",
        )

    def run(self, *args: Any, **options: Any) -> int:
        """Make both in one transaction."""
        if Funder.objects.exists():
            message = "This installation has its funder already."
            raise CouldNot(message)
        for name, question in QUESTIONS.items():
            options[name] = options[name] or self._ask(name, question)
        if sys.stdin.isatty():
            for name, question in LAW.items():
                options[name] = options[name] or self._ask(name, question)
        password, made_up = self._password(from_stdin=options["password_stdin"])
        try:
            _first_day(options=options, password=password, by=User.objects.system("command"))
        except ValidationError as error:
            raise CouldNot(" ".join(error.messages)) from error
        except Refused as error:
            raise CouldNot(str(error)) from error
        self.stdout.write(
            f"{options['name']} is set up. {options['admin_name']} signs in with {options['admin_email']}."
        )
        if not (options["governing_law"] and options["courts"]):
            self.stdout.write("Before the first agreement: enter the governing law and the courts at Staff → Funder.")
        if made_up:
            self.stdout.write(f"The first password, shown this once: {password}")
        self.stdout.write("Next: sign in, set up the second factor, and invite your staff.")
        return 0

    def _ask(self, name: str, question: str) -> str:
        if not sys.stdin.isatty():
            message = f"--{name.replace('_', '-')} is missing ({question})."
            raise CouldNot(message)
        answer = ""
        while not answer:
            answer = input(f"{question}: ").strip()
        return answer

    def _password(self, *, from_stdin: bool) -> tuple[str, bool]:
        if from_stdin:
            password = sys.stdin.readline().rstrip("\n")
        elif sys.stdin.isatty():
            password = getpass.getpass("Administrator's password (empty: we make one): ")
        else:
            password = ""
        if not password:
            return secrets.token_urlsafe(15), True
        try:
            validate_password(password)
        except ValidationError as error:
            raise CouldNot(" ".join(error.messages)) from error
        return password, False


@action
def _first_day(*, options: dict[str, Any], password: str, by: User) -> None:
    fields = {name: options[name] for name in FUNDER_FIELDS}
    policy = {**default_signing_policy(), "directors": options["directors"]}
    create_funder(by=by, **fields, signing_policy=policy)
    create_staff_user(
        by=by,
        email=options["admin_email"],
        name=options["admin_name"],
        roles=[Role.ADMINISTRATOR],
        password=password,
    )
