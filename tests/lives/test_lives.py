"""Grants live random lives, as their users lead them: a dozen in every run; ``make lives`` has as many as one likes."""

import pytest

from tests.lives.machine import Run
from tests.lives.running import SHORT, explain, lived

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.own_database,
    pytest.mark.usefixtures("lives_only"),
]


def test_a_dozen_lives_end_well(tmp_path):
    run: Run = lived(tmp_path, lives=SHORT.lives, steps=SHORT.steps, seed=SHORT.seed)

    assert not run.faults, explain(run)
    assert run.coverage.steps > 100, "the lives did too little to tell anything"
