"""The checks at start-up."""

import os
import subprocess
import sys

import pytest

from vetting_portal import checks
from vetting_portal.checks import scanner_has_an_address

FIRST_RELEASE = """
import os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "vetting_portal.settings"
django.setup()
from django.core.management import call_command
for app in ("contenttypes", "auth", "account", "mfa", "sessions", "django_tasks_database", "vetting_portal"):
    call_command("migrate", app, verbosity=0)
for app, last in (("partners", "0003_embargoes"), ("reviews", "0002_guards"), ("grants", "0002_guards")):
    call_command("migrate", app, last, verbosity=0)
# The triggers are those of today. The first release's named no column that came later: SQLite says which do.
import re
from django.db import OperationalError, connection
with connection.cursor() as cursor:
    while True:
        try:
            cursor.execute("ALTER TABLE django_session RENAME TO session_of_the_first_release")
            cursor.execute("ALTER TABLE session_of_the_first_release RENAME TO django_session")
            break
        except OperationalError as error:
            cursor.execute("DROP TRIGGER " + re.search(r"error in trigger (\\w+)", str(error))[1])
"""


@pytest.mark.parametrize("address", ["none", "127.0.0.1:3310", "tcp://scanner:3310", "/run/clamd.ctl", "[::1]:3310"])
def test_a_scanner_with_an_address_is_taken(settings, address):
    settings.SCANNER = address
    assert scanner_has_an_address() == []


@pytest.mark.parametrize("address", ["", "clamd", "http://scanner/", "scanner:port"])
def test_a_scanner_without_an_address_is_named_at_the_start(settings, address):
    settings.SCANNER = address
    (error,) = scanner_has_an_address()
    assert (error.id, error.msg.startswith("SCANNER is neither none nor")) == ("portal.E004", True)


@pytest.mark.django_db
@pytest.mark.parametrize(("behind", "found"), [(True, ["portal.W001"]), (False, ["portal.E001"])])
def test_a_missing_trigger_stops_the_start_but_not_the_migration_that_makes_it(monkeypatch, behind, found):
    monkeypatch.setattr(checks, "missing_triggers", lambda: iter(["grant_signed_enough"]))
    monkeypatch.setattr(checks.MigrationExecutor, "migration_plan", lambda *_: [("grants", "0003")] if behind else [])
    assert [message.id for message in checks.guards_are_there(["default"])] == found


@pytest.mark.long
def test_an_installation_of_the_first_release_is_brought_up_to_date(project, tmp_path):
    """Its tables and triggers, with what came later: `migrate` checks the database before it changes it."""
    own = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": ""}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=project, env=own, capture_output=True, text=True, check=False)

    first = run("-c", FIRST_RELEASE)
    assert first.returncode == 0, first.stderr
    updated = run("manage.py", "migrate")
    assert updated.returncode == 0, updated.stderr
    assert "W001" in updated.stderr
    checked = run("manage.py", "check", "--database", "default")
    assert checked.returncode == 0, checked.stderr
