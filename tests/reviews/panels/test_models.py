"""What the database holds by itself, whatever the code forgets."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from partners.models import Submission
from reviews.models import Citation, ConflictDeclaration, Moderation, Recommendation, Review, Score
from tests.factories import reviews as made
from vetting_portal.guards import missing_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def refused(write) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        write()


def changed(record, **fields) -> None:
    refused(lambda: type(record).objects.filter(pk=record.pk).update(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "in_progress"},
        {"state": "submitted"},
        {"state": "recused"},
        {"state": "ended"},
        {"state": "perhaps"},
        {"version": 1},
        {"submitted_at": NOW},
        {"ended_at": NOW},
    ],
)
def test_an_invited_review_has_no_other_state_or_stamp(fields):
    changed(made.invited(), **fields)


@pytest.mark.parametrize("fields", [{"begun_at": None}, {"submitted_at": None}, {"version": 0}, {"seen_version": None}])
def test_a_submitted_review_keeps_its_stamps(fields):
    changed(made.submitted(), **fields)


def test_a_reviewer_reviews_a_submission_once(invited):

    refused(
        lambda: Review.objects.create(
            submission=invited.submission,
            reviewer=invited.reviewer,
            due_on=invited.due_on,
            invited_at=NOW,
            invited_by=invited.invited_by,
        )
    )


def test_a_score_lies_on_the_scale_and_is_no_two_things():
    score = made.scored(made.begun()).scores.first()

    changed(score, value=5)
    changed(score, not_applicable=True)
    changed(score, edition=0)
    refused(lambda: Score.objects.create(review=score.review, criterion=score.criterion, saved_at=NOW))


def test_a_citation_names_a_page_once():
    review = made.scored(made.begun())
    document = review.submission.latest_version.evidence.first().document
    citation = Citation.objects.create(score=review.scores.first(), document=document, page=1, cited_at=NOW)

    changed(citation, page=0)
    refused(lambda: Citation.objects.create(score=citation.score, document=document, page=1, cited_at=NOW))


def declaration(review, **fields):
    named = {"as_role": "reviewer", "has_interest": True, **fields}
    return ConflictDeclaration.objects.create(
        submission=review.submission, user=review.reviewer, declared_at=NOW, **named
    )


def test_nobody_declares_an_interest_and_goes_on_reviewing(begun):

    refused(lambda: declaration(begun))


def test_nobody_is_asked_where_they_declared_an_interest():
    review = made.begun()
    made.actions.recuse_review(review=review, by=review.reviewer)
    other = made.sent_submission(organisation=review.submission.organisation, programme=review.submission.programme)

    refused(
        lambda: Review.objects.create(
            submission=other,
            reviewer=review.reviewer,
            due_on=review.due_on,
            invited_at=NOW,
            invited_by=review.invited_by,
        )
    )
    changed(review, state="in_progress")


def test_a_declaration_is_never_changed_removed_or_doubled():
    review = made.begun()
    made_one = ConflictDeclaration.objects.get()

    changed(made_one, has_interest=True)
    refused(made_one.delete)
    refused(lambda: declaration(review, has_interest=False))
    refused(lambda: declaration(made.invited(), has_interest=False, as_role="guest"))


def test_a_moderation_is_never_changed():
    submission = made.assessed({"C2": 4}, {"C2": 2})
    moderation = Moderation.objects.create(
        submission=submission,
        criterion=submission.criteria[1],
        concerns="1",
        resolution="Agreed.",
        resolved_at=NOW,
        resolved_by=submission.officer,
    )

    changed(moderation, resolution="Otherwise.")
    refused(
        lambda: Moderation.objects.create(
            submission=submission,
            criterion=submission.criteria[1],
            concerns="2",
            resolution="",
            resolved_at=NOW,
            resolved_by=submission.officer,
        )
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "recommend"},
        {"outcome": "perhaps"},
        {"band": "decline"},
        {"band": "perhaps"},
        {"conditions": []},
        {"reason": ""},
        {"review_count": 1},
    ],
)
def test_a_recommendation_stays_within_its_band_and_says_why(fields):
    made.recommended()

    changed(Recommendation.objects.get(), **fields)


def test_one_recommendation_is_current(recommended):
    copy = Recommendation.objects.get()
    copy.pk = None

    refused(copy.save)
    assert Submission.objects.get(pk=recommended.pk).state == "recommended"


def test_every_trigger_is_there():
    assert [name for name in missing_triggers() if name.startswith("reviews_")] == []
