"""The referee's form behind its link, and the pages of officers and reviewers."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reviews.models import Reference, ReferenceRequest
from reviews.references import actions
from reviews.references.models import LASTS
from tests.factories import reviews as made
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import User

pytestmark = pytest.mark.django_db
ANSWERS = {
    "knows_how": "We gave two grants.",
    "known_since": "2018",
    "related": "no",
    "would_again": "yes",
    "handles_money_well": "yes",
    "has_concern": "no",
    "is_true": "on",
}


@pytest.fixture(autouse=True)
def funder():
    return FunderFactory(contact_email="grants@funder.example.com")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def link_of(request: ReferenceRequest) -> str:
    return reverse("reviews:answer_reference", args=[made.token_of(request)])


def test_opening_uses_nothing_up_and_sending_does():
    page, client = link_of(made.reference_asked()), Client(enforce_csrf_checks=False)
    for _ in range(3):
        opened = client.get(page)
        assert opened.status_code == 200
        assert client.head(page).status_code == 200
    assert (opened.headers["X-Robots-Tag"], "no-store" in opened.headers["Cache-Control"]) == (
        "noindex, nofollow",
        True,
    )
    assert "<script" not in opened.content.decode()
    sent = client.post(page, ANSWERS, follow=True)
    assert "Thank you" in sent.content.decode()
    assert Reference.objects.get().known_since == "2018"
    used = client.get(page)
    assert (used.status_code, "Your answer is here already" in used.content.decode()) == (410, True)
    assert client.post(page, ANSWERS).status_code == 410


def test_what_is_missing_is_said_next_to_its_field_and_nothing_is_lost():
    page, client = link_of(made.reference_asked()), Client()
    refused = client.post(page, {"knows_how": "We worked side by side.", "has_concern": "yes"})
    words = refused.content.decode()
    assert refused.status_code == 422
    assert words.count("Choose one answer.") >= 3
    assert "Say in a few words what the concern is." in words
    assert "We worked side by side." in words


def test_a_draft_waits_on_the_link():
    request = made.reference_asked()
    page, client = link_of(request), Client()
    kept = client.post(page, {"knows_how": "Half a sentence", "keep": "1"}, follow=True)
    assert "It is not sent yet." in kept.content.decode()
    assert "Half a sentence" in Client().get(page).content.decode()
    assert not Reference.objects.exists()


@pytest.mark.parametrize(
    ("ending", "status", "words"),
    [
        ("withdrawn", 410, "We do not need a reference any more"),
        ("expired", 410, "This link has ended"),
        ("replaced", 410, "There is a newer link"),
        ("unknown", 404, "This link opens nothing"),
    ],
)
def test_a_link_that_opens_nothing_says_whom_to_ask(ending, status, words):
    officer = made.officer(email="ruth@funder.example.com")
    request = made.reference_asked(by=officer)
    request.submission.officer = officer
    request.submission.save()
    page = link_of(request)
    later = LASTS + timedelta(days=1) if ending == "expired" else timedelta()
    if ending == "withdrawn":
        actions.withdraw_request(request=request, by=officer)
    if ending == "replaced":
        actions.resend_request(request=request, by=officer)
    if ending == "unknown":
        page = reverse("reviews:answer_reference", args=["x" * 300])
    with time_machine.travel(timezone.now() + later, tick=False):
        answer = Client().get(page)
    text = answer.content.decode()
    assert (answer.status_code, words in text) == (status, True)
    assert ("grants@funder.example.com" if ending == "unknown" else "ruth@funder.example.com") in text


def test_an_officer_asks_sends_again_and_withdraws_from_the_list():
    submission, officer = made.sent_submission(), made.officer()
    client = client_of(officer)
    page = reverse("reviews:references", args=[submission.pk])
    assert "Not asked" in client.get(page).content.decode()
    first, second = submission.referees.order_by("pk")
    for referee in (first, second):
        assert client.post(reverse("reviews:ask_referee", args=[submission.pk, referee.pk])).status_code == 302
    assert client.post(reverse("reviews:ask_referee", args=[submission.pk, first.pk])).status_code == 409
    assert client.post(reverse("reviews:resend_request", args=[first.request.pk])).status_code == 302
    assert client.post(reverse("reviews:withdraw_request", args=[second.request.pk])).status_code == 302
    words = client.get(page).content.decode()
    assert ("Asked" in words, "Withdrawn" in words) == (True, True)


def test_the_answer_is_shown_to_officers_reviewers_and_auditors_never_to_the_partner(begun):
    submission = begun.submission
    reference = made.reference_answered(made.reference_asked(submission), words="They burn bright.")
    page = reference.request.get_absolute_url()
    auditor, stranger = UserFactory(roles=["auditor"]), made.reviewer()
    for user in (made.officer(), begun.reviewer, auditor, made.director()):
        assert "They burn bright." in client_of(user).get(page).content.decode()
    for user in (stranger, submission.submitted_by, UserFactory(roles=["finance_officer"])):
        assert client_of(user).get(page).status_code == 404
    listing = reverse("reviews:references", args=[submission.pk])
    assert client_of(submission.submitted_by).get(listing).status_code == 403
    bench = client_of(begun.reviewer).get(f"{begun.get_absolute_url()}?criterion=C11").content.decode()
    assert page in bench


def test_a_reviewer_finds_the_references_at_the_desk_and_the_way_back(begun):
    listing = reverse("reviews:references", args=[begun.submission_id])
    client = client_of(begun.reviewer)
    for place in (f"{begun.get_absolute_url()}?criterion=C7", reverse("reviews:submit_review", args=[begun.pk])):
        assert f'<a href="{listing}">References</a>' in client.get(place).content.decode()
    answers = client.get(f"{begun.get_absolute_url()}?criterion=C11&paper=answers").content.decode()
    assert f'<a href="{listing}">All references</a>' in answers
    words = client.get(listing).content.decode()
    assert f'<a href="{begun.get_absolute_url()}">Submission {begun.submission.number}</a>' in words


def test_what_an_officer_has_to_do_about_references_is_told_to_officers_only(begun):
    listing = reverse("reviews:references", args=[begun.submission_id])
    told = made.reference_asked(begun.submission)
    made.reference_answered(told, has_concern=True, concern="A report was not followed up.")
    officers = ["Before it can be recommended", "ask the partner to name one more", "Speak to the referee today"]
    for user, expected in ((made.officer(), officers), (begun.reviewer, []), (UserFactory(roles=["auditor"]), [])):
        client = client_of(user)
        words = client.get(listing).content.decode() + client.get(told.get_absolute_url()).content.decode()
        assert [text for text in officers if text in words] == expected
        assert "Do not tell the partner who raised it." in words


def test_reading_ends_when_the_reviewer_steps_aside(begun):
    page = made.reference_answered(made.reference_asked(begun.submission)).request.get_absolute_url()
    made.actions.declare(review=begun, has_interest=True, note="A cousin.", keeps_confidence=True, by=begun.reviewer)
    assert client_of(begun.reviewer).get(page).status_code == 404


def test_verifying_by_the_page():
    reference = made.reference_answered(has_concern=True, concern="A report was not followed up.")
    client, page = client_of(made.officer()), reference.request.get_absolute_url()
    assert "A safeguarding concern." in client.get(page).content.decode()
    assert client.post(page, {"how": "called"}).status_code == 422
    assert client.post(page, {"how": "called", "note": "Spoke with her; it agrees."}).status_code == 302
    assert "Spoke with her" in client.get(page).content.decode()
    unanswered = made.reference_asked(made.sent_submission())
    assert "No answer yet" in client.get(unanswered.get_absolute_url()).content.decode()
    assert client.post(unanswered.get_absolute_url(), {"how": "called", "note": "x"}).status_code == 404


def test_the_list_asks_the_same_questions_of_one_and_of_many(django_assert_num_queries):
    submission, officer = made.sent_submission(), made.officer()
    client, page = client_of(officer), reverse("reviews:references", args=[submission.pk])
    made.reference_answered(made.reference_asked(submission, by=officer))
    client.get(page)
    with django_assert_num_queries(13):
        client.get(page)
    made.reference_answered(made.reference_asked(submission, by=officer, number=1))
    with django_assert_num_queries(13):
        client.get(page)
