"""Lives by the hour: ``make lives HOURS=2`` or ``LIVES=1000``. What was lived is kept; the next run goes on from it."""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import rig

rig.start()

from django.template import Template  # noqa: E402 Django is set up first
from django.test.utils import instrumented_test_render  # noqa: E402

from tests.lives.coverage import Coverage  # noqa: E402
from tests.lives.installation import source_hash  # noqa: E402
from tests.lives.machine import Run, live  # noqa: E402
from tests.lives.running import KEPT, LONG, installed  # noqa: E402

BATCH = 10
RUNS = KEPT / "runs"


def say(text: str) -> None:
    """Say something at once."""
    print(text, flush=True)  # noqa: T201


def one(runs: Path, *, lives: int, hours: float, steps: int) -> None:
    """Live in this process until enough was lived, keeping the counts after each batch in the folder ``runs``."""
    logging.disable(logging.ERROR)
    Template._render = instrumented_test_render  # type: ignore[method-assign] each answer tells its templates
    until = time.monotonic() + hours * 3600
    kept = runs / f"{time.time_ns()}-{os.getpid()}.json"
    with tempfile.TemporaryDirectory(prefix="lives-") as folder, installed(Path(folder)) as (installation, states):
        run = Run(installation, states, KEPT / "faults", say)
        run.until = until
        while run.coverage.lives < lives and time.monotonic() < until:
            live(run, lives=min(BATCH, lives - run.coverage.lives), steps=steps)
            faults = {
                name: {key: fault[key] for key in ("count", "life", "path")} for name, fault in run.faults.items()
            }
            kept.write_text(json.dumps({**run.coverage.as_dict(), "faults": faults, "source": source_hash()}))
            many = sum(fault["count"] for fault in faults.values())
            say(f"{run.coverage.lives} lives, {run.coverage.steps} steps, {many} faults")


def report(runs: Path) -> int:
    """Print what all runs of this source tree lived and found; return 1 where something is wrong."""
    coverage, faults, here = Coverage(), {}, source_hash()
    for path in sorted(runs.glob("*.json")):
        told = json.loads(path.read_text())
        if told["source"] != here:
            continue
        coverage.add(told)
        for name, fault in told["faults"].items():
            held = faults.setdefault(name, {"count": 0, "path": fault["path"]})
            held["count"] += fault["count"]
    say(coverage.report())
    for name, fault in sorted(faults.items(), key=lambda item: -item[1]["count"]):
        say(f"{fault['count']:5} × {name}: {fault['path']}")
    return 1 if faults else 0


def main() -> int:
    """Read the options, live in as many processes as asked, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=0)
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--steps", type=int, default=LONG.steps, help="of each life, at most")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="only print what was lived so far")
    parser.add_argument("--runs", type=Path, default=RUNS, help="the folder that counts are kept in")
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    if given.report:
        return report(given.runs)
    lives, hours = given.lives or (10**9 if given.hours else 1000), given.hours or 10**4
    if given.processes == 1:
        one(given.runs, lives=lives, hours=hours, steps=given.steps)
        return 0
    with tempfile.TemporaryDirectory(prefix="lives-") as folder, installed(Path(folder)):
        pass  # the stored states are made once, before two processes want them
    share = [str(-(-lives // given.processes)), "--hours", str(hours), "--processes", "1"]
    where = ["--runs", str(given.runs), "--steps", str(given.steps)]
    command = [sys.executable, "-m", "tests.lives", *where, "--lives", *share]
    for process in [subprocess.Popen(command) for _ in range(given.processes)]:
        process.wait()
    return report(given.runs)


sys.exit(main())
