"""The factories reach every state of a submission."""

import pytest

from partners.models import Submission
from tests.factories.partners import submission_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", Submission.State.values)
def test_factory_reaches_state(state: str) -> None:
    assert submission_in(state).state == state
