"""What is looked at again: after an interest, a return, a review that is not finished, a name that was added."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.organisations.actions import add_person
from partners.submissions.actions import decline_submission, erase_referee, request_changes, withdraw_submission
from reviews.models import ReferenceRequest, Review
from reviews.panels import actions as act
from reviews.panels.results import panel_result
from reviews.references.actions import ask_referee
from tests.factories import reviews as made
from tests.factories.portal import UserFactory
from tests.reviews.panels.test_leaving import addressees, again, mine, prepared, signed_in
from tests.reviews.panels.test_switching import answer, fresh, owner_of
from vetting_portal.duties import duties
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db
REASON = "Look again at the second year of the budget, because two of its lines do not add up."


def test_another_reviewer_is_asked_where_one_steps_aside_after_the_reviews_were_closed():
    by = made.officer()
    submission = made.assessed(by=by)
    review = submission.reviews.first()

    act.recuse_review(review=review, note="My sister works there now.", by=again(review.reviewer))
    before = mine(by, submission)
    asked = made.invited(fresh(submission), by=by)
    made.scored(act.declare(review=asked, has_interest=False, keeps_confidence=True, by=again(asked.reviewer)))
    act.submit_review(review=Review.objects.get(pk=asked.pk), by=again(asked.reviewer))

    assert "reviews.assign_reviewers" in before
    assert "reviews.recommend" not in before
    assert "At least two submitted reviews" not in map(
        str, panel_result(fresh(submission)).recommend_blockers("decline")
    )


def test_a_review_that_is_not_finished_goes_back_to_what_was_submitted():
    by = made.officer()
    submission = made.assessed(by=by)
    review = submission.reviews.first()
    who = review.reviewer
    review = act.reopen_review(review=review, reason="I want to look again.", by=who)
    score = review.scores.get(criterion__code="C1")
    told = {"value": 0, "not_applicable": False, "justification": "No."}
    act.save_score(review=review, criterion=score.criterion, edition=score.edition, by=who, **told)

    ended = act.end_review(review=Review.objects.get(pk=review.pk), by=by)
    restored = ended.scores.get(criterion__code="C1")

    assert (ended.state, restored.value, restored.justification) == ("submitted", 4, score.justification)
    assert [row.scores for row in panel_result(fresh(submission)).rows if row.code == "C1"] == [(4, 4)]
    assert "reviews.resolve_disagreement" not in mine(by, submission)
    assert who.email in addressees()


def test_everybody_at_work_reads_why_a_director_returned_the_recommendation():
    by, director = made.officer(), made.director()
    submission = made.recommended(by=by)
    addressees()

    act.return_to_review(submission=submission, reason=REASON, by=director)
    page = signed_in(by).get(reverse("reviews:work", args=[submission.pk])).text
    reviewers = [review.reviewer.email for review in submission.reviews.all()]

    assert REASON in page
    assert sorted(addressees()) == sorted([by.email, *reviewers])


def test_a_reopened_review_has_a_week_again():
    by = made.officer()
    review = made.submitted(prepared(by), by=by)
    Review.objects.filter(pk=review.pk).update(due_on=timezone.localdate() - timedelta(days=60))

    act.reopen_review(review=Review.objects.get(pk=review.pk), reason="I read it again now.", by=review.reviewer)

    assert [duty.days_late for duty in duties(again(review.reviewer))] == [0]


def test_only_who_has_not_declared_yet_is_told_to_declare_first():
    invited, begun = made.invited(), made.begun()

    said = [duties(again(review.reviewer))[0].why for review in (invited, begun)]

    assert ["First you declare" in why for why in said] == [True, False]


def test_the_names_are_screened_again_once_one_was_added():
    by = made.officer()
    submission = made.assessed(by=by)
    drain()
    before = mine(by, submission)

    add_person(organisation=submission.organisation, by=owner_of(submission), name="New Board Member", role="board")

    assert "reviews.screen_names" not in before
    assert "reviews.screen_names" in mine(by, submission)
    assert "reviews.recommend" not in mine(by, submission)


def test_a_request_that_no_referee_answered_in_time_is_sent_again():
    by = made.officer()
    submission = made.sent_submission()
    for number in range(2):
        made.reference_asked(submission, by=by, number=number)
    before, then = mine(by, submission), timezone.now() - timedelta(days=30)

    ReferenceRequest.objects.update(sent_at=then, expires_at=then + timedelta(days=21))

    assert "reviews.resend_reference" not in before
    assert mine(by, submission).count("reviews.resend_reference") == 2


def test_nobody_is_told_to_ask_a_referee_who_was_erased():
    by = made.officer()
    submission = made.sent_submission()
    erased, other = submission.referees.order_by("pk")
    erase_referee(person=erased, reason="They asked by phone; I called back.", by=UserFactory(roles=["administrator"]))

    ask_referee(referee=other, by=by)

    assert "reviews.ask_referees" not in mine(by, submission)


def test_an_application_whose_partner_never_answers_can_be_declined():
    by = made.officer()
    submission = request_changes(submission=made.sent_submission(), reason="One thing.", items=["C5"], by=by)
    page = signed_in(by).get(submission.get_absolute_url()).text

    declined = decline_submission(submission=fresh(submission), reason="No answer for a year.", by=by)

    assert f"/applications/{submission.number}/decline/" in page
    assert declined.state == "declined"


def test_who_runs_and_who_reviews_an_application_hears_that_it_was_withdrawn():
    by = made.officer()
    submission = prepared(by)
    review = made.begun(fresh(submission), by=by)
    addressees()

    withdraw_submission(submission=fresh(submission), by=owner_of(submission))

    assert sorted(addressees()) == sorted([by.email, review.reviewer.email])


def test_nobody_reads_what_a_partner_types_before_it_is_sent():
    by = made.officer()
    submission = prepared(by)
    review = made.begun(fresh(submission), by=by)
    request_changes(submission=fresh(submission), reason="One thing.", items=["C5"], by=by)
    long = next(question.key for question in submission.questions if question.kind == "long_text")

    answer(submission, **{long: "TYPED AND NOT SENT"})
    read = [signed_in(user).get(submission.get_absolute_url()).text for user in (review.reviewer, by)]

    assert ["TYPED AND NOT SENT" in page for page in read] == [False, False]
    assert ["This is version 1, as it was sent." in page for page in read] == [True, True]
    assert "TYPED AND NOT SENT" in signed_in(owner_of(submission)).get(submission.get_absolute_url()).text
