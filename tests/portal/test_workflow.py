import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction

from partners.vault.models import Document
from tests.factories.partners import DocumentFactory, SubmissionFactory, submission_in
from tests.factories.portal import UserFactory
from tests.support.races import paused_before, run_together, without_locks
from vetting_portal import audit, workflow
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Blocker, Refused, action, lock, perform, record, transition_blockers

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def officer():
    return UserFactory(roles=["programme_officer"])


def sent_document():
    """Return a document of an applicant, so that officers may judge it."""
    submission = submission_in("submitted")
    return DocumentFactory(paper__organisation=submission.organisation)


def test_a_move_is_saved_and_recorded_with_who_from_and_to():
    document, by = sent_document(), officer()
    moved = perform(document.reject, by=by, note="The stamp is missing.", reason="No stamp.", facts={"page": 2})
    assert (moved.state, Document.objects.get(pk=document.pk).state) == ("rejected", "rejected")
    entry = AuditEntry.objects.order_by("-seq").select_related("words").first()
    assert (entry.event, entry.from_state, entry.to_state) == ("reject", "quarantined", "rejected")
    assert (entry.subject_type, entry.subject_id, entry.actor_id) == ("partners.Document", str(document.pk), by.pk)
    assert (entry.words.name, entry.words.note, entry.facts) == (by.name, "The stamp is missing.", {"page": 2})


def test_a_stale_copy_cannot_move_what_has_moved():
    document, by = sent_document(), officer()
    stale = Document.objects.get(pk=document.pk)
    perform(document.reject, by=by, reason="No stamp.")
    with pytest.raises(Refused) as refused:
        perform(stale.reject, by=by, reason="Once more.")
    assert refused.value.blockers == ["This document is not accepted now."]
    assert AuditEntry.objects.filter(event="reject").count() == 1


def test_who_may_not_is_told_so_before_anything_else():
    document = sent_document()
    with pytest.raises(PermissionDenied):
        perform(document.reject, by=UserFactory(), reason="x")
    with pytest.raises(PermissionDenied):
        perform(document.accept, by=UserFactory(roles=["director"]))


def test_a_condition_refuses_with_its_own_blockers():
    document = sent_document()
    with pytest.raises(Refused, match="checks of this file have not passed"):
        perform(document.accept, by=officer())
    assert transition_blockers(document, "accept") == ["The checks of this file have not passed yet."]


def test_a_blocker_is_a_text_that_leads_somewhere():
    blocker = Blocker("Registration certificate", hint="It ended.", code="C1", url="/papers/")
    assert blocker == "Registration certificate"
    assert (blocker.hint, blocker.code, blocker.url) == ("It ended.", "C1", "/papers/")
    assert Refused(["plain"]).blockers[0].hint == ""


def test_a_constraint_that_does_not_hold_undoes_the_move():
    document = sent_document()
    with pytest.raises(ValidationError):
        perform(document.reject, by=officer(), reason="")
    assert Document.objects.get(pk=document.pk).state == "quarantined"
    assert not AuditEntry.objects.filter(event="reject").exists()


def test_without_the_trail_nothing_moves(monkeypatch):
    document, by = sent_document(), officer()

    def broken(drafts):
        raise ZeroDivisionError

    monkeypatch.setattr(audit, "append", broken)
    with pytest.raises(ZeroDivisionError):
        perform(document.reject, by=by, reason="No stamp.")
    assert Document.objects.get(pk=document.pk).state == "quarantined"


def test_nested_actions_are_one_transaction_and_one_append():
    by = officer()

    @action
    def inner(*, by):
        record("inner", by, by=by)

    @action
    def outer(*, by, fails):
        inner(by=by)
        assert not AuditEntry.objects.filter(event="inner").exists()
        record("outer", by, by=by)
        if fails:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer(by=by, fails=True)
    assert not AuditEntry.objects.filter(event__in=["inner", "outer"]).exists()
    outer(by=by, fails=False)
    assert list(AuditEntry.objects.order_by("-seq").values_list("event", flat=True)[:2]) == ["outer", "inner"]


@pytest.mark.django_db(transaction=True)
def test_an_action_is_repeated_after_a_deadlock(monkeypatch):
    by, tries = UserFactory(), []
    monkeypatch.setattr(workflow.time, "sleep", lambda _: None)

    class Deadlock(Exception):
        sqlstate = "40P01"

    @action
    def stumble(*, by, times):
        record("tried", by, by=by)
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError from Deadlock()
        return len(tries)

    assert stumble(by=by, times=2) == 3
    assert AuditEntry.objects.filter(event="tried").count() == 1
    tries.clear()
    with pytest.raises(OperationalError):
        stumble(by=by, times=99)
    assert len(tries) == workflow.ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_another_error_of_the_database_is_not_repeated():
    tries = []

    @action
    def fail(*, by):
        tries.append(1)
        raise OperationalError

    with pytest.raises(OperationalError):
        fail(by=None)
    assert tries == [1]


def test_lock_takes_rows_in_the_order_of_their_keys():
    documents = [DocumentFactory() for _ in range(3)]
    with transaction.atomic():
        assert lock(Document.objects.order_by("-pk")) == documents
        assert lock(documents[1]) == documents[1]


def test_the_state_cannot_be_set_past_the_door():
    document = DocumentFactory()
    with pytest.raises(AttributeError):
        document.state = "accepted"
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(state="accepted")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_move_a_record_once():
    document, people = sent_document(), [officer(), officer()]
    with paused_before(Document, "save"):
        outcomes = run_together(
            *(lambda by=by: perform(Document.objects.get(pk=document.pk).reject, by=by, reason="x") for by in people)
        )
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [Refused]
    assert AuditEntry.objects.filter(event="reject").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_race_is_lost_without_the_lock():
    """Shows that the race test above can fail: with the lock taken out both move."""
    document, people = sent_document(), [officer(), officer()]
    with without_locks(), paused_before(Document, "save"):
        outcomes = run_together(
            *(lambda by=by: perform(Document.objects.get(pk=document.pk).reject, by=by, reason="x") for by in people)
        )
    assert [outcome.went_through for outcome in outcomes] == [True, True]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_action_of_two_moves_and_one_of_one_never_deadlock():
    """The head of the trail is the last lock: holding it while wanting a record would deadlock."""
    first, second = sent_document(), sent_document()
    people = [officer(), officer()]

    @action
    def both(*, by):
        perform(Document.objects.get(pk=first.pk).reject, by=by, reason="x")
        perform(Document.objects.get(pk=second.pk).reject, by=by, reason="x")

    def one():
        perform(Document.objects.get(pk=second.pk).reject, by=people[1], reason="x")

    outcomes = run_together(lambda: both(by=people[0]), one)
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert [type(error) for error in errors] == [Refused]
    assert list(audit.breaks()) == []
    assert connection.vendor == "postgresql"


def test_the_system_users_cannot_sign_in():
    system = User.objects.system("background")
    assert system.is_system
    assert not system.check_password("!")
    assert SubmissionFactory().state == "draft"
