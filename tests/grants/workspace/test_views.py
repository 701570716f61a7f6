from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from grants.agreements.models import Setback
from partners.submissions.models import Submission
from reviews.holds.actions import hold_for_counsel
from tests.factories.amendments import amendment_in
from tests.factories.grants import countersign, fresh, seal
from tests.factories.partners import submission_in
from tests.factories.portal import UserFactory
from tests.factories.reviews import hit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    user = UserFactory(roles=["programme_officer"], totp=True, name="Ruth Example")
    client.force_login(user)
    return user


def rows(response):
    return [(row.submission.number, row.verb) for row in response.context["rows"]]


def test_the_queue_names_the_next_step_longest_wait_first(client, officer):
    older, newer = submission_in("submitted"), submission_in("recommended", officer=officer)
    Submission.objects.filter(pk=older.pk).update(waiting_since=timezone.now() - timedelta(days=9))
    response = client.get(reverse("grants:queue"))
    assert rows(response) == [(older.number, "Screen the names"), (newer.number, "Draft the grant")]
    assert response.context["rows"][0].days_late == 2
    assert "9 days" in response.content.decode()


def test_the_queue_says_what_is_held_and_what_counsel_has_to_do(client, officer):
    waiting = submission_in("submitted")
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        hold_for_counsel(organisation=waiting.organisation, note="Counsel called.", by=UserFactory(roles=["director"]))
    response = client.get(reverse("grants:queue"))
    assert rows(response) == [(waiting.number, "Held")]
    (case,) = response.context["cases"]
    assert (case.is_late, case.next.title) == (True, "Report to OFAC")
    assert "days late" in response.content.decode()


def test_the_queue_leads_straight_to_the_candidate(client, officer):
    hit = hit_of(submission_in("submitted", officer=officer).organisation)
    response = client.get(reverse("grants:queue"))
    assert [(row.label, row.url) for row in response.context["rows"]] == [("Compare", hit.get_absolute_url())]


def test_what_waits_for_the_partner_is_not_in_the_queue(client, officer):
    for state in ("draft", "changes_requested", "declined", "withdrawn"):
        submission_in(state, officer=officer)
    assert rows(client.get(reverse("grants:queue"), {"show": "all"})) == []


def test_the_queue_is_cut_to_mine_and_to_late(client, officer):
    mine = submission_in("in_review", officer=officer)
    other = submission_in("in_review", officer=UserFactory(roles=["programme_officer"]))
    Submission.objects.filter(pk=other.pk).update(waiting_since=timezone.now() - timedelta(days=8))
    for show, numbers in (("mine", {mine.number}), ("late", {other.number}), ("all", {mine.number, other.number})):
        response = client.get(reverse("grants:queue"), {"show": show})
        assert {number for number, _ in rows(response)} == numbers
        counts = {chip["label"]: chip["count"] for chip in response.context["chips"]}
        assert counts == {"Mine": 1, "Late": 1, "Everyone’s": 2}


def test_the_queue_finds_partners_numbers_and_people(client, officer):
    wanted = submission_in("in_review", officer=officer)
    submission_in("submitted")
    for words in (wanted.number, wanted.organisation.legal_name.lower(), "Ruth"):
        found = rows(client.get(reverse("grants:queue"), {"q": words, "show": "all"}))
        assert wanted.number in {number for number, _ in found}
    assert rows(client.get(reverse("grants:queue"), {"q": "no such partner", "show": "all"})) == []


def test_the_queue_asks_the_database_as_often_for_three_rows_as_for_one(
    client, officer, django_assert_num_queries, django_assert_max_num_queries
):
    submission_in("submitted")
    client.get(reverse("grants:queue"))
    with django_assert_max_num_queries(10) as first:
        client.get(reverse("grants:queue"))
    submission_in("submitted")
    submission_in("in_review", officer=officer)
    with django_assert_num_queries(len(first)):
        client.get(reverse("grants:queue"))


def waits_for(client):
    (running,) = client.get(reverse("grants:queue")).context["grants"]
    return running.waits_for


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "An amendment is being written"),
        ("awaiting_signature", "The directors sign an amendment"),
        ("approved", "The partner countersigns an amendment, then it is sealed"),
        ("in_force", "Write and open the campaign"),
    ],
)
def test_grants_under_way_say_how_far_an_amendment_is(client, officer, in_force, state, words):
    amendment_in(state, in_force)
    assert waits_for(client) == words


def test_grants_under_way_say_that_a_seal_failed_until_it_holds(client, officer, approved):
    countersign(approved)
    assert waits_for(client) == "The partner countersigns, then the file is sealed"
    now = timezone.now()
    agreement = fresh(approved).agreement
    Setback.objects.create(agreement=agreement, step="seal", at=now, reason="The key service is down.", again_at=now)
    assert waits_for(client) == "A seal failed; look why, it is tried again"
    seal(approved)
    assert waits_for(client) == "Write and open the campaign"


@pytest.mark.parametrize("role", ["reviewer", "director", "finance_officer", "auditor", "administrator"])
def test_the_queue_is_the_officers(client, role):
    client.force_login(UserFactory(roles=[role], totp=True))
    assert client.get(reverse("grants:queue")).status_code == 403


def test_the_auditor_starts_from_the_proofs(client):
    client.force_login(UserFactory(roles=["auditor"], totp=True))
    submission_in("submitted")
    page = client.get(reverse("grants:overview")).content.decode()
    assert "Newest entries of the trail" in page
    assert reverse("portal:trail") in page


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("programme_officer", "/queue/"),
        ("auditor", "/overview/"),
        ("director", "/grants/to-sign/"),
        ("finance_officer", "/finance/"),
        ("reviewer", "/reviews/"),
        ("administrator", "/staff/"),
    ],
)
def test_each_role_has_a_home(client, role, home):
    client.force_login(UserFactory(roles=[role], totp=True))
    response = client.get("/home/")
    assert response.headers["Location"] == home
    assert client.get(home).status_code == 200
