"""A file of gifts, from its bytes to the ledger, into a cap that is reached on the way; and the memory it takes.

``BENCH_GIFTS=1000000 .venv/bin/python -m bench intake`` takes a million lines instead of a hundred thousand. It runs in
a process and an installation of its own, as an import does: the others leave much behind in memory.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.core.management import call_command
from django.db import transaction

from bench import ROOT, SHARED
from bench.rows import Row, at_least, at_most
from grants.campaigns.models import Campaign
from grants.intake.actions import begin_import, start_import
from grants.intake.actions.importing import read_import, record_batch
from grants.intake.reading import read_headings
from tests.factories.campaigns import opened, stage
from vetting_portal.models import User
from vetting_portal.sheets import fingerprint

LINES = int(os.environ.get("BENCH_GIFTS", "100000"))
HEAD = "key,received_at,donor,donor_email,currency,gross,fee\n"
CENTS = 2_550
RATE, GROWTH = 2_000, 16  # lines a second; megabytes
PAGE = os.sysconf("SC_PAGE_SIZE")


def write_file(file: IO[bytes], lines: int) -> None:
    """Write a believable export: every tenth donor gives again, names in two scripts."""
    out = io.TextIOWrapper(file, encoding="utf-8", newline="")
    out.write(HEAD)
    for number in range(lines):
        donor = number - number % 10 if number % 10 == 0 else number
        name = f"สมชาย {donor}" if donor % 3 else f"Donor {donor}"
        out.write(f"ch_{number},2026-10-01T12:00:00+00:00,{name},d{donor}@example.org,USD,25.50,1.04\n")
    out.detach()


def resident() -> float:
    """Return the memory of this process in megabytes, as it stands now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1_000_000


def import_it(campaign: Campaign, file: IO[bytes], by: User) -> tuple[float, float]:
    """Import a file; returns the seconds and by how many megabytes memory grew after its first fifth."""
    start = time.perf_counter()
    sha256, headings = fingerprint(file), read_headings(file)
    begun = begin_import(campaign=campaign, file_name="gifts.csv", sha256=sha256, headings=headings, by=by)
    begun = read_import(begun, file, by)
    assert begun.step == "ready", list(begun.faults.values_list("reason", flat=True)[:5])
    begun = start_import(gift_import=begun, by=by, in_background=False)
    base, most = 0.0, 0.0
    while begun.step == "recording":
        begun = record_batch(gift_import=begun, by=by)
        now = resident()
        base = base if begun.done_count > LINES // 5 else now
        most = max(most, now)
    return time.perf_counter() - start, most - base


def measure() -> dict[str, float]:
    """Import a file whose gifts reach the cap half way; return lines a second, and the megabytes that memory grew."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        on = stage(LINES * CENTS)
        campaign = opened(on, cap_minor=LINES * CENTS // 2)
    with tempfile.TemporaryFile() as file:
        write_file(file, LINES)
        seconds, grew = import_it(campaign, file, on.finance)
    done = Campaign.objects.get(pk=campaign.pk)
    assert (done.gift_count, done.available_minor) == (LINES, 0)
    return {"rate": LINES / seconds, "grew": grew}


def rows() -> Iterator[Row]:
    """Measure in a process that stands on a database of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.intake"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != SHARED},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout.splitlines()[-1])
    yield at_least("gift import", found["rate"], unit="rows/s", bound=RATE)
    yield at_most(f"gift import, memory that grows over {LINES} lines", found["grew"], unit="MB", bound=GROWTH)


if __name__ == "__main__":
    print(json.dumps(measure()))
