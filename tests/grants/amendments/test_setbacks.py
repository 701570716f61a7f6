"""An amendment whose document cannot be sealed: nothing half done, shown to staff, tried again until it holds."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.agreements.actions import sealing
from grants.agreements.models import Setback
from grants.amendments import actions
from tests.factories import amendments, grants
from tests.factories.portal import UserFactory
from tests.grants.agreements.test_views import signed_in
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def countersigned(in_force):
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    return amendment


@pytest.fixture
def no_room(monkeypatch):
    """A store that takes nothing; call it to have room again."""
    monkeypatch.setattr(sealing, "put", mock.Mock(side_effect=OSError("no room")))
    return monkeypatch.undo


def test_it_waits_is_shown_and_comes_into_force_later(countersigned, no_room, client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    drain()
    grant = countersigned.grant
    assert (amendments.fresh(countersigned).state, grants.fresh(grant).amended_terms) == ("approved", None)
    setback = Setback.objects.get()
    assert setback.agreement == amendments.fresh(countersigned).agreement
    page = signed_in(client, UserFactory(roles=["auditor"], totp=True)).get(grant.get_absolute_url()).text
    assert "Sealing failed." in page
    no_room()
    time_machine.move_to(setback.again_at)
    drain()
    assert amendments.fresh(countersigned).state == "in_force"
    assert grants.fresh(grant).amended_terms == amendments.fresh(countersigned).terms


def test_staff_try_it_again_at_once(countersigned, no_room):
    drain()
    no_room()
    grant = grants.fresh(countersigned.grant)
    actions.try_everything_again(grant=grant, by=grants.officer_of(grant))
    drain()
    assert amendments.fresh(countersigned).state == "in_force"


def test_the_daily_round_takes_up_what_was_left(countersigned, time_machine):
    DBTaskResult.objects.all().delete()
    time_machine.move_to(timezone.now() + timedelta(days=90))
    actions.seal_left_amendments.enqueue()
    drain()
    assert amendments.fresh(countersigned).state == "in_force"
