"""Runs the web server and the background worker as children of one process, and ends both with it."""

import ctypes
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from vetting_portal.commands import CouldNot

PATIENCE = 30.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Ask Linux to send this child SIGTERM when its parent is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One child process; a session of its own keeps the terminal's Ctrl-C for the parent, which ends it in order."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        """Start it."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own command lines
            self.command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
        )

    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process is None or self.process.poll() is not None

    def next_pause(self) -> float:
        """Return how long to wait before the next start: longer each time, unless it ran well for a while."""
        if time.monotonic() - self.started > STEADY_AFTER:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        return pause

    def end(self) -> None:
        """Ask it to end, and wait: requests and tasks in hand are finished."""
        if self.process is None or self.has_ended():
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def web_command(port: int) -> list[str]:
    """Return the command line of the web server."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "vetting_portal.wsgi:application",
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--workers=2",
        "--threads=4",
        "--log-level=warning",
        "--no-control-socket",
    ]


def work_command() -> list[str]:
    """Return the command line of the background worker; with SQLite there is no other one."""
    alone = ["--alone"] if connection.vendor == "sqlite" else []
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", *alone]


def refuse_taken(port: int) -> None:
    """Raise ``CouldNot`` when another program listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} is not free. Choose another, for example: make run PORT={port + 1}"
            raise CouldNot(message) from error


def answers(port: int) -> bool:
    """Whether a page comes back: the port opens before the first worker can answer."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        asking.request("GET", "/accounts/login/", headers={"Host": "localhost"})
        return asking.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def refuse_unmigrated() -> None:
    """Raise ``CouldNot`` when the database is older than the code."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        message = "The database is older than the code. Run: manage.py migrate"
        raise CouldNot(message)


@dataclass
class Server:
    """The web server with its background worker, until told to stop."""

    port: int
    web: Child = field(init=False)
    work: Child = field(init=False)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.web, self.work = Child(web_command(self.port)), Child(work_command())

    def run(self, when_up: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM; then end both children. Raises ``CouldNot`` when the server ends itself."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop.set())
        try:
            self.web.start()
            self.work.start()
            self._await_web()
            if not self.stop.is_set():
                when_up()
            self._watch()
        finally:
            self.web.end()
            self.work.end()

    def _await_web(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.stop.wait(0.1):
            if answers(self.port):
                return
            if self.web.has_ended() or time.monotonic() > deadline:
                message = "The web server did not start. What it said stands above."
                raise CouldNot(message)

    def _watch(self) -> None:
        while not self.stop.wait(0.5):
            if self.web.has_ended():
                message = "The web server ended by itself. What it said stands above."
                raise CouldNot(message)
            if self.work.has_ended() and not self.stop.wait(self.work.next_pause()):
                self.work.start()
