"""Play campaigns through the real actions and ledger, in an installation of its own that is thrown away."""

import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from grants.campaigns.simulation.play import NotPlayable, differences, money_needed, play_vector, read_file
from grants.campaigns.simulation.stage import set_stage
from grants.matching.events import UnknownEvent
from vetting_portal.commands import COULD_NOT, FINDING, CouldNot, PortalCommand

# What an installation of its own does not take from the outside.
OURS = ("PRODUCTION", "DATABASE_URL", "STORAGE", "EMAIL_URL", "SCANNER", "SECRET_KEY")


class Command(PortalCommand):
    """Reads the form of the match events; answers what the rule would have paid."""

    help = "Play match events through the real actions, in a database of its own."
    counts_days = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and the form of the answer."""
        parser.add_argument("file", help="a JSON file of vectors")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print only the JSON")
        parser.add_argument(
            "--on-stage", action="store_true", help="play here: this installation is the one of its own"
        )

    def run(self, *args: Any, file: str, as_json: bool, on_stage: bool, **options: Any) -> int:
        """Play the file in a process of its own; 1: a vector expects something else, 2: it cannot be played."""
        try:
            currency, vectors = read_file(json.loads(Path(file).read_bytes()))
        except OSError as error:
            message = f"{file} cannot be read: {error.strerror}."
            raise CouldNot(message) from None
        except (ValueError, NotPlayable) as error:
            message = f"{file}: {error}"
            raise CouldNot(message) from None
        if not on_stage:
            return self._in_its_own(file, as_json=as_json)
        return self._play(currency, vectors, as_json=as_json)

    def _in_its_own(self, file: str, *, as_json: bool) -> int:
        """Run this command again as another process, whose data stand in a temporary folder."""
        kept = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("S3_")}
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "simulate_match", file, "--on-stage"]
        with tempfile.TemporaryDirectory(prefix="simulate-match-") as folder:
            done = subprocess.run(  # noqa: S603 our own command line
                [*command, "--json"] if as_json else command,
                env={**kept, "DATA_DIR": folder, "LOG_LEVEL": "ERROR"},
                capture_output=True,
                text=True,
                check=False,
            )
        self.stdout.write(done.stdout, ending="")
        if done.returncode == COULD_NOT:
            said = done.stderr.strip().splitlines() or ["It could not be played."]
            raise CouldNot(said[-1].removeprefix("CouldNot: "))
        return done.returncode

    def _play(self, currency: str, vectors: list[Any], *, as_json: bool) -> int:
        """Make the database, play every vector, print the answers."""
        call_command("migrate", verbosity=0, skip_checks=True)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
        stage = set_stage(currency, max(1, money_needed(vectors)))
        try:
            answers = [play_vector(stage, number, vector) for number, vector in enumerate(vectors, start=1)]
        except (UnknownEvent, NotPlayable) as error:
            raise CouldNot(str(error)) from None
        wrong = {
            answer["id"]: differences(answer, vector["expect"])
            for answer, vector in zip(answers, vectors, strict=True)
            if isinstance(vector.get("expect"), dict) and differences(answer, vector["expect"])
        }
        if as_json:
            self.stdout.write(json.dumps({"vectors": answers}, ensure_ascii=False))
        else:
            for answer in answers:
                verdict = f"differs in {', '.join(wrong[answer['id']])}" if answer["id"] in wrong else "ok"
                self.stdout.write(
                    f"{answer['id']}: gross {answer['gross']}, matched {answer['matched']}, "
                    f"payable {answer['payable']} ({verdict})"
                )
        return FINDING if wrong else 0
