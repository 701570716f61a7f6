"""The pages of a round: who may look, what is blind, what the figures rest on."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import Submission
from reviews.models import ReviewVersion
from reviews.panels import actions
from reviews.rounds.agreement import alpha_interval
from reviews.rounds.figures import FirstVersion, round_figures
from reviews.rounds.queries import Round, first_versions
from tests.factories import reviews as made
from tests.factories.partners import ProgrammeFactory
from tests.factories.portal import UserFactory
from tests.reviews.panels.test_views import signed_in
from tests.reviews.rounds.crowd import crowd
from vetting_portal.models import Role, User

pytestmark = pytest.mark.django_db


def again(submission):
    return Submission.objects.get(pk=submission.pk)


@pytest.fixture
def read_by_two():
    """A submission that two reviewers scored two points apart on C2."""
    submission = made.sent_submission(programme=ProgrammeFactory(slug="aftercare"))
    made.submitted(submission, {"C2": 4}, who=made.reviewer(name="Mei-Ling Tan"))
    made.submitted(again(submission), {"C2": 2}, who=made.reviewer(name="=Daniel"))
    return again(submission)


def page(user, query=""):
    return signed_in(user).get(reverse("reviews:round", args=["aftercare"]) + query)


def lines(user, query=""):
    answer = signed_in(user).get(reverse("reviews:round_scores", args=["aftercare"]) + query)
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(text)))


READERS = {"programme_officer", "director", "auditor"}


@pytest.mark.parametrize("role", [*Role.values, "none"])
def test_who_may_see_a_round(read_by_two, role):
    user = UserFactory(roles=[role] if role != "none" else [])
    client = signed_in(user)
    wanted = 200 if role in READERS else 403

    assert page(user).status_code == wanted
    assert client.get(reverse("reviews:rounds")).status_code == wanted
    assert client.get(reverse("reviews:round_scores", args=["aftercare"])).status_code == wanted


def test_reviewers_of_the_round_see_none_of_it(read_by_two):
    reviewer = read_by_two.reviews.first().reviewer

    assert page(reviewer).status_code == 403
    assert "Rounds" not in signed_in(reviewer).get(reverse("reviews:home")).text


def test_page_tells_agreement_and_severity(read_by_two):
    text = page(made.officer()).text

    assert "Two first reviews" in text
    assert "no variation" in text
    assert "Severity of reviewers" in text
    assert "Mei-Ling Tan" in text
    assert "too small to tell severity from chance" in text


def test_an_officer_who_reviews_in_the_programme_sees_no_severity(read_by_two):
    both = UserFactory(roles=["programme_officer", "reviewer"])
    other = made.sent_submission(programme=read_by_two.programme)
    made.submitted(other, who=both)

    text = page(User.objects.get(pk=both.pk)).text

    assert "Severity is not shown to you" in text
    assert "Mei-Ling Tan" not in text


def test_a_blind_officer_sees_nothing_of_that_submission(read_by_two):
    both = UserFactory(roles=["programme_officer", "reviewer"])
    made.invited(again(read_by_two), who=both)
    both = User.objects.get(pk=both.pk)

    assert "Nothing to compare yet" in page(both).text
    assert lines(both) == []


def test_an_officer_with_an_interest_sees_nothing_of_that_submission(read_by_two):
    officer = made.officer()
    actions.declare_as_officer(submission=again(read_by_two), has_interest=True, by=officer)

    assert lines(officer) == []
    assert "Nothing to compare yet" in page(officer).text


def test_only_submitted_reviews_are_exported(read_by_two):
    drafting = made.scored(made.begun(again(read_by_two)), {"C2": 0})

    rows = lines(made.officer())

    assert len(rows) == 26
    assert {row["reviewer"] for row in rows} == {"Mei-Ling Tan", "'=Daniel"}
    assert str(drafting.reviewer) not in {row["reviewer"] for row in rows}


def test_a_recused_review_is_in_no_figure(read_by_two):
    review = read_by_two.reviews.first()
    actions.recuse_review(review=review, by=review.reviewer)

    assert {row["reviewer"] for row in lines(made.officer())} == {"'=Daniel"}
    assert "Nothing to compare yet" in page(made.officer()).text


def test_figures_rest_on_the_first_version_and_the_export_names_both(read_by_two):
    review = read_by_two.reviews.first()
    actions.reopen_review(review=review, reason="I read it again.", by=review.reviewer)
    made.scored(type(review).objects.get(pk=review.pk), {"C2": 2})
    actions.submit_review(review=type(review).objects.get(pk=review.pk), by=review.reviewer)

    row = next(row for row in lines(made.officer()) if row["criterion"] == "C2" and row["reviewer"] == "Mei-Ling Tan")

    assert (row["first_score"], row["latest_score"], row["latest_version"]) == ("4", "2", "2")
    assert "no variation" in page(made.officer()).text
    firsts = first_versions(Round(read_by_two.programme), made.officer())
    assert [one.scores["C2"] for one in firsts] == [4, 2]


def test_not_applicable_is_missing(read_by_two):
    made.submitted(again(read_by_two), {"C8": None})

    row = next(row for row in lines(made.officer()) if row["not_applicable"])

    assert (row["criterion"], row["first_score"]) == ("C8", "")
    assert first_versions(Round(read_by_two.programme), made.officer())[2].scores["C8"] is None


@pytest.mark.parametrize(
    ("since", "until", "count"), [(0, 0, 26), (-9, -1, 0), (1, 9, 0), (None, 0, 26), (0, None, 26)]
)
def test_a_round_is_cut_by_days_of_which_both_count(read_by_two, since, until, count):
    today = timezone.localdate()
    days = {"since": since, "until": until}
    asked = "&".join(f"{name}={today + timedelta(days=day)}" for name, day in days.items() if day is not None)

    assert len(lines(made.officer(), f"?{asked}")) == count


@pytest.mark.parametrize("query", ["?since=2026-05-02&until=2026-05-01", "?since=yesterday", "?checklist=x"])
def test_a_wrong_cut_is_said_and_shows_the_whole_round(read_by_two, query):
    answer = page(made.officer(), query)

    assert answer.status_code == 200
    assert "not right yet" in answer.text
    assert "Two first reviews" in answer.text


def test_one_submission_is_too_little_to_conclude_from(read_by_two):
    text = page(made.officer()).text

    assert "Two first reviews are in, for one submission. Two or more reviewers have read it." in text
    assert "Too little to conclude from" in text
    assert "Least agreement" not in text


@pytest.mark.parametrize(("submissions", "concludes"), [(4, False), (5, True)])
def test_five_submissions_read_by_two_conclude(submissions, concludes):
    firsts = [
        FirstVersion(reader, f"Reader {reader}", number, {"C2": (number + reader) % 5})
        for number in range(submissions)
        for reader in (1, 2)
    ]
    alone = [FirstVersion(3, "Reader 3", 100 + number, {"C2": 4}) for number in range(5)]

    figures = round_figures([("C2", "Need")], [*firsts, *alone])

    assert figures.is_enough is concludes
    assert figures.finding.startswith("Least agreement: C2 Need, α" if concludes else "Too little to conclude from")


def test_a_criterion_that_few_submissions_have_scores_for_is_no_finding():
    firsts = [
        FirstVersion(reader, f"Reader {reader}", number, {"C2": number % 5, "C9": reader if number == 0 else None})
        for number in range(5)
        for reader in (1, 2)
    ]

    figures = round_figures([("C2", "Need"), ("C9", "Staff")], firsts)

    assert figures.finding == "Least agreement: C2 Need, α 1.00."


def test_programme_leads_to_its_round(read_by_two):
    link = reverse("reviews:round", args=["aftercare"])

    assert link in signed_in(made.officer()).get(read_by_two.programme.get_absolute_url()).text
    assert link in signed_in(made.director()).get(reverse("reviews:rounds")).text
    assert link not in signed_in(made.reviewer()).get(read_by_two.programme.get_absolute_url()).text


def test_a_round_of_another_programme_is_apart(read_by_two):
    made.submitted(who=made.reviewer(name="Elsewhere"))

    assert "Elsewhere" not in page(made.officer()).text


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_database_the_same_number_of_times(rows, django_assert_num_queries):
    programme = ProgrammeFactory(slug="aftercare")
    ProgrammeFactory.create_batch(rows)
    crowd(programme, submissions=rows, readers=2)
    officer = made.officer()
    client = signed_in(officer)
    client.get(reverse("reviews:rounds"))

    with django_assert_num_queries(7):
        client.get(reverse("reviews:rounds"))
    with django_assert_num_queries(10):
        client.get(reverse("reviews:round", args=["aftercare"]))
    with django_assert_num_queries(8):
        b"".join(client.get(reverse("reviews:round_scores", args=["aftercare"])).streaming_content)


def test_a_round_of_a_thousand_reviews_resamples_each_pattern_of_scores_once(django_assert_num_queries):
    """The thousand resamples of each criterion are most of the page's time, and are kept for the same scores."""
    crowd(ProgrammeFactory(slug="aftercare"), submissions=500, readers=2)
    assert ReviewVersion.objects.count() == 1000
    client = signed_in(made.officer())
    alpha_interval.cache_clear()

    with django_assert_num_queries(10):
        first = client.get(reverse("reviews:round", args=["aftercare"]))
    resampled = alpha_interval.cache_info().misses
    second = client.get(reverse("reviews:round", args=["aftercare"]))

    assert resampled > 0
    assert alpha_interval.cache_info().misses == resampled
    assert first.text.partition("<main")[2] == second.text.partition("<main")[2]
