"""The one list of duties: who has what to do, by date, in as many statements whatever waits."""

from datetime import timedelta

from django.utils import timezone

from reviews.panels.models import Review
from tests.factories.reviews import officer
from vetting_portal.duties import Wanted, counts, duties, duties_about, duty_kinds


def keys(found):
    return [duty.key for duty in found]


def test_each_kind_says_all_of_itself():
    for key, kind in duty_kinds().items():
        assert key == kind.key
        assert key.partition(".")[0] in {"partners", "reviews", "grants", "portal"}
        assert kind.button
        assert kind.aim >= 1


def test_a_review_waits_for_its_reviewer_and_the_officer_knows(begun: Review, django_assert_num_queries):
    reviewer, other = begun.reviewer, officer()
    assert keys(duties(reviewer)) == ["reviews.write_review"]
    assert "reviews.assign_reviewers" in keys(duties(other))
    assert "reviews.write_review" in keys(duties(other, Wanted(is_mine=False)))
    assert counts(other)["reviews.assign_reviewers"] == (1, 0)
    submission = begun.submission
    with django_assert_num_queries(1):
        found = duties_about(other, submission)
    assert ("reviews.assign_reviewers", True) in [(duty.key, duty.is_mine) for duty in found]
    assert [duty.is_mine for duty in found] == sorted((duty.is_mine for duty in found), reverse=True)


def test_a_duty_is_late_once_its_aim_is_over(begun: Review):
    other = officer()
    begun.submission.waiting_since = timezone.now() - timedelta(days=9)
    begun.submission.save()
    duty = next(duty for duty in duties(other, Wanted(is_late=True)) if duty.key == "reviews.assign_reviewers")
    assert (duty.days, duty.days_late, duty.aim) == (9, 2, 7)
    assert counts(other)["reviews.assign_reviewers"] == (1, 1)
    assert duties(other, Wanted(words="no such name")) == []
