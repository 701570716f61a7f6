"""Measures the portal against the least that any program on this stack must do, in an installation of its own.

Importing it makes that installation: a temporary DATA_DIR on SQLite, migrated when the first row is measured.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
# Where the results go: the installation that the caller works with.
RESULTS = Path(os.environ.get("DATA_DIR", ROOT / "var")).resolve() / "bench.json"
FOLDER = Path(tempfile.mkdtemp(prefix="portal-bench-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

os.environ.pop("DATABASE_URL", None)
os.environ.update(DATA_DIR=str(FOLDER), DJANGO_SETTINGS_MODULE="vetting_portal.settings", LOG_LEVEL="WARNING")
django.setup()
