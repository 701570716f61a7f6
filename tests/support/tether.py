"""Runs one server and ends it, folder and all, as soon as the process that holds our standard input is gone.

A test run that is killed cannot clean up; the end of its pipe is what this process waits for.
Use: ``python tether.py FOLDER SIGNAL COMMAND…``.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path


def owner_of(folder: Path) -> dict[str, int | list[int]]:
    """Return the arguments that make ``Popen`` run as the owner of ``folder``, where we may change user."""
    if os.geteuid() != 0:
        return {}
    status = folder.stat()
    return {"user": status.st_uid, "group": status.st_gid, "extra_groups": []}


def main() -> int:
    folder, ending, command = Path(sys.argv[1]), signal.Signals[sys.argv[2]], sys.argv[3:]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **owner_of(folder)
        )

    def end_with_the_run() -> None:
        sys.stdin.buffer.read()
        server.send_signal(ending)

    threading.Thread(target=end_with_the_run, daemon=True).start()
    for ignored in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C reaches the whole group; the pipe says when
        signal.signal(ignored, signal.SIG_IGN)
    code = server.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
