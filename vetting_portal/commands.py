"""The contract of every command: exit 0 for well, 1 for a finding, 2 for "could not be done"."""

import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, ManagementUtility
from django.core.management.base import SystemCheckError
from django.db import DatabaseError

FINDING = 1
COULD_NOT = 2


class CouldNot(CommandError):
    """The command could not do its work: exit code 2, one line on stderr."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=COULD_NOT)


class PortalCommand(BaseCommand):
    """A command whose ``run`` returns its exit code; what nobody expected becomes exit code 2."""

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Call ``run`` and leave with its exit code."""
        try:
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

    def run(self, *args: Any, **options: Any) -> int:  # noqa: ARG002 each command takes its own
        """Do the work and return the exit code; each command has its own."""
        message = f"{type(self).__module__} does nothing"
        raise CouldNot(message)


def run(argv: list[str]) -> int:
    """Run one command line; what would be a traceback is one line on stderr and exit code 2."""
    try:
        ManagementUtility(argv).execute()
    except (DatabaseError, OSError, SystemCheckError, ImproperlyConfigured) as error:
        if "--traceback" in argv:
            raise
        sys.stderr.write(f"Could not be done: {' '.join(str(error).split())}\n")
        return COULD_NOT
    except KeyboardInterrupt:
        return 130
    return 0
