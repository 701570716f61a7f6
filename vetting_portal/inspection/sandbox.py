"""Has files inspected by another process, within limits of time and memory, from any thread."""

import contextlib
import json
import os
import select
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Self

from vetting_portal.children import GRACE, Child, Pool, python
from vetting_portal.inspection.findings import Finding, Verdict
from vetting_portal.inspection.policy import MAX_BYTES, UNKNOWN, WALL_SECONDS
from vetting_portal.inspection.scanning import after_scan, scan

NOT_CHECKED = "This file could not be checked. We try again; you need not send it again."
LONGEST_ANSWER = 1 << 20
CHUNK = 256 * 1024


class Inspector(Child):
    """A process that inspects one file after the other."""

    command = python("vetting_portal.inspection")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def inspect(self, path: Path, *, name: str) -> Finding:
        """Inspect the file at ``path``. Raises OSError where it cannot be read; quarantined where nobody answers."""
        with self.owing():
            answer = self._ask(json.dumps({"path": os.fspath(path.absolute()), "name": name}))
        if answer is None:
            self.process.kill()
            return Finding(Verdict.QUARANTINED, NOT_CHECKED, UNKNOWN)
        if "error" in answer:
            raise OSError(answer["error"])
        return Finding(Verdict(answer["verdict"]), answer["reason"], answer["media_type"])

    def _ask(self, question: str) -> dict[str, Any] | None:
        """Write one line and read one; None where the process is gone or silent."""
        into, out = self.process.stdin, self.process.stdout
        if into is None or out is None:
            return None
        heard = b""
        try:
            into.write(question.encode() + b"\n")
            into.flush()
            while not heard.endswith(b"\n"):
                waiting = select.poll()
                waiting.register(out, select.POLLIN | select.POLLHUP)
                piece = os.read(out.fileno(), 65536) if waiting.poll((WALL_SECONDS + GRACE) * 1000) else b""
                heard += piece
                if not piece or len(heard) > LONGEST_ANSWER:
                    return None
            answer: dict[str, Any] = json.loads(heard)
        except (OSError, ValueError):
            return None
        return answer


inspectors = Pool(Inspector, most_idle=2)


def _own_path(file: IO[bytes]) -> Path | None:
    """The path of an uploaded file that lies on this machine's disk; None where it has none."""
    give = getattr(file, "temporary_file_path", None)
    if give is None:
        return None
    file.flush()
    return Path(give())


@contextlib.contextmanager
def on_disk(file: IO[bytes] | Path) -> Iterator[Path]:
    """Give ``file`` as a path: its own, or that of a temporary copy (cut where it is too large anyway)."""
    path = file if isinstance(file, Path) else _own_path(file)
    if path is not None:
        yield path
        return
    assert not isinstance(file, Path)  # noqa: S101  for the type checker
    with tempfile.NamedTemporaryFile(prefix="inspect-") as copy:
        file.seek(0)
        left = MAX_BYTES + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def inspect_in_subprocess(file: IO[bytes] | Path, *, name: str, inspector: Inspector | None = None) -> Finding:
    """Inspect a file (a path, or an open binary file) in another process, within the policy's limits.

    Raises OSError where the file cannot be read. A process that dies or is silent means quarantined.
    """
    with on_disk(file) as path:
        if inspector is not None and inspector.is_usable:
            return inspector.inspect(path, name=name)
        with inspectors.borrow() as lent:
            return lent.inspect(path, name=name)


def check_upload(file: IO[bytes] | Path, *, name: str, scanner: str, inspector: Inspector | None = None) -> Finding:
    """Inspect a file and, where that accepts it, have it scanned: the whole of the vault's check.

    ``scanner`` is the setting SCANNER. A configured scanner that does not answer means quarantined.
    """
    with on_disk(file) as path:
        finding = inspect_in_subprocess(path, name=name, inspector=inspector)
        if not finding.is_accepted:
            return finding
        opened: BinaryIO
        with path.open("rb") as opened:
            return after_scan(finding, scan(opened, scanner))
