"""Holds: placed, released by two people, held by the database; and the messages that they keep back."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from partners.invariants import holds_end_by_two
from partners.models import HeldMessage, Hold, HoldRelease, Organisation
from partners.organisations.actions import discard_messages, give_release, place_hold, send_messages, tell_partner
from partners.submissions.actions import start_review, submit_submission
from tests.factories.partners import MembershipFactory, OrganisationFactory, SubmissionFactory, submission_in
from tests.factories.portal import UserFactory
from tests.support.races import paused_before, run_together, without_locks
from vetting_portal.mail import send_mail_task
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused, action, perform

pytestmark = pytest.mark.django_db


def officer() -> User:
    return UserFactory(roles=["programme_officer"])


def director() -> User:
    return UserFactory(roles=["director"])


def held(organisation: Organisation | None = None, *, by: User | None = None) -> Hold:
    return place_hold(
        organisation=organisation or OrganisationFactory(),
        kind=Hold.Kind.COUNSEL,
        note="Counsel called on 3 March.",
        by=by or officer(),
    )


def release(hold: Hold, *people: User) -> Hold:
    for person in people:
        hold = give_release(hold=Hold.objects.get(pk=hold.pk), reason="Counsel cleared it.", by=person)
    return hold


def test_a_hold_stops_and_two_people_release_it() -> None:
    hold = held()
    organisation = hold.organisation
    assert organisation.is_held
    assert list(Organisation.objects.held()) == [organisation]
    first = release(hold, officer())
    assert first.is_current
    last = release(hold, director())
    assert not last.is_current
    assert not organisation.is_held
    assert (organisation.hold_blockers(), organisation.waiting_blockers()) == ([], [])
    events = [entry.event for entry in AuditEntry.objects.about(organisation)]
    assert events == ["held", "release_given", "release_given", "released"]


def test_two_holds_stand_apart() -> None:
    hold = held()
    other = held(hold.organisation)
    release(hold, officer(), director())
    assert hold.organisation.is_held
    release(other, officer(), director())
    assert not hold.organisation.is_held


def test_who_cannot_release() -> None:
    placer = officer()
    hold = held(by=placer)
    with pytest.raises(Refused, match="You placed this hold"):
        release(hold, placer)
    first = officer()
    release(hold, first)
    with pytest.raises(Refused, match="already"):
        release(hold, first)
    with pytest.raises(Refused, match="is a director"):
        release(hold, officer())
    member = MembershipFactory(organisation=hold.organisation, user=director(), ended=True).user
    for person in (member, hold.organisation.created_by, UserFactory(roles=["auditor"])):
        with pytest.raises(PermissionDenied):
            release(hold, person)
    with pytest.raises(ValidationError):
        give_release(hold=hold, reason=" ", by=director())
    release(hold, director())
    with pytest.raises(Refused, match="released already"):
        release(hold, director())


def test_a_hold_says_why_and_is_placed_by_staff() -> None:
    organisation = OrganisationFactory()
    with pytest.raises(ValidationError):
        place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="", by=officer())
    with pytest.raises(PermissionDenied):
        place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=organisation.created_by)
    first = place_hold(organisation=organisation, kind=Hold.Kind.LISTED, cause_id=7, note="Why.", by=officer())
    again = place_hold(organisation=organisation, kind=Hold.Kind.LISTED, cause_id=7, note="Why.", by=officer())
    assert first == again


@pytest.mark.both
def test_the_database_lets_nobody_release_alone() -> None:
    placer, helper = officer(), director()
    hold = held(by=placer)
    now = timezone.now()

    def end() -> None:
        with transaction.atomic():
            Hold.objects.filter(pk=hold.pk).update(released_at=timezone.now(), released_by=helper)

    with pytest.raises(IntegrityError):
        end()
    HoldRelease.objects.create(hold=hold, reason="One.", given_at=now, given_by=helper)
    HoldRelease.objects.create(hold=hold, reason="The placer.", given_at=now, given_by=placer)
    with pytest.raises(IntegrityError):
        end()
    with pytest.raises(IntegrityError), transaction.atomic():
        HoldRelease.objects.create(hold=hold, reason="Again.", given_at=now, given_by=helper)
    HoldRelease.objects.create(hold=hold, reason="Two.", given_at=now, given_by=director())
    end()
    assert list(holds_end_by_two()) == []
    for spoil in (
        lambda: Hold.objects.filter(pk=hold.pk).update(released_at=None, released_by=None),
        lambda: Hold.objects.filter(pk=hold.pk).update(placed_by=helper),
        lambda: Hold.objects.filter(pk=hold.pk)._raw_delete("default"),
        lambda: HoldRelease.objects.filter(hold=hold).delete(),
    ):
        with pytest.raises(DatabaseError, match="hold"), transaction.atomic():
            spoil()


def two_release(hold: Hold, people: list[User]) -> list[object]:
    with paused_before(HoldRelease, "save"):
        return run_together(*[lambda person=person: release(hold, person) for person in people])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_words_at_once_release_it_and_one_person_twice_does_not() -> None:
    hold, one = held(), director()
    outcomes = two_release(hold, [one, one])
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert Hold.objects.get(pk=hold.pk).is_current

    other = held()
    outcomes = two_release(other, [director(), officer()])
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert not Hold.objects.get(pk=other.pk).is_current


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_words_at_once_release_nothing() -> None:
    hold = held()
    with without_locks():
        two_release(hold, [director(), officer()])
    assert HoldRelease.objects.count() == 2
    assert Hold.objects.get(pk=hold.pk).is_current


def mails() -> list[str]:
    sent = DBTaskResult.objects.filter(task_path=send_mail_task.module_path)
    return [task.args_kwargs["args"][1] for task in sent.order_by("enqueued_at")]


def tell(organisation: Organisation) -> None:
    tell_partner(
        organisation=organisation,
        to=organisation.created_by,
        subject="We have your application",
        template="partners/submissions/mail/sent.txt",
        context={"submission": SubmissionFactory(organisation=organisation), "path": "/x/"},
        by=officer(),
    )


def test_messages_wait_while_held_and_go_or_not_by_choice() -> None:
    hold = held()
    organisation, by = hold.organisation, officer()
    for _ in range(2):
        perform_tell(organisation)
    kept = list(HeldMessage.objects.waiting())
    assert (len(kept), mails()) == (2, [])
    with pytest.raises(Refused, match="is held"):
        send_messages(organisation=organisation, messages=[kept[0].pk], by=by)
    release(hold, officer(), director())
    assert mails() == []
    with pytest.raises(PermissionDenied):
        send_messages(organisation=organisation, messages=[kept[0].pk], by=director())
    assert send_messages(organisation=organisation, messages=[kept[0].pk], by=by) == 1
    assert discard_messages(organisation=organisation, messages=[kept[1].pk], by=by) == 1
    assert (mails(), HeldMessage.objects.waiting().count()) == (["We have your application"], 0)
    with pytest.raises(ValidationError):
        send_messages(organisation=organisation, messages=[kept[1].pk], by=by)
    perform_tell(organisation)
    assert len(mails()) == 2


def perform_tell(organisation: Organisation) -> None:
    """Tell the partner inside an action, as every caller does."""
    action(lambda *, organisation: tell(organisation))(organisation=organisation)


def test_a_held_partner_reads_neutral_words_only() -> None:
    submission = submission_in("draft")
    held(submission.organisation)
    with pytest.raises(Refused) as refusal:
        submit_submission(submission=submission, by=submission.organisation.created_by)
    (words,) = [str(one) for one in refusal.value.blockers]
    assert words == "We are still looking at your organisation’s details."
    assert not any(word in (words + refusal.value.blockers[0].hint).lower() for word in ("held", "hold", "sanction"))


def test_a_held_submission_does_not_move_for_staff() -> None:
    submission = submission_in("submitted")
    held(submission.organisation)
    with pytest.raises(Refused, match="This organisation is held"):
        start_review(submission=submission, by=officer())
    with pytest.raises(Refused):
        perform(submission.decline, by=officer(), reason="No.")
