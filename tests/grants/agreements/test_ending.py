import pytest

from grants.agreements.actions import close_grant, complete_grant
from tests.factories.grants import fresh, grant_in, officer_of
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def test_grant_is_completed_then_closed():
    grant = grant_in("in_force")
    officer = officer_of(grant)

    complete_grant(grant=grant, by=officer)
    assert fresh(grant).state == "completed"
    close_grant(grant=fresh(grant), by=officer)

    assert fresh(grant).state == "closed"
    assert fresh(grant).closed_by == officer


def test_grant_in_force_is_not_closed_at_once():
    grant = grant_in("in_force")

    with pytest.raises(Refused):
        close_grant(grant=grant, by=officer_of(grant))

    assert fresh(grant).state == "in_force"
