"""A copy of the portfolio under ``DATA_DIR``: an emptied database has it back in seconds instead of minutes.

It serves for a day, because its dates are told from the day on which it was made; and only while the code that made
it, the migrations and the keys of the installation are the same. A database of another kind is filled afresh.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from grants.example.portfolio.maker import load_portfolio
from grants.example.setting import example_blockers
from vetting_portal.workflow import Refused

GOOD_FOR = timedelta(days=1)
CODE = Path(__file__).parents[1]
FOLDER, DATABASE, FILES, FACTS = "example", "portfolio.sqlite3", "files", "made.json"


def load_or_restore() -> bool:
    """Fill an empty database with the portfolio; return whether it came from the copy.

    Raises Refused where the database is not empty.
    """
    if reasons := example_blockers():
        raise Refused(reasons)
    if not _can_be_kept():
        load_portfolio()
        return False
    if _is_good():
        _restore()
        return True
    load_portfolio()
    _keep()
    return False


def _can_be_kept() -> bool:
    return connection.vendor == "sqlite" and settings.STORAGE == "folder"


def _folder() -> Path:
    return Path(settings.DATA_DIR) / FOLDER


def _fingerprint() -> str:
    """Return a hash of all that a copy depends on: the code that makes it, the migrations, the installation's keys."""
    found = hashlib.sha256()
    for path in sorted([*CODE.rglob("*"), *(Path(settings.DATA_DIR) / "keys").rglob("*")]):
        if path.is_file() and path.suffix != ".pyc":
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.update(f"{app}.{name}\n".encode())
    return found.hexdigest()


def _is_good() -> bool:
    try:
        facts: dict[str, Any] = json.loads((_folder() / FACTS).read_text(encoding="utf-8"))
        age = datetime.now(UTC) - datetime.fromisoformat(facts["made_at"])
    except (OSError, ValueError, KeyError):
        return False
    return timedelta() <= age < GOOD_FOR and facts.get("fingerprint") == _fingerprint()


def _keep() -> None:
    """Copy the database and the files; what tells that the copy is whole is written last."""
    shutil.rmtree(_folder(), ignore_errors=True)
    _folder().mkdir(parents=True)
    with closing(sqlite3.connect(_folder() / DATABASE)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    _link(Path(settings.DATA_DIR) / FILES, _folder() / FILES)
    facts = {"made_at": datetime.now(UTC).isoformat(), "fingerprint": _fingerprint()}
    (_folder() / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def _restore() -> None:
    _link(_folder() / FILES, Path(settings.DATA_DIR) / FILES)
    connection.ensure_connection()
    with closing(sqlite3.connect(_folder() / DATABASE)) as copy:
        copy.backup(connection.connection)


def _link(source: Path, target: Path) -> None:
    """Give every file of ``source`` a second name in ``target``, where it has none; files never change once stored."""
    for path in source.rglob("*"):
        other = target / path.relative_to(source)
        if not path.is_file() or other.exists():
            continue
        other.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, other)
        except OSError:
            shutil.copy2(path, other)
