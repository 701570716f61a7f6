"""The stage that the tests of this room stand on."""

import pytest

from grants.campaigns.simulation.stage import Stage
from tests.factories.campaigns import stage as set_stage
from vetting_portal.models import Role, RoleAssignment, User


@pytest.fixture
def stage(db: None) -> Stage:
    """Give a funder with its people, a partner and a fund of a million dollars."""
    return set_stage()


@pytest.fixture
def other(stage: Stage) -> User:
    """Give a second finance officer."""
    user = User.objects.create_user("second@simulation.invalid", name="Second")
    RoleAssignment.objects.create(user=user, role=Role.FINANCE_OFFICER, assigned_by=user)
    return user
