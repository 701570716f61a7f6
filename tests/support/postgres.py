"""Starts a PostgreSQL cluster of the test run's own."""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from tests.support.servers import free_port, listens, own_folder, start_server, wait_for
from tests.support.tether import owner_of

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}


def programs() -> Path:
    """Return the folder of the newest PostgreSQL's programs; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    if newest is None:
        message = "PostgreSQL is not installed. Run: make setup-test"
        raise RuntimeError(message)
    return newest.parent


def _unprivileged() -> str | None:
    """Return the user to run as: ``initdb`` refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def start_postgres() -> str:
    """Start a server that ends with this process; return its address as a ``DATABASE_URL``."""
    folder = own_folder("portal-postgres-", owner=_unprivileged())
    port, password = free_port(), secrets.token_urlsafe(16)
    cluster, password_file = folder / "cluster", folder / "password"
    password_file.write_text(password)
    subprocess.run(
        [
            str(programs() / "initdb"), f"--pgdata={cluster}", "--username=portal", f"--pwfile={password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        **owner_of(folder),
    )  # fmt: skip
    options = [f"-c{name}={value}" for name, value in QUICK.items()]
    start_server(
        [str(programs() / "postgres"), f"-D{cluster}", f"-p{port}", f"-k{folder}", "-h127.0.0.1", *options],
        folder=folder,
        ending="SIGINT",  # a fast shutdown
        env={},
    )
    wait_for(lambda: listens(port), what="PostgreSQL", log=folder / "server.log")
    return f"postgres://portal:{password}@127.0.0.1:{port}/postgres"
