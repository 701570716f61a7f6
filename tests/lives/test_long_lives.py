"""The same with longer lives, and more of them: half of the long run. `make lives` draws new seeds."""

import pytest

from tests.lives.running import LONG, explain, lived

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lives_only")]


def test_many_lives_end_well(tmp_path):
    run = lived(tmp_path, lives=LONG.lives, steps=LONG.steps, seed=LONG.seed)

    print(run.coverage.report())  # noqa: T201 the table is what the run is for
    assert not run.faults, explain(run)
