"""A partner reads times by the clocks of its own country, staff by the funder's; days never move with the reader."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from partners.nav import time_zone
from partners.places.countries import only_time_zone_of
from tests.factories.partners import OrganisationFactory, submission_in
from tests.factories.portal import FunderFactory, UserFactory
from tests.laws.visits import client_of
from tests.support.scene import Scene
from vetting_portal.clock import shown, shown_in
from vetting_portal.models import User
from vetting_portal.templatetags.portal import day, days_from_now, when

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)  # still the 25th in Los Angeles, the 26th in Bangkok


def page(user: User, path: str) -> str:
    client: Client = client_of(Scene({}, {"reader": user}), "reader")
    return client.get(path).text


def test_the_same_instant_is_read_by_each_on_their_own_clock(time_machine):
    FunderFactory(time_zone="America/Los_Angeles")
    time_machine.move_to(LATE, tick=False)
    submission = submission_in("submitted", organisation=OrganisationFactory(country="TH"))
    owner, officer = submission.organisation.created_by, UserFactory(roles=["programme_officer"])

    assert "26 November 2026, 03:30 (Bangkok)" in page(owner, submission.get_absolute_url())
    assert "25 November 2026, 12:30 (Los Angeles)" in page(officer, submission.get_absolute_url())


@pytest.mark.parametrize(("country", "zone"), [("TH", "Asia/Bangkok"), ("US", ""), ("ID", ""), ("XX", "")])
def test_a_country_with_several_zones_names_none(country, zone):
    assert only_time_zone_of(country) == zone
    assert time_zone(OrganisationFactory(country=country).created_by) == zone


def test_who_acts_for_nobody_has_no_zone_of_their_own():
    assert time_zone(UserFactory()) == ""


def test_days_and_deadlines_do_not_move_with_the_reader(time_machine):
    time_machine.move_to(LATE, tick=False)
    with timezone.override("America/Los_Angeles"), shown_in(lambda: "Asia/Bangkok"):
        assert (day(LATE), when(LATE)) == ("26 November 2026", "26 November 2026, 03:30 (Bangkok)")
        assert timezone.localdate().day == 25
        assert days_from_now(LATE) == 0
    with timezone.override("America/Los_Angeles"):
        assert shown(LATE).day == 25
