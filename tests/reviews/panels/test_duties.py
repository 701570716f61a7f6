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
    assert keys(duties(other)) == ["reviews.assign_reviewers"]
    assert keys(duties(other, Wanted(is_mine=False))) == ["reviews.write_review"]
    assert counts(other) == {"reviews.assign_reviewers": (1, 0)}
    submission = begun.submission
    with django_assert_num_queries(2):
        found = duties_about(other, submission)
    assert [(duty.key, duty.is_mine) for duty in found] == [
        ("reviews.assign_reviewers", True),
        ("reviews.write_review", False),
    ]


def test_a_duty_is_late_once_its_aim_is_over(begun: Review):
    other = officer()
    begun.submission.waiting_since = timezone.now() - timedelta(days=9)
    begun.submission.save()
    (duty,) = duties(other, Wanted(is_late=True))
    assert (duty.days, duty.days_late, duty.aim) == (9, 2, 7)
    assert counts(other) == {"reviews.assign_reviewers": (1, 1)}
    assert duties(other, Wanted(words="no such name")) == []
