"""Run the portal's management commands; any command the portal could not carry out exits with 2."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility
from django.core.management.base import SystemCheckError
from django.db import DatabaseError

COULD_NOT = 2


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


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting_portal.settings")
    sys.exit(run(sys.argv))
