"""An application that came back: what changed since each reader looked, and scores that count once confirmed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from partners.models import EvidenceLink, Submission, VersionReading
from partners.submissions.actions import request_changes, resubmit_submission
from partners.submissions.comparing import short
from reviews.models import Review, Score
from reviews.panels import actions
from reviews.panels.comparing import comparison_of
from reviews.panels.results import panel_result
from tests.factories import reviews as made
from tests.factories.partners import DocumentFactory, PaperFactory, PersonFactory
from tests.factories.portal import FunderFactory, UserFactory
from tests.reviews.panels.test_switching import answer, ask_and_send_again, confirm, fresh, owner_of
from tests.reviews.panels.test_views import page, post, signed_in
from vetting_portal.duties import duties, duties_about
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def again(review: Review) -> Review:
    return Review.objects.get(pk=review.pk)


def came_back(**values: str) -> tuple[Submission, Review]:
    """Return an application in version 2, with one review submitted on version 1."""
    FunderFactory()
    review = made.submitted()
    submission = ask_and_send_again(review.submission, **(values or {"amount": "9,000"}))
    return fresh(submission), again(review)


def compared(submission: Submission) -> Any:
    older, newer = submission.versions.order_by("number")[:2]
    return comparison_of(submission, older, newer)


# ---- what changed


def test_fields_sums_people_and_documents_are_compared_one_by_one():
    FunderFactory()
    submission = made.sent_submission()
    request_changes(submission=submission, reason="Please look again.", items=["All"], by=made.officer())
    partner = submission.organisation
    answer(submission, title="Another title", amount="9,000")
    PersonFactory(organisation=partner, name="Warin Thongdee", role="board", title="")
    replaced = EvidenceLink.objects.filter(submission=submission, criterion__code="C7").first().paper
    replaced.documents.filter(number=1).update(
        state="superseded", superseded_at="2026-01-01T00:00Z", superseded_by=owner_of(submission)
    )
    DocumentFactory(paper=replaced, number=2, accepted=True)
    paper = PaperFactory(organisation=partner, title="Review of the accounts")
    DocumentFactory(paper=paper, accepted=True)
    link = EvidenceLink.objects.filter(submission=submission, criterion__code="C5").first()
    gone, link.paper = link.paper, paper
    link.save()
    resubmit_submission(submission=fresh(submission), by=owner_of(submission))

    found = compared(fresh(submission))

    changed = {field.label: field for field in found.changed}
    assert changed["Title"].newer == "Another title"
    assert "Warin Thongdee" in changed["Board members"].newer
    assert (found.amount.newer, found.amount.difference) == ("USD 9,000.00", "\u2212 21,000.00")
    documents = {one.title: one.change for one in found.changed_documents}
    assert documents == {replaced.title: "Replaced", gone.title: "Removed", "Review of the accounts": "Added"}
    assert {"C5", "C7"} <= found.criteria
    assert found.changed_count + found.same_count == found.field_count
    lines = short(found)
    assert lines[0] == "Amount asked for: USD 30,000.00 → USD 9,000.00 (\u2212 21,000.00)"
    assert "Added: Review of the accounts" in lines


def test_nothing_changed_is_said():
    FunderFactory()
    submission = ask_and_send_again(made.sent_submission(), amount="30,000")
    assert not compared(fresh(submission)).is_changed
    text = page(made.officer(), "compare", submission.number).text
    assert "No field changed." in text
    assert "No document changed." in text
    assert "unchanged" in text


def test_any_two_versions_are_compared_by_address_whichever_comes_first():
    submission, _ = came_back()
    ask_and_send_again(submission, amount="8,000")
    officer = made.officer()
    for query in ("?from=1&to=3", "?from=3&to=1"):
        text = page(officer, "compare", submission.number, query=query).text
        assert "<del>USD 30,000.00</del>" in text
        assert "<ins>USD 8,000.00</ins>" in text
    assert "<del>USD 9,000.00</del>" in page(officer, "compare", submission.number, query="?from=2&to=3").text
    for query in ("?from=1&to=4", "?from=0", "?from=x", "?to=9999999999999", "?from=%00"):
        assert page(officer, "compare", submission.number, query=query).status_code == 404


@pytest.mark.parametrize("show", ["changed", "documents", "all", "nonsense"])
def test_each_view_of_the_comparison_opens(show):
    submission, _ = came_back()
    answer_ = page(made.officer(), "compare", submission.number, query=f"?show={show}")
    assert answer_.status_code == 200
    assert ("Amount asked for" in answer_.text) == (show != "documents")


def test_one_version_says_that_there_is_nothing_to_compare(sent):
    FunderFactory()
    assert "There is one version so far" in page(made.officer(), "compare", sent.number).text


def test_a_withdrawn_application_can_still_be_compared():
    submission, _ = came_back()
    Submission.objects.filter(pk=submission.pk).update(
        state="withdrawn", withdrawn_at="2026-01-01T00:00Z", withdrawn_by=owner_of(submission)
    )
    assert page(made.officer(), "compare", submission.number).status_code == 200


def test_what_is_compared_first_is_what_the_reader_saw_last():
    submission, _ = came_back()
    officer, director = made.officer(), made.director()
    page(officer, "compare", submission.number)
    ask_and_send_again(submission, amount="8,000")
    assert "Version 2 and version 3" in page(officer, "compare", submission.number).text
    assert "Version 2 and version 3" in page(director, "compare", submission.number).text
    ask_and_send_again(submission, amount="7,000")
    ask_and_send_again(submission, amount="6,000")
    assert "Version 3 and version 5" in page(officer, "compare", submission.number).text


def test_who_looks_is_noted_once_and_the_partner_never():
    submission, review = came_back()
    officer = made.officer()
    for _ in range(2):
        page(officer, "compare", submission.number)
        signed_in(officer).get(submission.get_absolute_url())
        signed_in(owner_of(submission)).get(submission.get_absolute_url())
    read = VersionReading.objects.filter(version__number=2, version__submission=submission)
    assert [one.user for one in read] == [officer]
    assert VersionReading.objects.filter(version__number=1, user=review.reviewer).exists()


ROLES = {
    "programme_officer": (200, True),
    "director": (200, True),
    "auditor": (200, True),
    "finance_officer": (200, True),
    "administrator": (200, True),
    "reviewer": (404, False),
    "owner": (403, False),
    "stranger": (404, False),
}


@pytest.mark.parametrize("role", ROLES)
def test_staff_read_the_comparison_and_nobody_else(role):
    submission, review = came_back()
    user = {"owner": owner_of(submission), "stranger": UserFactory()}.get(role) or UserFactory(roles=[role])
    answer_ = page(user, "compare", submission.number)
    status, names = ROLES[role]
    assert answer_.status_code == status
    assert (f"read by {review.reviewer.name}" in answer_.text) == names


def test_a_reviewer_reads_of_their_own_reading_only():
    submission, first = came_back()
    second = made.begun(submission)
    ask_and_send_again(submission, amount="8,000")
    text = page(second.reviewer, "compare", submission.number).text
    assert "was read by you" in text
    assert first.reviewer.name not in text


@pytest.mark.parametrize("role", ["director", "programme_officer", "auditor"])
def test_staff_who_review_it_themselves_see_nothing_of_the_others_before_they_submit(role):
    submission, first = came_back()
    who = made.reviewer()
    who.role_assignments.create(role=role, assigned_by=made.commands())
    made.begun(submission, who=type(who).objects.get(pk=who.pk))
    text = page(type(who).objects.get(pk=who.pk), "compare", submission.number).text
    assert f"<b>{first.reviewer}</b>" not in text
    assert "To confirm" not in text


def test_pages_keep_to_their_queries_however_much_changed(django_assert_max_num_queries):
    submission, _ = came_back(amount="9,000", title="Another", stories="no")
    officer = made.officer()
    page(officer, "compare", submission.number)
    for query in ("", "?show=all", "?show=documents"):
        client = signed_in(officer)
        with django_assert_max_num_queries(26):
            client.get(reverse("reviews:compare", args=[submission.number]) + query)


# ---- confirming


def test_scores_of_an_earlier_version_wait_for_a_confirmation():
    FunderFactory()
    review = made.scored(made.begun())
    submission = ask_and_send_again(review.submission, amount="9,000")
    c7 = submission.checklist.criteria.get(code="C7")
    score = Score.objects.get(review=review, criterion=c7)

    assert len(again(review).unconfirmed()) == 13
    with pytest.raises(Refused, match="Survivor privacy"):
        actions.submit_review(review=again(review), by=review.reviewer)

    kept = {"value": score.value, "not_applicable": False, "justification": score.justification}
    actions.save_score(review=again(review), criterion=c7, **kept, edition=score.edition, by=review.reviewer)
    assert "C7" in again(review).unconfirmed()

    kept["justification"] = "I read version 2."
    actions.save_score(review=again(review), criterion=c7, **kept, edition=score.edition + 1, by=review.reviewer)
    assert "C7" not in again(review).unconfirmed()
    assert len(again(review).unconfirmed()) == 12

    confirm(review)
    assert again(review).state == "submitted"
    assert not again(review).is_behind


def test_a_switched_off_score_needs_no_confirmation():
    FunderFactory()
    review = made.scored(made.begun())
    ask_and_send_again(review.submission, stories="no")
    assert "C8" not in again(review).unconfirmed()


def test_a_submitted_review_of_an_earlier_version_does_not_count_until_it_is_confirmed():
    submission, review = came_back()
    result = panel_result(submission)
    assert (result.reviewed, list(result.behind)) == ((), [review])
    confirm(review)
    result = panel_result(fresh(submission))
    assert [one.review for one in result.reviewed] == [review]
    assert result.behind == ()


def test_home_leads_to_scores_that_wait_for_a_confirmation():
    submission, review = came_back()
    shown = page(review.reviewer, "home").text
    assert "Nothing is waiting for you." not in shown
    assert "Confirm your scores on the new version" in shown
    assert reverse("reviews:compare", args=[submission.number]) in shown


def test_confirming_reopens_a_submitted_review_and_twice_is_the_same():
    submission, review = came_back()
    data = {"codes": ["C1", "C7"], "version": "2"}
    for _ in range(2):
        assert post(review.reviewer, "confirm_scores", submission.number, **data).status_code == 302
    assert again(review).state == "in_progress"
    assert len(again(review).unconfirmed()) == 11
    assert again(review).reopened_reason == "Version 2 of the application was submitted."


def test_none_chosen_is_said_beside_the_scores_and_another_version_is_a_conflict():
    submission, review = came_back()
    answer_ = post(review.reviewer, "confirm_scores", submission.number, version="2")
    assert answer_.status_code == 422
    assert "Choose the scores that you confirm." in answer_.text
    ask_and_send_again(submission, amount="8,000")
    answer_ = post(review.reviewer, "confirm_scores", submission.number, version="2", codes=["C1"])
    assert answer_.status_code == 409
    assert "A newer version than version 2 was submitted." in answer_.text
    for version in ("", "x", "99"):
        assert post(review.reviewer, "confirm_scores", submission.number, version=version).status_code == 404
    assert len(again(review).unconfirmed()) == 13


def test_nobody_confirms_for_another():
    submission, review = came_back()
    with pytest.raises(PermissionDenied):
        actions.confirm_scores(
            review=review, codes=["C1"], version=submission.latest_version, by=made.reviewer()
        )  # fmt: skip
    assert post(made.officer(), "confirm_scores", submission.number, version="2", codes=["C1"]).status_code == 404
    with pytest.raises(ValidationError):
        actions.confirm_scores(review=review, codes=[], version=submission.latest_version, by=review.reviewer)


def test_every_confirmation_that_waits_is_named_with_a_place_on_the_page():
    FunderFactory()
    review = made.scored(made.begun())
    submission = ask_and_send_again(review.submission, amount="9,000")
    text = page(review.reviewer, "compare", submission.number).text
    blockers = again(review).submit_blockers()
    assert len(blockers) == 13
    for blocker in blockers:
        assert f'id="{blocker.url.partition("#")[2]}"' in text
    bench = page(review.reviewer, "review", review.pk, query="?criterion=C7").text
    assert "thirteen of your scores" in bench.lower() or "13 of your scores" in bench
    assert "Confirm this score on version 2" in bench


def test_a_review_of_an_earlier_version_can_be_reminded_of_and_ended():
    submission, review = came_back()
    officer = fresh(submission).officer
    actions.remind_reviewer(review=review, by=officer)
    drain()
    (letter,) = [one for one in mail.outbox if "Confirm your scores" in one.subject]
    assert letter.to == [review.reviewer.email]
    assert reverse("reviews:compare", args=[submission.number]) in letter.body
    assert actions.end_review(review=again(review), by=officer).state == "ended"


def test_a_review_that_counts_is_not_ended_and_a_reopened_one_goes_back_to_what_counts():
    FunderFactory()
    review = made.submitted()
    officer = fresh(review.submission).officer
    with pytest.raises(Refused, match="submitted and counts"):
        actions.end_review(review=review, by=officer)
    actions.reopen_review(review=again(review), reason="I want to read it again.", by=review.reviewer)
    assert actions.end_review(review=again(review), by=officer).state == "submitted"


def test_a_reopened_review_of_an_earlier_version_ends():
    submission, review = came_back()
    actions.confirm_scores(review=review, codes=["C1"], version=submission.latest_version, by=review.reviewer)
    assert actions.end_review(review=again(review), by=fresh(submission).officer).state == "ended"


def test_who_waits_for_a_version_hears_of_it():
    submission, review = came_back()
    drain()
    told = {one.to[0] for one in mail.outbox if "was submitted again" in one.subject}
    assert told == {review.reviewer.email, fresh(submission).officer.email}


def test_confirming_is_the_reviewers_duty_and_closing_waits_for_it():
    submission, review = came_back()
    (duty,) = duties(review.reviewer)
    assert (duty.key, duty.url) == ("reviews.confirm_scores", reverse("reviews:compare", args=[submission.number]))
    assert abs(duty.since - submission.latest_version.submitted_at) < timedelta(minutes=1)
    other = made.submitted(submission)
    known = {one.key for one in duties_about(fresh(submission).officer, submission)}
    assert "reviews.close_reviews" not in known
    assert "reviews.confirm_scores" in known
    confirm(review)
    assert duties(review.reviewer) == duties(other.reviewer) == []
    assert "reviews.close_reviews" in {one.key for one in duties_about(fresh(submission).officer, submission)}
