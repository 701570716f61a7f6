"""The stage that the tests of this room stand on."""

import pytest

from grants.campaigns.simulation.stage import Stage
from tests.factories.campaigns import stage as set_stage


@pytest.fixture
def stage(db: None) -> Stage:
    """Give a funder with its people, a partner and a fund of a million dollars."""
    return set_stage()
