"""Every known name screened again in the background: progress, resumption, one at once, failures, decisions kept."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from reviews.models import Rescreening, Screening, ScreeningHit
from reviews.screening import rescreening as room
from reviews.screening.actions import clear_hit
from reviews.screening.matching import NameIndex
from reviews.screening.rescreening import (
    begin_rescreening,
    live_organisations,
    next_batch,
    note_failure,
    rescreen,
    rescreen_some,
    start_rescreening,
    work,
)
from reviews.screening.runs import matched
from reviews.screening.search import current_index
from reviews.screening.status import screening_status
from tests.factories import reviews as made
from tests.factories.partners import OrganisationFactory, PersonFactory, submission_in
from tests.reviews.panels.test_views import page, post
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import LEASE, drain, reap
from vetting_portal.workflow import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def background() -> User:
    return User.objects.system("background")


def newer(tmp_path, change=(b"Ivo EXAMPLEVIC", b"Iva EXAMPLEVIC")):
    """Import the made-up list once more, one name changed."""
    path = tmp_path / "newer.csv"
    path.write_bytes(made.EXAMPLE_LIST.read_bytes().replace(*change))
    return made.imported(path)


def known(count: int, *, name: str = "New Signatory") -> list:
    """Return organisations that were screened once, each with one more person since."""
    organisations = [OrganisationFactory(people=False) for _ in range(count)]
    for organisation in organisations:
        made.screened(organisation)
        PersonFactory(organisation=organisation, name=name)
    return organisations


def test_an_imported_list_screens_every_live_organisation(tmp_path):
    organisations = known(3)
    OrganisationFactory(legal_name="Never Seen Before")
    newer(tmp_path)
    assert screening_status(organisations[0]).state == "pending"

    drain()

    run = Rescreening.objects.get()
    assert (run.cause, run.outcome, run.done, run.total, run.failures) == ("import", "done", 3, 3, [])
    assert run.started_by == made.commands()
    assert [screening_status(one).state for one in organisations] == ["pass"] * 3
    assert Screening.objects.count() == 6
    assert [entry.event for entry in AuditEntry.objects.about(run)] == ["rescreening_started", "rescreening_ended"]


def test_who_is_live():
    screened, sent = known(1)[0], submission_in("submitted").organisation
    draft, declined = submission_in("draft").organisation, submission_in("withdrawn").organisation

    assert set(live_organisations()) == {screened, sent}
    assert {draft, declined}.isdisjoint(live_organisations())


def test_the_first_list_with_nobody_to_screen_starts_nothing():
    made.imported()

    assert not Rescreening.objects.exists()


def test_a_stale_list_starts_nothing(tmp_path):
    known(1)

    made.imported(made.EXAMPLE_LIST, published_on=timezone.localdate() - timedelta(days=31))

    assert not Rescreening.objects.exists()


def test_an_officer_starts_it_and_partners_and_directors_do_not():
    known(2)
    for user in (made.director(), made.reviewer()):
        with pytest.raises(PermissionDenied):
            start_rescreening(by=user)

    run = start_rescreening(by=made.officer())
    drain()

    run.refresh_from_db()
    assert (run.cause, run.outcome, run.done, run.name_count, run.new_count) == ("asked", "done", 2, 4, 0)


@pytest.mark.parametrize("reason", ["No sanctions list", "no organisation to screen"])
def test_it_is_refused_without_lists_or_organisations(reason):
    if reason.startswith("no"):
        made.imported()

    with pytest.raises(Refused, match=reason):
        start_rescreening(by=made.officer())


def test_it_finds_what_came_with_the_new_list_and_keeps_decisions(tmp_path):
    hit = made.decide(made.hit_of(), clear_hit)
    fresh = known(1, name="Iva Examplevic")[0]
    newer(tmp_path, (b"Ivo EXAMPLEVIC", b"Iva EXAMPLEVIC"))

    drain()

    assert (Rescreening.objects.get().new_count, Rescreening.objects.get().failures) == (1, [])
    assert ScreeningHit.objects.get(pk=hit.pk).standing == "cleared"
    assert ScreeningHit.objects.get(organisation=fresh).standing == "open"


def test_a_decision_opens_again_when_the_entry_changed(tmp_path):
    hit = made.decide(made.hit_of(), clear_hit)
    newer(tmp_path, (b",1958,", b",1986-05-14,"))

    drain()

    assert ScreeningHit.objects.get(pk=hit.pk).state == "open"


def test_never_two_at_once(tmp_path):
    known(1)
    first = start_rescreening(by=made.officer())

    with pytest.raises(Refused, match="0 of 1 organisations"):
        start_rescreening(by=made.officer())
    with pytest.raises(IntegrityError), transaction.atomic():
        Rescreening.objects.create(
            cause="asked",
            lists=[],
            total=1,
            started_at=timezone.now(),
            started_by=made.officer(),
            last_at=timezone.now(),
        )
    newer(tmp_path)

    first.refresh_from_db()
    assert (first.outcome, Rescreening.objects.running().get().cause) == ("replaced", "import")
    drain()
    assert [run.done for run in Rescreening.objects.order_by("pk")] == [0, 1]


def test_it_goes_on_where_a_killed_worker_stopped(monkeypatch):
    monkeypatch.setattr(room, "BATCH", 2)
    known(5)
    before = Screening.objects.count()
    run = start_rescreening(by=made.officer())
    DBTaskResult.objects.get().claim("killed worker")
    assert work(run, by=background(), seconds=0)  # one batch, then the worker is gone
    drain()
    run.refresh_from_db()
    assert (run.done, run.outcome, Screening.objects.count() - before) == (2, "running", 2)

    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        reap()
        drain()

    run.refresh_from_db()
    assert (run.done, run.outcome, Screening.objects.count() - before) == (5, "done", 5)


def test_a_task_hands_over_when_its_turn_is_over(monkeypatch):
    monkeypatch.setattr(room, "BATCH", 1)
    monkeypatch.setattr(room, "TURN", 0)
    known(3)
    run = start_rescreening(by=made.officer())

    drain()

    run.refresh_from_db()
    assert (run.done, run.outcome) == (3, "done")
    assert DBTaskResult.objects.filter(task_path__endswith=".rescreen").count() == 4


def test_two_workers_screen_each_organisation_once():
    known(2)
    run = start_rescreening(by=made.officer())
    stale = Rescreening.objects.get(pk=run.pk)
    organisations = next_batch(run)
    found = matched(organisations)
    before = Screening.objects.count()

    assert rescreen_some(running=run, organisations=organisations, before=found, by=background())
    assert not rescreen_some(running=stale, organisations=organisations, before=found, by=background())

    assert Screening.objects.count() - before == 2


def test_a_run_that_ended_does_nothing_more():
    known(1)
    run = start_rescreening(by=made.officer())
    drain()
    before = Screening.objects.count()

    rescreen.func(run.pk)

    assert Screening.objects.count() == before


def test_it_stops_when_the_lists_go_stale_meanwhile():
    known(1)
    run = start_rescreening(by=made.officer())

    with time_machine.travel(timezone.now() + timedelta(days=40)):
        drain()

    run.refresh_from_db()
    assert (run.outcome, run.done) == ("stopped", 0)


def test_one_broken_organisation_keeps_nobody_else_from_being_screened(monkeypatch):
    good, broken, last = known(3)
    real = room.matched

    def stumbling(organisations):
        if broken in organisations:
            raise ValueError("names that cannot be read")
        return real(organisations)

    monkeypatch.setattr(room, "matched", stumbling)
    run = start_rescreening(by=made.officer())

    drain()

    run.refresh_from_db()
    assert (run.outcome, run.done) == ("done", 3)
    assert run.failures == [
        {"organisation": broken.pk, "name": broken.legal_name, "reason": "ValueError: names that cannot be read"}
    ]
    assert [screening_status(one).state for one in (good, broken, last)] == ["pass", "pending", "pass"]
    assert "could not be screened" in page(made.officer(), "screening").text


def test_a_failure_of_a_run_that_moved_on_is_not_noted():
    organisation = known(1)[0]
    run = start_rescreening(by=made.officer())
    stale = Rescreening.objects.get(pk=run.pk)
    assert note_failure(running=run, organisation=organisation, reason="broken", by=background())

    assert not note_failure(running=stale, organisation=organisation, reason="again", by=background())

    assert len(Rescreening.objects.get().failures) == 1


def test_a_person_added_between_matching_and_writing_is_screened():
    organisation = known(1)[0]
    run = start_rescreening(by=made.officer())
    found = matched([organisation])
    PersonFactory(organisation=organisation, name=made.NEAR_NAME)

    rescreen_some(running=run, organisations=[organisation], before=found, by=background())

    assert ScreeningHit.objects.filter(organisation=organisation).exists()


def test_the_index_is_made_once_and_again_with_a_new_list(tmp_path, monkeypatch):
    made.imported()
    first = current_index()
    calls = []
    real = NameIndex.__init__
    monkeypatch.setattr(NameIndex, "__init__", lambda self, names: (calls.append(1), real(self, names))[1])

    assert [current_index() is first for _ in range(3)] == [True] * 3
    newer(tmp_path)

    assert current_index() is not first
    assert (current_index() is current_index(), calls) == (True, [1])


def test_a_batch_asks_the_database_a_constant_number_of_times(django_assert_max_num_queries):
    known(8)
    run = start_rescreening(by=made.officer())
    organisations = next_batch(run)
    found = matched(organisations)

    with django_assert_max_num_queries(25):
        rescreen_some(running=run, organisations=organisations, before=found, by=background())


def test_the_page_says_how_far_it_is():
    known(2)
    officer = made.officer(name="Somchai Officer")
    assert "Screen all names again" in page(officer, "screening").text

    answer = post(officer, "rescreen")
    shown = page(officer, "screening").text

    assert answer.status_code == 302
    assert "0 of 2 organisations screened" in shown
    assert "by Somchai Officer" in shown
    assert 'hx-trigger="every 4s"' in shown
    drain()
    shown = page(made.director(), "screening").text
    assert "2 of 2 organisations screened" in shown
    assert "Finished" in shown
    assert "hx-trigger" not in shown
    assert "Screen all names again" not in shown


def test_nobody_begins_a_run_over_nobody():
    made.imported()

    assert begin_rescreening(cause="asked", by=made.officer()) is None
