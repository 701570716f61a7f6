"""Inspects files, each in a child of its own with little time and memory: a line of JSON in, a line of JSON out."""

import contextlib
import json
import os
import select
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vetting_portal.inspection.findings import Finding, Verdict
from vetting_portal.inspection.inspecting import TOO_HEAVY, inspect_file
from vetting_portal.inspection.limits import limit_self
from vetting_portal.inspection.policy import CPU_SECONDS, MEMORY_BYTES, UNKNOWN, WALL_SECONDS
from vetting_portal.inspection.sniffing import HEAD, sniff

TOO_LONG = "This file takes too long to check. Save it in a simpler form, for example as a new PDF, and send that."
BROKEN = "This file is damaged. Open it on your computer, save it again, and send the new file."
NOT_CHECKED = "This file could not be checked. We try again; you need not send it again."
CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL})


def _examine(path: str, name: str, answer: int) -> None:
    """Inspect one file within the limits and write the finding to the pipe ``answer``."""
    with Path(path).open("rb") as file:
        limit_self(cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
        finding = inspect_file(file, name=name)
    os.write(answer, json.dumps(asdict(finding)).encode())


def _listen(answer: int, child: int) -> bytes | None:
    """Return what the child writes until it ends; None where it does not end in time (it is then killed)."""
    heard = b""
    deadline = time.monotonic() + WALL_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([answer], [], [], left)
        if ready:
            piece = os.read(answer, 65536)
            if not piece:
                return heard
            heard += piece
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return None


def _verdict_of_end(status: int, media_type: str) -> Finding:
    """The finding where the child could not give one, from the way it ended."""
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if ended_by in {signal.SIGXCPU, signal.SIGKILL}:
        return Finding(Verdict.REJECTED, TOO_LONG, media_type)
    if ended_by in CRASHES:
        return Finding(Verdict.REJECTED, BROKEN, media_type)
    return Finding(Verdict.QUARANTINED, NOT_CHECKED, media_type)


def _answer(path: str, name: str) -> Finding:
    """Have a child inspect one file and return its finding."""
    with Path(path).open("rb") as file:
        media_type = sniff(file.read(HEAD))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            _examine(path, name, writing)
            code = 0
        except MemoryError:
            os.write(writing, json.dumps(asdict(Finding(Verdict.REJECTED, TOO_HEAVY, media_type))).encode())
            code = 0
        except Exception as error:  # noqa: BLE001  the child must never come back into the loop of its parent
            sys.stderr.write(f"inspection: {type(error).__name__}: {error}\n")
        finally:
            os._exit(code)
    os.close(writing)
    heard = _listen(reading, child)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if heard is None:
        return Finding(Verdict.QUARANTINED, NOT_CHECKED, media_type)
    if status == 0 and heard:
        found: dict[str, Any] = json.loads(heard)
        return Finding(Verdict(found["verdict"]), found["reason"], found["media_type"])
    return _verdict_of_end(status, media_type)


def main() -> None:
    """Answer each line until the other side closes: ``{"path", "name"}`` gives a finding, or ``{"error"}``."""
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        try:
            said: dict[str, Any] = asdict(_answer(asked["path"], asked["name"]))
        except OSError as error:
            said = {"error": error.strerror or str(error), "media_type": UNKNOWN}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
