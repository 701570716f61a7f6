"""Lives that failed once, kept as they were: each is lived again, and ends well since what it found was mended."""

import json
from pathlib import Path

import pytest

from tests.lives.running import lived_again

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.own_database,
    pytest.mark.usefixtures("lives_only"),
]
EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.json"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_ends_well(example: Path, tmp_path):
    lived_again(json.loads(example.read_text(encoding="utf-8")), tmp_path)
