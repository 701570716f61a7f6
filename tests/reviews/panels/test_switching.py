"""A criterion that an answer switches: asked or not, scored or set aside, and again when the partner changes it."""

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from partners.models import Submission
from partners.submissions.actions import Opened, request_changes, resubmit_submission, save_answers, start_review
from partners.submissions.missing import paper_blockers
from reviews.models import Review
from reviews.panels import actions
from reviews.panels.results import panel_result
from tests.factories import reviews as made
from tests.factories.partners import SubmissionFactory
from tests.factories.portal import FunderFactory
from tests.reviews.panels.test_views import page, post
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db

WHY = "The partner answered “No” to “Will you use stories or pictures of the people you serve?”"


def fresh(submission: Submission) -> Submission:
    return Submission.objects.get(pk=submission.pk)


def owner_of(submission: Submission) -> Any:
    return submission.organisation.owners().get().user


def confirm(*reviews: Review) -> None:
    """Let each reviewer confirm every score on the newest version, and submit again."""
    for review in reviews:
        now = Review.objects.get(pk=review.pk)
        version = now.submission.latest_version
        actions.confirm_scores(review=now, codes=list(now.unconfirmed()), version=version, by=now.reviewer)
        actions.submit_review(review=Review.objects.get(pk=review.pk), by=now.reviewer)


def answer(submission: Submission, **values: str) -> None:
    """Change answers on the partner's page."""
    now = fresh(submission)
    kept = {one.question.key: one.version for one in now.answers.select_related("question")}
    versions = {key: kept[key] for key in values}
    save_answers(submission=now, values=values, opened=Opened(versions), by=owner_of(now))


def ask_and_send_again(submission: Submission, **values: str) -> Submission:
    """Let the officer ask for changes, the partner change answers and send again."""
    now = fresh(submission)
    request_changes(submission=now, reason="Please look again.", items=["Stories"], by=made.officer())
    answer(submission, **values)
    return resubmit_submission(submission=fresh(submission), by=owner_of(submission))


def reviewed(**answers: str) -> tuple[Submission, list[Review]]:
    """Return a submission in review with two submitted reviews of the first worked example."""
    fields = {f"filled__{key}": value for key, value in answers.items()}
    submission = made.sent_submission(**fields)
    reviews = [made.submitted(fresh(submission)) for _ in range(2)]
    return fresh(submission), reviews


def test_switched_off_by_the_answer_it_needs_no_paper_no_score_and_does_not_count():
    submission, reviews = reviewed(stories="no")
    given = reviews[0].versions.get().content["scores"]["C8"]
    assert given == {
        "value": None, "not_applicable": True, "by_answer": True, "citations": [],
        "justification": f"Not applicable. {WHY}.",
    }  # fmt: skip
    result = panel_result(submission)
    assert result.composite_text == "73.40"
    assert result.open_moderations == []
    assert [gate.text for gate in result.gates if gate.code == "C8"] == [f"does not apply. {WHY}"]


def test_draft_asks_for_papers_as_the_partner_types():
    draft = SubmissionFactory(filled=True, filled__stories="no")
    draft.evidence_links.filter(criterion__code="C8").delete()
    assert paper_blockers(fresh(draft)) == []
    answer(draft, stories="pictures")
    assert [blocker.code for blocker in paper_blockers(fresh(draft))] == ["C8"]


def test_bench_shows_the_reason_and_takes_no_score():
    FunderFactory()
    review = made.begun(made.sent_submission(filled__stories="no"))
    c8 = review.submission.checklist.criteria.get(code="C8")
    with pytest.raises(ValidationError, match=r"Not applicable\. The partner answered “No”"):
        actions.save_score(
            review=review, criterion=c8, value=3, not_applicable=False, justification="x", edition=0, by=review.reviewer
        )
    client = Client()
    client.force_login(review.reviewer)
    session = client.session
    session["second_factor"] = True
    session.save()
    page = client.get(reverse("reviews:review", args=[review.pk]) + "?criterion=C8").content.decode()
    assert WHY in page
    assert 'name="score"' not in page
    assert "1 of 13 scored" in page


def test_what_is_typed_counts_once_it_is_sent():
    submission, reviews = reviewed(stories="pictures")
    request_changes(submission=submission, reason="Please look again.", items=["Stories"], by=made.officer())
    answer(submission, stories="no")
    assert panel_result(fresh(submission)).composite_text == "73.50"
    resubmit_submission(submission=fresh(submission), by=owner_of(submission))
    confirm(*reviews)
    assert panel_result(fresh(submission)).composite_text == "73.40"


