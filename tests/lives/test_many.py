"""A hundred and fifty lives from new seeds; ``LIVES_SEED`` has the same ones lived again."""

import os
import secrets

import pytest

from tests.lives.running import MANY, explain, lived

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.own_database,
    pytest.mark.usefixtures("lives_only"),
]


def test_a_hundred_and_fifty_lives_end_well(tmp_path):
    seed = int(os.environ.get("LIVES_SEED") or secrets.randbelow(2**32))
    run = lived(tmp_path, lives=MANY.lives, steps=MANY.steps, seed=seed)

    assert not run.faults, f"LIVES_SEED={seed}\n{explain(run)}"
    assert run.coverage.lives >= MANY.lives, f"LIVES_SEED={seed}"
    assert run.coverage.steps >= 0.8 * MANY.lives * MANY.steps, f"LIVES_SEED={seed}: the lives did too little"
