"""The contract of every command: exit 0 for well, 1 for a finding, 2 for "could not be done"."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from vetting_portal.clock import on_the_funders_clock

FINDING = 1
COULD_NOT = 2


class CouldNot(CommandError):
    """The command could not do its work: exit code 2, one line on stderr."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=COULD_NOT)


class PortalCommand(BaseCommand):
    """A command whose ``run`` returns its exit code; what nobody expected becomes exit code 2.

    Its days are the funder's, so it reads the funder's record first; one that works without an installation, or before
    there is one, sets ``counts_days`` to False.
    """

    requires_system_checks: list[str] = []
    counts_days = True

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Call ``run`` and leave with its exit code."""
        try:
            with self._clock():
                code = self.run(*args, **options)
        except (CommandError, SystemExit, KeyboardInterrupt):
            raise
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            message = f"Could not be done: {reason}"
            raise CouldNot(message) from error
        self.stdout.flush()
        if code:
            sys.exit(code)
        return None

    @contextmanager
    def _clock(self) -> Iterator[None]:
        with ExitStack() as stack:
            if self.counts_days:
                try:
                    stack.enter_context(on_the_funders_clock())
                except DatabaseError as error:
                    reason = " ".join(str(error).split())
                    message = f"The database cannot be read ({reason}). If it is new: run manage.py migrate."
                    raise CouldNot(message) from error
            yield

    def run(self, *args: Any, **options: Any) -> int:  # noqa: ARG002 each command takes its own
        """Do the work and return the exit code; each command has its own."""
        message = f"{type(self).__module__} does nothing"
        raise CouldNot(message)
