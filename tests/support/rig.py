"""Makes the installation that one test run uses, before Django's settings are read."""

import atexit
import os
import shlex
import shutil
import sys
from pathlib import Path

import django
from django.conf import settings

from tests.support.postgres import start_postgres
from tests.support.servers import own_folder

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = "PORTAL_TEST_ROOT"  # the run's folder, told to the workers of pytest-xdist
KEPT = {"REFERENCE_DATA"}  # the one variable of ours that a test run takes from outside
OURS = (
    "PRODUCTION", "DATA_DIR", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "PORT", "DATABASE_URL", "STORAGE",
    "S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "EMAIL_URL",
    "EMAIL_FROM", "SCANNER", "TRUSTED_PROXIES", "LOG_LEVEL", "SEALER", "SEAL_SECRET", "SEAL_CERTIFICATE", "TSA_URL",
    "TSA_CERTIFICATES", "GIVING_PREFIX", "STRIPE_WEBHOOK_SECRETS",
)  # fmt: skip


def wants_postgres() -> bool:
    """Whether this run was asked for PostgreSQL; read before pytest parses its options."""
    return "--postgres" in [*sys.argv[1:], *shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))]


def start() -> None:
    """Set the variables of an installation of the run's own, start its database, and set Django up."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        data = Path(os.environ[SHARED]) / worker
    else:
        for name in OURS:
            os.environ.pop(name, None)
        root = own_folder("portal-tests-")
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        os.environ[SHARED] = str(root)
        data = root / "main"
        if wants_postgres():
            os.environ["DATABASE_URL"] = start_postgres()
    for folder in (data, data / "static"):
        folder.mkdir(mode=0o700, parents=True)
    os.environ["DATA_DIR"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "vetting_portal.settings"
    # Playwright runs an event loop in the thread of the test; Django would take it for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    # The workers of pytest-xdist inherit this environment, and pytest-django would read the settings there too early.
    del os.environ["DJANGO_SETTINGS_MODULE"]
    _quicken()


def _quicken() -> None:
    """Pages without collected files, passwords without a costly hash; `make run` and its test have the real ones."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
