"""Processes apart that work for this one: with nothing of its environment but the path, kept warm between two tasks."""

import atexit
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
GRACE = 10


def python(module: str) -> tuple[str, ...]:
    """Return the command that runs a module of the portal."""
    return (sys.executable, "-X", "utf8", "-m", module)


def start(command: Sequence[str], *, stdin: int, stdout: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, with nothing of this one's environment but the path."""
    return subprocess.Popen(  # noqa: S603 our own child
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        start_new_session=True,
    )


class Child:
    """One process that runs ``command`` and answers over its pipes; it ends when this one closes it, or ends."""

    command: tuple[str, ...]

    def __init__(self) -> None:
        """Start the process."""
        self.owner, self.owes = os.getpid(), False
        self.process = start(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @property
    def is_usable(self) -> bool:
        """The process runs, owes no answer, and is this process's own (not one inherited by a fork)."""
        return self.owner == os.getpid() and not self.owes and self.process.poll() is None

    @contextlib.contextmanager
    def owing(self) -> Iterator[None]:
        """Stand around a question and its answer: who breaks off in between leaves an answer that is nobody else's."""
        self.owes = True
        yield
        self.owes = False

    def close(self) -> None:
        """End the process and wait for it; one that was inherited is left alone."""
        if self.owner != os.getpid():
            return
        if self.owes:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Pool[C: Child]:
    """Lends children, each to one thread at a time. At most ``most_idle`` wait for the next, and end with this process;
    one that a fork inherited is never lent.
    """

    def __init__(self, make: Callable[[], C], *, most_idle: int) -> None:
        self.make = make
        self.most_idle = most_idle
        self.idle: list[C] = []
        atexit.register(self.close)

    def close(self) -> None:
        """End the children that wait."""
        while self.idle:
            self.idle.pop().close()

    @contextlib.contextmanager
    def borrow(self) -> Iterator[C]:
        """Lend a warm child, or a new one; one that is of no more use afterwards is ended."""
        child = self._take() or self.make()
        try:
            yield child
        finally:
            if child.is_usable and len(self.idle) < self.most_idle:
                self.idle.append(child)
            else:
                child.close()

    def _take(self) -> C | None:
        while self.idle:
            try:
                child = self.idle.pop()
            except IndexError:  # another thread was quicker
                return None
            if child.is_usable:
                return child
            child.close()
        return None