def test_switched_on_later_the_reviews_are_reopened_before_anything_is_decided():
    submission, (one, two) = reviewed(stories="no")
    submission = ask_and_send_again(submission, stories="changed_names")

    result = panel_result(fresh(submission))
    missing = [str(blocker) for blocker in result.assess_blockers()]
    assert missing == [
        "At least two submitted reviews",
        *(f"{review.reviewer}: scores of an earlier version, not confirmed" for review in (one, two)),
    ]
    with pytest.raises(Refused, match="At least two submitted reviews"):
        actions.close_panel(submission=fresh(submission), by=submission.officer)

    for review in (one, two):
        reopened = actions.reopen_review(review=review, reason="C8 applies now.", by=review.reviewer)
        codes, version = list(reopened.unconfirmed()), submission.latest_version
        actions.confirm_scores(review=reopened, codes=codes, version=version, by=review.reviewer)
        with pytest.raises(Refused, match="Survivor privacy"):
            actions.submit_review(review=Review.objects.get(pk=review.pk), by=review.reviewer)
        c8 = submission.checklist.criteria.get(code="C8")
        actions.save_score(
            review=reopened, criterion=c8, value=3, not_applicable=False, justification="Read.", edition=0,
            by=review.reviewer,
        )  # fmt: skip
        actions.submit_review(review=Review.objects.get(pk=review.pk), by=review.reviewer)
    result = panel_result(fresh(submission))
    assert (result.composite_text, result.unscored) == ("73.50", ())


def test_reviewers_are_told_what_a_new_version_switches():
    FunderFactory()
    submission = made.sent_submission(filled__vulnerable="no")
    review = made.begun(submission)
    ask_and_send_again(submission, stories="no", vulnerable="yes", amount="9,000")
    drain()
    (letter,) = [one for one in mail.outbox if one.to == [review.reviewer.email] and "again" in one.subject]
    assert f"- C8 Survivor privacy and informed consent does not apply any more. {WHY}." in letter.body
    client = Client()
    client.force_login(review.reviewer)
    session = client.session
    session["second_factor"] = True
    session.save()
    page = client.get(reverse("reviews:review", args=[review.pk])).content.decode()
    assert f"C8 Survivor privacy and informed consent does not apply any more. {WHY}." in page
    assert "C7 Safeguarding, child protection, PSEA has the gate 3 now. The partner answered “Yes”" in page
    assert "C12 Site or virtual visit has no gate any more." in page


def test_gate_follows_the_answer_of_the_newest_version():
    submission, reviews = reviewed(vulnerable="no")
    rows = {row.code: row.gate for row in panel_result(submission).rows}
    assert (rows["C7"], rows["C12"]) == (2, 2)
    ask_and_send_again(submission, vulnerable="yes", foreign_funds="no", amount="10,000")
    confirm(*reviews)
    result = panel_result(fresh(submission))
    rows = {row.code: row.gate for row in result.rows}
    assert (rows["C7"], rows["C12"]) == (3, None)
    assert [(gate.code, gate.title) for gate in result.failed_gates if gate.code == "C16"] == [
        ("C16", "May receive foreign funds")
    ]


def test_submission_that_was_started_is_not_in_review_until_then():
    submission = made.sent_submission(filled__stories="no")
    assert start_review(submission=submission, by=made.officer()).facts()["stories"].words == "No"


def test_counter_of_scores_does_not_jump_when_a_score_is_saved():
    review = made.begun(made.sent_submission(filled__stories="no"))
    shown = page(review.reviewer, "review", review.pk).text
    assert "1 of 13 scored" in shown  # what the answer switched off needs no score
    answer = post(review.reviewer, "autosave_score", review.pk, "C1", score="3", justification="Read.", edition="0")
    said = answer.json()
    assert said["done"] == "2 of 13 scored"
    assert said["done"] in page(review.reviewer, "review", review.pk).text


@pytest.mark.parametrize("typed", ["", " ", "1.005", "nine", "9" * 18])
def test_an_amount_that_cannot_be_read_is_kept_as_typed_and_stops_the_sending_once_changes_were_asked_for(typed):
    submission = made.sent_submission()
    request_changes(submission=submission, reason="Please look again.", items=["Budget"], by=made.officer())
    sent = submission.amount_requested_minor

    answer(submission, amount=typed)

    now = fresh(submission)
    asked = next(question for question in now.questions if question.key == "amount")
    assert (now.amount_requested_minor, now.value_of(asked)) == (sent, typed)
    with pytest.raises(Refused) as refused:
        resubmit_submission(submission=now, by=owner_of(submission))
    assert [one.code for one in refused.value.blockers if "amount" in f"{one} {one.url}".lower()]
    answer(submission, amount="12,000")
    assert (
        resubmit_submission(submission=fresh(submission), by=owner_of(submission)).amount_requested_minor == 1_200_000
    )
