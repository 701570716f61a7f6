"""The stages that the tests of this room stand on."""

import pytest

from grants.campaigns.simulation.stage import Stage
from tests.factories import payments
from tests.factories.campaigns import stage as set_stage
from tests.grants.conftest import in_force
from tests.support.worlds import world


@pytest.fixture
def stage(db: None) -> Stage:
    """Give a funder with its people, a partner and a fund of a million dollars."""
    return set_stage()


payable = world(payments.payable, on=in_force, read=payments.fresh)
