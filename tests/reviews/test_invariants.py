"""Each invariant holds after the real actions, and says so when a row was changed behind them."""

import pytest
from django.utils import timezone

from partners.models import Access, Duty
from partners.submissions import actions as lower
from reviews import invariants
from reviews.models import Citation, Recommendation, Review, ReviewVersion, SanctionsList, ScreeningHit
from reviews.panels import actions
from tests.factories import reviews as made
from tests.factories.partners import DocumentFactory, PersonFactory, submission_in
from tests.support.databases import drop_guards

pytestmark = pytest.mark.django_db


def breaches() -> list[str]:
    return [sentence for invariant in invariants.INVARIANTS for sentence in invariant()]


def test_every_invariant_holds_after_the_real_actions():
    submission = made.recommended()
    aside = made.submitted()
    actions.recuse_review(review=aside, by=aside.reviewer)
    actions.end_review(review=made.begun(), by=made.officer())
    made.invited()
    made.hit_of()
    actions.return_to_review(submission=submission, reason=made.REASON, by=made.director())

    assert breaches() == []


def test_a_reviewer_without_the_duty_is_found():
    review = made.invited()
    Duty.objects.filter(user=review.reviewer).delete()

    assert breaches() == [f"review {review.pk}: its reviewer is not on the assessing side"]


def test_who_recommended_without_the_duty_is_found():
    submission = made.recommended()
    Duty.objects.filter(user=submission.recommended_by).delete()

    assert breaches() == [
        f"recommendation {Recommendation.objects.get().pk}: who recommended is not on the assessing side"
    ]


def test_a_citation_of_what_was_not_sent_is_found():
    review = made.scored(made.begun())
    strange = DocumentFactory(accepted=True)
    Citation.objects.create(score=review.scores.first(), document=strange, page=1, cited_at=timezone.now())

    assert breaches() == [f"review {review.pk} cites document {strange.pk}, which was not sent"]


def test_a_right_to_read_that_is_missing_or_left_is_found():
    review, ended = made.begun(), made.invited()
    Access.objects.filter(user=review.reviewer).delete()
    Access.objects.create(submission=ended.submission, user=ended.reviewer, as_role="reviewer", since_at=timezone.now())

    assert breaches() == [
        f"review {review.pk}: its reviewer cannot read the submission",
        f"review {ended.pk}: its reviewer can read the submission",
    ]


def test_a_changed_version_is_found():
    review = made.submitted()
    Review.objects.filter(pk=review.pk).update(version=2)

    assert breaches() == [f"review {review.pk}: 2 submits and 1 versions"]


def test_a_version_changed_behind_its_trigger_is_found():
    review = made.submitted()
    drop_guards("reviews_reviewversion")
    ReviewVersion.objects.update(sha256="0" * 64)

    assert breaches() == [f"version 1 of review {review.pk} was changed"]


def test_a_recommended_submission_without_a_recommendation_is_found():
    submission = submission_in("recommended")
    other = made.assessed()
    made.actions.recommend(
        submission=other, outcome="conditions", conditions=["One"], reason=made.REASON, by=made.officer()
    )
    lower.return_submission(submission=type(other).objects.get(pk=other.pk), reason=made.REASON, by=made.director())

    assert breaches() == [
        f"submission {submission.number}: no recommendation is current",
        f"submission {other.number}: a recommendation is current before there is one",
    ]


def test_a_list_that_lost_a_name_is_found():
    current = made.imported()
    SanctionsList.objects.filter(pk=current.pk).update(name_count=99)

    assert breaches() == [f"list {current.pk}: 8 entries and {current.name_count} names instead of 8 and 99"]


def test_a_candidate_of_another_organisation_is_found():
    hit = made.hit_of()
    ScreeningHit.objects.filter(pk=hit.pk).update(person=PersonFactory())

    assert breaches() == [f"candidate {hit.pk}: its person belongs to another organisation"]
