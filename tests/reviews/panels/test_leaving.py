"""People who leave in the middle: a reviewer or officer whose role ends, and who goes on in their place."""

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from reviews.invariants import reading_follows_the_declaration
from reviews.models import Reference, Review
from reviews.panels import actions as act
from reviews.references.actions import verify_reference
from reviews.references.models import ReferenceCheck
from tests.factories import reviews as made
from tests.factories.portal import UserFactory
from tests.reviews.panels.test_switching import ask_and_send_again, fresh
from vetting_portal.actions import end_role
from vetting_portal.duties import duties_about
from vetting_portal.models import User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db


def again(user):
    """Return the user as the next request reads them."""
    return User.objects.get(pk=user.pk)


def mine(user, submission):
    """Return the keys of what the user has to do about the application."""
    return [duty.key for duty in duties_about(again(user), fresh(submission)) if duty.is_mine]


def signed_in(user):
    client = Client()
    client.force_login(again(user))
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def leave(user, role):
    end_role(user=user, role=role, by=UserFactory(roles=["administrator"]))


def prepared(by, *, is_verified=False):
    """Return an application that only waits for its reviews."""
    submission = made.sent_submission()
    made.screened(submission.organisation, by=by)
    act.declare_as_officer(submission=submission, has_interest=False, by=by)
    made.references_in(submission, by=by)
    for one in Reference.objects.all() if is_verified else ():
        verify_reference(reference=one, how=ReferenceCheck.How.values[0], note="By phone.", by=by)
    return submission


def addressees():
    drain()
    found = [message.to[0] for message in mail.outbox]
    mail.outbox.clear()
    return found


def test_who_is_no_reviewer_any_more_neither_reads_nor_scores_nor_hears_of_new_versions():
    by = made.officer()
    submission = prepared(by)
    review = made.begun(fresh(submission), by=by)
    made.scored(Review.objects.get(pk=review.pk))
    leave(review.reviewer, "reviewer")
    addressees()

    ask_and_send_again(fresh(submission))
    client, frozen = signed_in(review.reviewer), fresh(submission).latest_version.evidence.first()
    pages = (submission.get_absolute_url(), reverse("partners:document_download", args=[frozen.document_id]))

    assert {client.get(page).status_code for page in pages} <= {403, 404}
    assert review.reviewer.email not in addressees()
    with pytest.raises(PermissionDenied):
        act.submit_review(review=Review.objects.get(pk=review.pk), by=again(review.reviewer))


def test_who_is_no_reviewer_any_more_is_not_asked_to_step_aside_on_a_page_that_would_refuse_it():
    by = made.officer()
    review = made.begun(fresh(prepared(by)), by=by)
    page = reverse("reviews:step_aside", args=[review.pk])
    before = signed_in(review.reviewer).get(page).status_code

    leave(review.reviewer, "reviewer")

    assert before == 200
    assert signed_in(review.reviewer).get(page).status_code == 403


@pytest.mark.parametrize("stage", [made.begun, made.submitted])
def test_the_database_is_whole_after_a_reviewer_left(stage):
    by = made.officer()
    review = stage(fresh(prepared(by)), by=by)

    leave(review.reviewer, "reviewer")

    assert list(reading_follows_the_declaration()) == []


def test_the_officer_ends_the_review_of_a_reviewer_who_left():
    by = made.officer()
    submission = prepared(by, is_verified=True)
    made.submitted(fresh(submission), by=by)
    review = made.invited(fresh(submission), by=by)

    leave(review.reviewer, "reviewer")
    before = mine(by, submission)
    act.end_review(review=Review.objects.get(pk=review.pk), by=by)

    assert before == ["reviews.end_left_review"]
    assert mine(by, submission) == ["reviews.assign_reviewers"]
    assert mine(review.reviewer, submission) == []


def test_another_officer_takes_over_from_one_who_left():
    by, other = made.officer(), made.officer()
    submission = prepared(by, is_verified=True)
    for _ in range(2):
        made.submitted(fresh(submission), by=by)
    act.close_panel(submission=fresh(submission), by=by)

    leave(by, "programme_officer")
    before = mine(other, submission)
    act.take_over(submission=fresh(submission), by=other)

    assert "reviews.take_over" in before
    assert "reviews.take_over" not in mine(other, submission)
    assert "reviews.declare_interest" in mine(other, submission)


def test_mail_about_an_application_goes_to_those_who_can_act_on_it():
    by, other = made.officer(), made.officer()
    submission = prepared(by)
    review = made.begun(fresh(submission), by=by)
    leave(by, "programme_officer")
    addressees()

    made.scored(Review.objects.get(pk=review.pk))
    act.submit_review(review=Review.objects.get(pk=review.pk), by=review.reviewer)

    told = addressees()
    assert other.email in told
    assert by.email not in told
