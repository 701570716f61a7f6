"""Run the whole walk of one grant in an installation of its own."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from grants.example.outcome import outcome
from grants.example.setting import set_up_funder
from grants.example.steps import agreement, banking, campaign, gifts, partner, payments, vetting
from grants.example.visitor import PageError
from grants.example.walk import Walk, Walked, run, steps_as_json
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import User

STEPS = [
    *partner.STEPS,
    *vetting.STEPS,
    *agreement.STEPS,
    *banking.STEPS,
    *campaign.OPENING,
    *gifts.STEPS,
    *payments.STEPS,
    *campaign.CLOSING,
]
# What would make the walk write elsewhere than into its own folder, or not behave as an example.
SET_ASIDE = (
    "DATABASE_URL",
    "STORAGE",
    "EMAIL_URL",
    "PRODUCTION",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
    "SCANNER",
)
OWN = "portal.sqlite3"


class Command(PortalCommand):
    """Ignores DATABASE_URL and the storage settings: it has a database and files of its own."""

    help = "Run the walk of one grant, from sign-up to a sealed agreement and a closed campaign."
    counts_days = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer, and where to leave the installation."""
        parser.add_argument("--json", action="store_true", dest="as_json", help="answer in JSON only")
        parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the installation there, as a DATA_DIR")

    def run(self, *args: Any, **options: Any) -> int:
        """Walk here where this process has the folder for its own, else in a process that does."""
        keep: Path | None = options["keep"]
        as_json: bool = options["as_json"]
        if keep is None:
            with tempfile.TemporaryDirectory(prefix="walk-") as scratch:
                return self._elsewhere(Path(scratch), as_json=as_json, kept=False)
        folder = keep.resolve()
        is_own = folder == settings.DATA_DIR and settings.STRIPE_WEBHOOK_SECRETS
        if is_own and not any(os.environ.get(name) for name in SET_ASIDE):
            return self._here(as_json=as_json, kept=os.environ.get("WALK_KEPT") != "0")
        if folder.exists() and (not folder.is_dir() or (folder != settings.DATA_DIR and any(folder.iterdir()))):
            message = f"{folder} is not empty, or no folder."
            raise CouldNot(message)
        folder.mkdir(parents=True, exist_ok=True)
        return self._elsewhere(folder, as_json=as_json, kept=True)

    def _elsewhere(self, folder: Path, *, as_json: bool, kept: bool) -> int:
        """Run the same command in a process whose DATA_DIR is ``folder`` and whose other settings are the default."""
        environment = {name: value for name, value in os.environ.items() if name not in SET_ASIDE}
        environment |= {"DATA_DIR": str(folder), "LOG_LEVEL": "ERROR", "WALK_KEPT": "1" if kept else "0"}
        environment["STRIPE_WEBHOOK_SECRETS"] = f"whsec_{secrets.token_hex(16)}"  # both sides are the walk's own
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "walk", "--keep", str(folder)]
        done = subprocess.run([*command, *(["--json"] if as_json else [])], env=environment, check=False)  # noqa: S603
        return done.returncode

    def _here(self, *, as_json: bool, kept: bool) -> int:
        if (settings.DATA_DIR / OWN).exists():
            message = f"{settings.DATA_DIR} holds an installation already."
            raise CouldNot(message)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        set_up_funder(by=User.objects.system("loader"))
        walk, walked = Walk(), list[Walked]()
        try:
            for step in run(walk, STEPS):
                walked.append(step)
                if not as_json:
                    self.stdout.write(f"{step.seconds:6.2f} s  {step.name}")
                    self.stdout.flush()
        except PageError as error:
            message = f"The walk ended after {len(walked)} of {len(STEPS)} steps: {error}"
            raise CouldNot(message) from error
        answer = {"steps": steps_as_json(walked), **outcome(walk, kept=kept)}
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if as_json else _sentence(answer))
        return 0


def _sentence(answer: dict[str, Any]) -> str:
    figures = ", ".join(
        f"{name} {answer[name]}" for name in ("goal", "cap", "gross", "fees", "net", "matched", "payable")
    )
    files = "".join(f"\n{name}: {answer[name]}" for name in ("agreement", "statement") if answer[name])
    return f"Grant {answer['grant']}, campaign {answer['campaign']}. In cents: {figures}.{files}"
