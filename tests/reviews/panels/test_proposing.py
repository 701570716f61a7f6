"""Whom the portal proposes, and why; and the box on the officer's page that asks them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, Submission
from partners.submissions import actions
from reviews.models import Review
from reviews.panels.conflicts import Finding, Kind
from reviews.panels.proposing import Candidate, listed, propose, ranked
from reviews.panels.queries import candidates_of, languages_of
from tests.factories import reviews as made
from tests.factories.partners import MembershipFactory, SubmissionFactory
from tests.reviews.panels.test_views import page, post, signed_in
from vetting_portal.models import User

NAME = Finding(Kind.NAME, "has a name close to Krit Boonmee (board member)", "Related?")


def candidate(name, open_reviews=0, **fields):
    fields = {"late": 0, "next_due": None, **fields}
    return Candidate(User(pk=sum(map(ord, name)), name=name), open_reviews, **fields)


def names(found):
    return [getattr(one, "candidate", one).user.name for one in found]


def test_order_is_records_then_languages_then_load():
    free, busy = candidate("Free"), candidate("Busy", 3)
    reads_less, near = candidate("Reads less", missing=("th",)), candidate("Near", findings=(NAME,))
    late = candidate("Late", 3, late=1)
    barred = candidate("Barred", bars=("acts for LIFT",))

    found = ranked([barred, near, reads_less, late, busy, free])

    assert names(found) == ["Free", "Busy", "Late", "Reads less", "Near"]


def test_order_is_the_same_however_they_come():
    people = [candidate(name) for name in ("Amina", "Daniel", "Mei-Ling")]

    assert names(ranked(people)) == names(ranked(people[::-1])) == ["Amina", "Daniel", "Mei-Ling"]


def test_whose_next_date_is_later_comes_first():
    soon, later = candidate("Soon", 1, next_due=date(2026, 1, 2)), candidate("Later", 1, next_due=date(2026, 3, 1))

    assert names(ranked([soon, later])) == ["Later", "Soon"]


def test_nobody_is_proposed_against_whom_the_records_speak():
    assert propose([candidate("Near", findings=(NAME,)), candidate("Barred", bars=("acts for LIFT",))], 2) == []


def test_a_proposal_says_why():
    people = [
        candidate("Mei-Ling", reads=("th",)),
        candidate("Busy", 2, reads=("th",)),
        candidate("Other", missing=("th",)),
    ]

    first, _, third = propose(people, 3)

    assert first.why == (
        "Nothing in the records speaks against it; reads Thai; no open review, the fewest of the 2 who could."
    )
    assert "nobody free reads more of the languages than English, not Thai" in third.why


@pytest.mark.parametrize(("number", "count"), [(1, 1), (2, 2), (9, 3)])
def test_as_many_are_proposed_as_are_missing(number, count):
    assert len(propose([candidate(name) for name in "abc"], number)) == count


def test_workload_in_words():
    assert candidate("A").load_text == "no open review"
    assert (
        candidate("A", 2, late=1, next_due=date(2026, 12, 3)).load_text == "2 open reviews, next due 3 December, 1 late"
    )
    assert listed(["th", "lo", "my"]) == "Thai, Lao and Burmese"
    assert listed([]) == ""


# ---- with the database


@pytest.fixture
def submission(db):
    """A submission with a paper in Thai."""
    draft = SubmissionFactory(filled=True, filled__related="no")
    Document.objects.filter(pk=draft.evidence_links.first().paper.newest.pk).update(language="th,en")
    return actions.submit_submission(submission=draft, by=draft.organisation.owners().get().user)


def test_languages_are_those_of_the_papers_sent(submission):
    assert languages_of(submission.latest_version) == ["th"]
    assert languages_of(made.sent_submission().latest_version) == []


def test_candidates_carry_workload_languages_and_records(submission):
    busy = made.reviewer(name="Busy")
    review = made.invited(who=busy)
    Review.objects.filter(pk=review.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    made.submitted(who=busy)
    reads = made.reviewer(name="Reads", languages=["th"])
    member = made.reviewer(name="Member")
    MembershipFactory(organisation=submission.organisation, user=member)

    found = {one.user: one for one in candidates_of(submission, ["th"])}

    assert (found[busy].open_reviews, found[busy].late, found[busy].missing) == (1, 1, ("th",))
    assert found[reads].missing == ()
    assert found[member].bars == (f"acts for {submission.organisation}",)


@pytest.mark.parametrize("rows", [1, 3])
def test_candidates_cost_the_same_however_many(submission, rows, django_assert_num_queries):
    for _ in range(rows):
        made.invited(who=made.reviewer())

    with django_assert_num_queries(6):
        candidates_of(submission, ["th"])


def test_one_click_asks_who_is_proposed(submission):
    officer = made.officer()
    reads = made.reviewer(name="Somsri", languages=["th"])
    made.reviewer(name="Aaron")

    text = page(officer, "assign", submission.pk).text
    due = (timezone.localdate() + timedelta(days=14)).isoformat()
    post(officer, "assign", submission.pk, reviewer=reads.pk, due_on=due)

    assert text.index("Ask Somsri") < text.index("Ask Aaron")
    assert "The papers are in Thai" in text
    assert f'<input type="hidden" name="reviewer" value="{reads.pk}">' in text
    assert " checked" not in text
    assert Review.objects.get().reviewer == reads
    assert "Ask Aaron" in page(officer, "assign", submission.pk).text


def test_by_hand_needs_a_reason_where_the_records_show_something(submission):
    officer, near = made.officer(), made.reviewer(name="Krit Boonmee")
    submission.organisation.people.filter(role="signatory").update(name="Krit Boonmee")
    due = (timezone.localdate() + timedelta(days=14)).isoformat()

    shown = page(officer, "assign", submission.pk).text
    refused = post(officer, "assign", submission.pk, reviewer=near.pk, due_on=due)
    taken = post(officer, "assign", submission.pk, reviewer=near.pk, due_on=due, reason="We asked: no relation at all.")

    assert "The records show something of everybody" in shown
    assert refused.status_code == 422
    assert "has a name close to Krit Boonmee (signatory). Say why" in refused.text
    assert taken.status_code == 302
    assert Review.objects.get().warnings.get().kind == "name"


def test_who_cannot_be_asked_is_named_with_the_reason(submission):
    member = made.reviewer(name="Former Member")
    MembershipFactory(organisation=submission.organisation, user=member, ended=True)

    text = page(made.officer(), "assign", submission.pk).text

    assert "Nobody is left who could be asked" in text
    assert f"acted for {submission.organisation}" in text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "count"), [("work", 20), ("assign", 15)])
def test_pages_ask_the_database_the_same_number_of_times(submission, name, count, rows, django_assert_num_queries):
    officer = made.officer()
    for _ in range(rows):
        made.begun(Submission.objects.get(pk=submission.pk), by=officer)
        made.reviewer()
    client, address = signed_in(officer), reverse(f"reviews:{name}", args=[submission.pk])
    client.get(address)

    with django_assert_num_queries(count):
        client.get(address)
