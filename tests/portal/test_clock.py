"""A partner reads times by the clocks of its own country, staff by the funder's; days never move with the reader."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.nav import time_zone
from partners.places.countries import only_time_zone_of
from reviews.visits.models import Visit
from tests.factories.partners import DocumentFactory, OrganisationFactory, submission_in
from tests.factories.portal import FunderFactory, UserFactory
from tests.laws.visits import client_of
from tests.support.scene import Scene
from vetting_portal.clock import lies_ahead, shown, shown_in
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.files import StoredFileResponse
from vetting_portal.models import Funder, User
from vetting_portal.tasks import background, drain
from vetting_portal.templatetags.portal import clock, day, days_from_now, when

pytestmark = pytest.mark.django_db
days: list[date] = []
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


def test_what_is_noted_after_a_download_has_the_funders_day(time_machine):
    """The request's clock ends with the request; the file is closed later."""
    FunderFactory(time_zone="Asia/Bangkok")
    time_machine.move_to(LATE, tick=False)
    days.clear()
    request_finished.disconnect(close_old_connections)  # the test's own connection stays
    try:
        StoredFileResponse(io.BytesIO(b"x"), after=lambda: days.append(timezone.localdate())).close()
    finally:
        request_finished.connect(close_old_connections)

    assert days == [date(2026, 11, 26)]


def test_the_time_of_saving_is_read_on_the_readers_clock():
    with timezone.override("America/Los_Angeles"), shown_in(lambda: "Asia/Bangkok"):
        assert (clock(LATE), clock(None)) == ("03:30", "")


def test_days_and_deadlines_do_not_move_with_the_reader(time_machine):
    time_machine.move_to(LATE, tick=False)
    with timezone.override("America/Los_Angeles"), shown_in(lambda: "Asia/Bangkok"):
        assert (day(LATE), when(LATE)) == ("26 November 2026", "26 November 2026, 03:30 (Bangkok)")
        assert timezone.localdate().day == 25
        assert days_from_now(LATE) == 0
    with timezone.override("America/Los_Angeles"):
        assert shown(LATE).day == 25


@background()
def note_the_day() -> None:
    days.append(timezone.localdate())


class NoteTheDay(PortalCommand):
    """A command that counts days."""

    def run(self, *args: Any, **options: Any) -> int:
        days.append(timezone.localdate())
        return 0


def test_background_work_and_commands_count_the_funders_days(time_machine):
    FunderFactory(time_zone="Asia/Bangkok")
    time_machine.move_to(LATE, tick=False)
    days.clear()
    note_the_day.enqueue()
    drain()
    call_command(NoteTheDay())

    assert days == [date(2026, 11, 26)] * 2
    assert timezone.localdate() == date(2026, 11, 25)


def test_a_command_says_what_to_do_where_nothing_is_installed(monkeypatch):
    monkeypatch.setattr(Funder._meta, "db_table", "no_such_table")
    with pytest.raises(CouldNot, match=r"new: run manage.py migrate\.$") as refused, transaction.atomic():
        call_command(NoteTheDay())

    assert refused.value.returncode == 2


def test_a_command_without_an_installation_asks_for_none(monkeypatch):
    monkeypatch.setattr(NoteTheDay, "counts_days", False)
    with CaptureQueriesContext(connection) as asked:
        call_command(NoteTheDay())

    assert len(asked) == 0


@pytest.mark.parametrize(("hour", "first_ahead"), [(9, 26), (10, 27), (23, 27)])
def test_a_day_lies_ahead_until_it_begins_somewhere(hour, first_ahead, time_machine):
    """At 10:00 UTC the next day begins at UTC+14."""
    time_machine.move_to(datetime(2026, 11, 25, hour, tzinfo=UTC), tick=False)

    assert [lies_ahead(date(2026, 11, day)) for day in (first_ahead - 1, first_ahead)] == [False, True]


def test_a_visit_abroad_can_be_reported_where_the_funder_has_yesterday(time_machine):
    FunderFactory(time_zone="America/Los_Angeles")
    time_machine.move_to(datetime(2026, 11, 26, 1, tzinfo=UTC), tick=False)  # 25 November, 17:00 in Los Angeles
    submission, officer = submission_in("submitted"), UserFactory(roles=["programme_officer"])
    words = {"kind": "own", "visited_on": "2026-11-26", "visitors": "One of us", "people_met": "Two.", "findings": "x"}
    client = client_of(Scene({}, {"reader": officer}), "reader")
    sent = client.post(f"/submissions/{submission.pk}/visits/write/", words)

    assert sent.status_code == 302, sent.text
    assert Visit.objects.get().visited_on == date(2026, 11, 26)


def test_a_paper_was_sent_on_the_day_that_its_partner_had(time_machine):
    FunderFactory(time_zone="America/Los_Angeles")
    time_machine.move_to(LATE, tick=False)
    organisation = OrganisationFactory(country="TH")
    DocumentFactory(accepted=True, paper__organisation=organisation)

    assert "Sent 26 November" in page(organisation.created_by, f"/organisations/{organisation.pk}/papers/")
