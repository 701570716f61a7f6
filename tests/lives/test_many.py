"""Many lives for each state of the code: the same ones wherever it is tested, others once a line of it changes."""

import pytest

from tests.lives.installation import source_hash
from tests.lives.running import MANY, explain, lived

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("lives_only"),
]


def test_many_lives_end_well(tmp_path):
    run = lived(tmp_path, lives=MANY.lives, steps=MANY.steps, seed=int(source_hash(), 16))

    assert not run.faults, explain(run)
    assert run.coverage.lives == MANY.lives
