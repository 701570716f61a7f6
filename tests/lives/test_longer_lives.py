"""The same with another seed: the other half, for the other processor."""

import pytest

from tests.lives.running import LONGER, explain, lived

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lives_only")]


def test_many_more_lives_end_well(tmp_path):
    run = lived(tmp_path, lives=LONGER.lives, steps=LONGER.steps, seed=LONGER.seed)

    print(run.coverage.report())  # noqa: T201 the table is what the run is for
    assert not run.faults, explain(run)
