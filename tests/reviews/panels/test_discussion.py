"""The discussion between reviewers: shut while anybody is blind, open to all who submitted, read by staff only."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from partners.models import Submission
from reviews.models import PanelMessage
from reviews.panels import actions
from tests.factories import reviews as made
from tests.factories.portal import FunderFactory, UserFactory
from tests.reviews.panels.test_views import page, post
from tests.support.worlds import world
from vetting_portal.models import AuditWords
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db
WORDS = "You give C9 a 3 where I found no plan for the second year."


def two_reviews() -> Submission:
    """An application with one submitted review and one that is begun."""
    FunderFactory()
    submission = made.sent_submission()
    made.submitted(Submission.objects.get(pk=submission.pk))
    made.begun(Submission.objects.get(pk=submission.pk))
    return Submission.objects.get(pk=submission.pk)


one_blind = world(two_reviews)


def finish(submission: Submission) -> tuple:
    """Submit the second review, and return both reviewers."""
    first, second = submission.reviews.select_related("reviewer", "submission").order_by("pk")
    actions.submit_review(review=made.scored(second), by=second.reviewer)
    return first.reviewer, second.reviewer


def test_nobody_writes_while_a_reviewer_is_blind_and_the_page_says_why(one_blind):
    first, second = (review.reviewer for review in one_blind.reviews.select_related("reviewer").order_by("pk"))
    shown = page(first, "panel", one_blind.pk)
    assert "The discussion opens when every reviewer has submitted." in shown.text
    assert 'name="text"' not in shown.text
    assert post(first, "discuss", one_blind.pk, text=WORDS).status_code == 409
    assert post(second, "discuss", one_blind.pk, text=WORDS).status_code == 403
    assert page(second, "panel", one_blind.pk).status_code == 403
    assert not PanelMessage.objects.exists()


def test_once_all_have_submitted_they_write_to_each_other_and_staff_read_it(one_blind):
    first, second = finish(one_blind)
    drain()
    mail.outbox.clear()
    assert post(first, "discuss", one_blind.pk, text=WORDS).status_code == 302
    drain()
    assert [letter.to for letter in mail.outbox] == [[second.email]]
    assert WORDS not in mail.outbox[0].body
    for reader in (first, second, made.officer(), made.director(), UserFactory(roles=["auditor"])):
        assert WORDS in page(reader, "panel", one_blind.pk).text
    assert post(made.officer(), "discuss", one_blind.pk, text=WORDS).status_code == 403
    owner = one_blind.organisation.owners().get().user
    assert page(owner, "panel", one_blind.pk).status_code == 403
    assert post(owner, "discuss", one_blind.pk, text=WORDS).status_code == 403
    assert not AuditWords.objects.filter(note__contains="C9 a 3").exists()


def test_who_is_asked_later_reads_nothing_before_submitting_and_the_others_wait(one_blind):
    first, _ = finish(one_blind)
    post(first, "discuss", one_blind.pk, text=WORDS)
    late = made.begun(Submission.objects.get(pk=one_blind.pk))
    assert page(late.reviewer, "panel", one_blind.pk).status_code == 403
    assert WORDS in page(first, "panel", one_blind.pk).text
    assert post(first, "discuss", one_blind.pk, text="And again.").status_code == 409
    actions.submit_review(review=made.scored(late), by=late.reviewer)
    assert WORDS in page(late.reviewer, "panel", one_blind.pk).text
    assert post(first, "discuss", one_blind.pk, text="And again.").status_code == 302


def test_who_recuses_themselves_reads_and_writes_no_more(one_blind):
    first, second = finish(one_blind)
    post(first, "discuss", one_blind.pk, text=WORDS)
    actions.recuse_review(review=one_blind.reviews.get(reviewer=second), by=second)
    assert page(second, "panel", one_blind.pk).status_code in {403, 404}
    assert post(second, "discuss", one_blind.pk, text=WORDS).status_code in {403, 404}


@pytest.mark.parametrize(
    ("text", "says"), [("", "Write your message."), ("   ", "Write your message."), ("long " * 900, "At most 4,000")]
)
def test_a_message_that_cannot_be_sent_comes_back_as_it_was_typed(text, says, one_blind):
    first, _ = finish(one_blind)
    answer = post(first, "discuss", one_blind.pk, text=text)
    assert answer.status_code == 422
    assert says in answer.text
    assert text.strip() in answer.text
    assert not PanelMessage.objects.exists()


def test_a_message_stays_as_it_was_written(one_blind):
    first, _ = finish(one_blind)
    post(first, "discuss", one_blind.pk, text=WORDS)
    with pytest.raises(DatabaseError), transaction.atomic():
        PanelMessage.objects.update(text="I said nothing.")


def test_the_reviewers_list_says_how_many_days_a_review_is_late(one_blind):
    review = one_blind.reviews.select_related("reviewer").order_by("pk").last()
    with time_machine.travel(timezone.now() + timedelta(days=16)):
        shown = page(review.reviewer, "home").text
    assert "One review is late." in shown
    assert "2 days past its date" in shown
