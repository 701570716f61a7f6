"""Measures the portal against the least that any program on this stack must do, in an installation of its own.

Importing it makes that installation: a temporary DATA_DIR on SQLite, which the server of the pages shares.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
SHARED = "PORTAL_BENCH_FOLDER"
DATABASE = "PORTAL_BENCH_DATABASE"  # a database that one benchmark's own process is told to stand on


def _folder() -> Path:
    """Return the folder of this run: a new one, or the one that the process before us told us of."""
    if SHARED in os.environ:
        return Path(os.environ[SHARED])
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[SHARED] = str(folder)
    return folder


# Where the results go: the installation that the caller works with.
RESULTS = Path(os.environ.get("DATA_DIR", ROOT / "var")).resolve() / "bench.json"
FOLDER = _folder()
os.environ.pop("DATABASE_URL", None)
if DATABASE in os.environ:
    os.environ["DATABASE_URL"] = os.environ[DATABASE]
os.environ.update(DATA_DIR=str(FOLDER), DJANGO_SETTINGS_MODULE="vetting_portal.settings", LOG_LEVEL="WARNING")
django.setup()
