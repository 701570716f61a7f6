"""More lives than every run has, from a seed that every change of the product makes another."""

import pytest

from tests.lives.installation import source_hash
from tests.lives.running import MANY, explain, lived

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lives_only"), pytest.mark.long]


def test_many_lives_end_well(tmp_path):
    run = lived(tmp_path, lives=MANY.lives, steps=MANY.steps, seed=int(source_hash(), 16))

    assert not run.faults, explain(run)
    assert run.coverage.lives >= 150
    assert run.coverage.requests >= 6000, "the lives did too little to tell anything"
