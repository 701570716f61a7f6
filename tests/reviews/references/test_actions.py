"""References: asked once, reminded twice, answered by a link that serves once, verified by an officer."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from partners.models import Submission
from partners.submissions.actions import remove_referee, request_changes
from reviews.models import Reference, ReferenceLink, ReferenceRequest
from reviews.references import actions
from reviews.references.models import LASTS, token_hash
from reviews.references.standing import references_of
from tests.factories import reviews as made
from tests.factories.partners import MembershipFactory
from tests.factories.portal import UserFactory
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
LINK = re.compile(r"/reference/([\w-]+)/")


def to_referees() -> list[mail.EmailMessage]:
    return [message for message in mail.outbox if message.to[0].endswith("@foundation.example.net")]


def mailed_tokens() -> list[str]:
    return [found.group(1) for message in mail.outbox for found in LINK.finditer(message.body)]


def referee_user() -> User:
    return User.objects.system("referee")


def test_asking_mails_a_link_whose_token_is_kept_nowhere():
    request = made.reference_asked()
    drain()
    (token,) = mailed_tokens()
    assert to_referees()[0].to == [request.referee.email]
    assert ReferenceLink.objects.get().token_sha256 == token_hash(token)
    assert request.expires_at - request.sent_at == LASTS
    kept = str(list(DBTaskResult.objects.values())) + str(list(ReferenceLink.objects.values()))
    assert token not in kept + str(list(AuditEntry.objects.values()))


def test_nobody_is_asked_twice_and_nobody_else_asks():
    request = made.reference_asked()
    with pytest.raises(Refused, match="asked already"):
        actions.ask_referee(referee=request.referee, by=made.officer())
    other = request.submission.referees.last()
    inside = UserFactory(roles=["programme_officer"])
    MembershipFactory(organisation=request.submission.organisation, user=inside, ended=True)
    for user in (inside, made.director(), made.reviewer(), request.submission.submitted_by):
        with pytest.raises(PermissionDenied):
            actions.ask_referee(referee=other, by=user)


def test_nobody_is_asked_after_the_recommendation(recommended):
    recommended.referees.first().request.links.all().delete()
    with pytest.raises(Refused, match="recommended now"):
        actions.resend_request(request=recommended.reference_requests.first(), by=recommended.officer)


def test_whom_we_wrote_to_is_not_taken_back():
    request = made.reference_asked()
    request_changes(submission=request.submission, reason="One thing.", items=["C5"], by=made.officer())
    with pytest.raises(Refused, match="written to this referee"):
        remove_referee(referee=request.referee, by=request.submission.submitted_by)


def test_reminders_go_after_7_and_14_days_once_each():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        request = made.reference_asked()
        drain()
        clock.shift(timedelta(days=6, hours=23))
        drain()
        assert len(to_referees()) == 1
        for expected, pause in ((2, timedelta(hours=2)), (3, timedelta(days=7))):
            clock.shift(pause)
            drain()
            assert len(to_referees()) == expected
            assert to_referees()[-1].subject.startswith("Reminder: ")
    system = User.objects.system("background")
    again = actions.remind_referee(request=request, number=2, sent_at=request.sent_at, by=system)
    assert not again
    assert ReferenceRequest.objects.get().reminders == 2
    assert len(set(mailed_tokens())) == 3


def test_a_worker_that_slept_for_weeks_reminds_once():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        made.reference_asked()
        drain()
        clock.shift(timedelta(days=15))
        drain()
    assert [message.subject[:8] for message in to_referees()].count("Reminder") == 1


def test_an_answer_ends_the_reminders():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        request = made.reference_asked()
        drain()
        actions.answer_request(token=mailed_tokens()[0], by=referee_user(), **made.SAID)
        clock.shift(timedelta(days=15))
        drain()
    assert [message.to for message in mail.outbox].count([request.referee.email]) == 1


def test_a_reminder_of_an_earlier_sending_is_not_sent():
    request = made.reference_asked()
    before = request.sent_at
    request = actions.resend_request(request=request, by=made.officer())
    system = User.objects.system("background")
    assert not actions.remind_referee(request=request, number=1, sent_at=before, by=system)
    assert actions.remind_referee(request=request, number=1, sent_at=request.sent_at, by=system)


def test_an_answer_uses_every_link_up():
    request = made.reference_asked()
    first, second = made.token_of(request), made.token_of(request)
    reference = actions.answer_request(token=first, by=referee_user(), **made.SAID)
    assert (reference.request, reference.would_again) == (request, "yes")
    for token in (first, second, "unknown"):
        with pytest.raises(Refused):
            actions.answer_request(token=token, by=referee_user(), **made.SAID)
        with pytest.raises(Refused):
            actions.save_draft(token=token, words={}, by=referee_user())


@pytest.mark.parametrize("ending", ["withdrawn", "expired", "replaced"])
def test_a_link_that_has_ended_opens_nothing(ending):
    request = made.reference_asked()
    token = made.token_of(request)
    assert actions.closed_reason(actions.find_link(token)) == ""
    with time_machine.travel(timezone.now() + (LASTS if ending == "expired" else timedelta()), tick=False):
        if ending == "withdrawn":
            actions.withdraw_request(request=request, by=made.officer())
        if ending == "replaced":
            actions.resend_request(request=request, by=made.officer())
        assert actions.closed_reason(actions.find_link(token)) == ending
        with pytest.raises(Refused):
            actions.answer_request(token=token, by=referee_user(), **made.SAID)
    assert not Reference.objects.exists()


def test_a_draft_stays_through_a_new_link_and_goes_with_a_withdrawal():
    request = made.reference_asked()
    actions.save_draft(token=made.token_of(request), words={"known_since": "2018"}, by=referee_user())
    request = actions.resend_request(request=request, by=made.officer())
    assert actions.find_link(made.token_of(request)).request.draft == {"known_since": "2018"}
    assert actions.withdraw_request(request=request, by=made.officer()).draft == {}
    for again in (actions.withdraw_request, actions.resend_request):
        with pytest.raises(Refused, match="withdrawn"):
            again(request=request, by=made.officer())
    with pytest.raises(Refused, match="withdrawn"):
        made.token_of(request)


def test_a_closed_request_is_not_written_to():
    request = made.reference_asked()
    actions.withdraw_request(request=request, by=made.officer())
    drain()
    assert to_referees() == []


def test_a_person_with_an_account_does_not_answer_in_a_referees_place():
    token = made.token_of(made.reference_asked())
    with pytest.raises(PermissionDenied):
        actions.answer_request(token=token, by=made.officer(), **made.SAID)


def test_a_concern_reaches_every_officer_from_outside_at_once_without_its_words(sent):
    officer, other, inside = made.officer(), made.officer(), made.officer()
    MembershipFactory(organisation=sent.organisation, user=inside, ended=True)
    request = made.reference_asked(sent, by=officer)
    made.reference_answered(request, has_concern=True, concern="A worker was alone with a child.")
    mail.outbox.clear()
    drain()
    told = {message.to[0]: message for message in mail.outbox if "concern" in message.subject}
    assert (officer.email in told, other.email in told, inside.email in told) == (True, True, False)
    assert all("alone with a child" not in message.body for message in mail.outbox)


@pytest.mark.parametrize(
    "said", [{"has_concern": True}, {"would_again": "perhaps"}, {"knows_how": ""}, {"handles_money_well": ""}]
)
def test_bad_answers_are_refused_and_use_nothing_up(said):
    token = made.token_of(made.reference_asked())
    with pytest.raises(ValidationError):
        actions.answer_request(token=token, by=referee_user(), **{**made.SAID, **said})
    assert actions.closed_reason(actions.find_link(token)) == ""


def test_an_officer_verifies_with_words():
    reference = made.reference_answered()
    officer = made.officer()
    with pytest.raises(ValidationError, match="Say what you found"):
        actions.verify_reference(reference=reference, how="called", note=" ", by=officer)
    with pytest.raises(ValidationError):
        actions.verify_reference(reference=reference, how="dreamt", note="It agrees.", by=officer)
    with pytest.raises(PermissionDenied):
        actions.verify_reference(reference=reference, how="called", note="It agrees.", by=made.director())
    check = actions.verify_reference(reference=reference, how="called", note="It agrees.", by=officer)
    assert (check.checked_by, Reference.objects.get().is_verified) == (officer, True)


def test_standing_counts_what_is_from_outside_and_at_most_three_months_old(sent):
    first = made.reference_answered(made.reference_asked(sent))
    made.reference_answered(made.reference_asked(sent, number=1), is_related=True)
    assert references_of(sent).summary == "1 of 2 answered, 0 verified"
    assert len(references_of(sent, first.fresh_until()).counting) == 1
    late = references_of(sent, first.fresh_until() + timedelta(days=1))
    (blocker,) = late.blockers()
    assert (late.counting, blocker.hint) == (
        [],
        "0 of 2 so far, at most three months old and from outside. 2 more do not count any more.",
    )


def test_an_unanswered_concern_blocks_until_an_officer_looked_into_it(sent):
    made.reference_answered(made.reference_asked(sent))
    reference = made.reference_answered(
        made.reference_asked(sent, number=1), has_concern=True, concern="A report was not followed up."
    )
    assert [str(one) for one in references_of(sent).blockers()] == ["A referee raises a safeguarding concern"]
    actions.verify_reference(reference=reference, how="called", note="They followed it up later.", by=made.officer())
    assert references_of(sent).blockers() == []


def test_a_recommendation_waits_for_two_references_and_a_decline_does_not(assessed):
    Reference.objects.filter(request__submission=assessed).update(answered_at=timezone.now() - timedelta(days=100))
    fields = {"reason": "The care after the shelter is the strongest part of it.", "by": assessed.officer}
    with pytest.raises(Refused, match="Two references"):
        made.actions.recommend(submission=assessed, outcome="conditions", conditions=["Report."], **fields)
    assert Submission.objects.get(pk=assessed.pk).state == "assessed"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sendings_at_once_leave_one_answer():
    token = made.token_of(made.reference_asked())
    barrier, outcomes = threading.Barrier(2), []

    def send() -> None:
        barrier.wait(10)
        try:
            actions.answer_request(token=token, by=referee_user(), **made.SAID)
            outcomes.append("sent")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["refused", "sent"]
    assert Reference.objects.count() == 1
