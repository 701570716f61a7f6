"""Starts the servers that tests need, each on its own port and in its own folder, and ends them with the run."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOM = 4_000_000_000
TETHER = Path(__file__).with_name("tether.py")


def free_port() -> int:
    """Return a port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def in_memory() -> Path | None:
    """Return the folder that is kept in memory, where it has room for a run: each paper is flushed to the disk."""
    folder = Path("/dev/shm")  # noqa: S108 the run makes a folder of its own there
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > ROOM else None


def own_folder(prefix: str, owner: str | None = None) -> Path:
    """Return a new temporary folder, in memory if it can be; as root it can be given to another user."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=in_memory()))
    if owner is not None:
        shutil.chown(folder, owner)
    return folder


def start_server(command: Sequence[str], *, folder: Path, ending: str = "SIGTERM", env: dict[str, str]) -> None:
    """Run ``command`` in ``folder`` until this process ends, however it ends; then the folder goes too."""
    server = subprocess.Popen(
        [sys.executable, str(TETHER), str(folder), ending, *command],
        stdin=subprocess.PIPE,
        env={**os.environ, **env},
    )

    def end() -> None:
        if server.stdin is not None:
            server.stdin.close()
        server.wait(timeout=30)

    atexit.register(end)


def wait_for(is_up: Callable[[], bool], *, what: str, log: Path, seconds: float = 30) -> None:
    """Wait until ``is_up()`` says yes; raise with the server's log when it never does."""
    deadline = time.monotonic() + seconds
    while not is_up():
        if time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:] if log.exists() else "nothing"
            message = f"{what} did not start within {seconds:.0f} seconds. It said: {said}"
            raise RuntimeError(message)
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody answers on ``port`` of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
