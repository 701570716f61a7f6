"""Grants live random lives, as their users lead them: a dozen in every run, many in a long one."""

import json
import os
import subprocess
import sys

import pytest

from tests.lives.machine import Run
from tests.lives.running import LONG, SHORT, explain, lived
from tests.support.rig import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lives_only")]


def test_a_dozen_lives_end_well(tmp_path):
    run: Run = lived(tmp_path, lives=SHORT.lives, steps=SHORT.steps, seed=SHORT.seed)

    assert not run.faults, explain(run)
    assert run.coverage.steps > 100, "the lives did too little to tell anything"


@pytest.mark.long
def test_many_lives_of_new_seeds_end_well(tmp_path):
    """Two processes, as ``make lives`` has them; what fails is kept in ``.lives/faults`` and told."""
    command = [sys.executable, "-m", "tests.lives", "--lives", str(LONG.lives), "--runs", str(tmp_path)]
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_URL", "PYTEST_"))}
    done = subprocess.run(command, cwd=ROOT, env=alone, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    told = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert sum(one["lives"] for one in told) >= LONG.lives
    assert sum(one["steps"] for one in told) > 10 * LONG.lives
