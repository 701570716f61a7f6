"""Run the portal's management commands; any command the portal could not carry out exits with 2."""

import os
import sys

from vetting_portal.commands import run

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting_portal.settings")
    sys.exit(run(sys.argv))
