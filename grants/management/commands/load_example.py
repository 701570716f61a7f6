"""Load the LIFT example and its users into an empty database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from grants.example.loader import load_example, sign_ins
from grants.example.portfolio.store import load_or_restore
from grants.example.setting import example_blockers
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import Funder, Role
from vetting_portal.workflow import Refused

LABELS = {"partner_owner": "Partner owner", "partner_editor": "Partner editor", **dict(Role.choices)}


class Command(PortalCommand):
    """Everything in it is invented, and every page says so."""

    help = "Load the LIFT example and its users, into an empty database only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer, and what to do with a database that has data."""
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the users as JSON")
        parser.add_argument(
            "--portfolio", action="store_true", help="with some 25 applications in every state, spread over months"
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="load into an empty database; print the users of an example only"
        )

    def run(self, *args: Any, as_json: bool, if_empty: bool, portfolio: bool, **options: Any) -> int:
        """Load, then say who can sign in."""
        reasons = example_blockers()
        if reasons and not if_empty:
            raise CouldNot(" ".join(reasons))
        if not reasons:
            self._load(portfolio=portfolio, speaks=not as_json)
        funder = Funder.objects.current_or_none()
        if funder is None or not funder.is_example:
            return 0
        self.stdout.write(json.dumps({"users": sign_ins()}, ensure_ascii=False) if as_json else _table())
        return 0

    def _load(self, *, portfolio: bool, speaks: bool) -> None:
        if not portfolio:
            load_example()
            return
        if speaks:
            self.stdout.write("Making the example: 26 applications over seven months. The first time takes minutes …")
            self.stdout.flush()
        try:
            load_or_restore()
        except (Refused, ValidationError, PermissionDenied, LookupError) as error:
            self.stderr.write(f"The 26 applications could not be made, so the small example is loaded: {error}")
            load_example()


def _table() -> str:
    """Return one line for each person: role, address, password, and the secret for an authenticator app."""
    rows = [(LABELS[str(row["role"])], str(row["email"]), row["totp_secret"] or "–") for row in sign_ins()]
    lines = [f"  {role:<18} {email:<24} {secret}" for role, email, secret in rows]
    return "\n".join(
        [
            "Example users (all invented). The password of each of them: " + str(sign_ins()[0]["password"]),
            "Staff give a six-digit code besides: put the secret into an authenticator app, or run",
            "  .venv/bin/python manage.py example_code ADDRESS",
            f"  {'role':<18} {'e-mail address':<24} authenticator secret",
            *lines,
        ]
    )
