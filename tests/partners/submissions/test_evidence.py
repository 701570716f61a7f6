"""Evidence that comes over from before, what is missing first, and what ends before the decision."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, EvidenceLink, Organisation, Submission
from partners.programmes.forms import ProgrammeForm
from partners.submissions import actions
from tests.factories.partners import (
    DocumentFactory,
    OrganisationFactory,
    PaperFactory,
    ProgrammeFactory,
    SubmissionFactory,
    answers,
)
from tests.factories.portal import FunderFactory
from vetting_portal.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def funder() -> None:
    FunderFactory()


def start(organisation: Organisation) -> Submission:
    return actions.start_submission(
        organisation=organisation, programme=ProgrammeFactory(), answers=answers(), by=organisation.created_by
    )


def linked(submission: Submission) -> set[tuple[str, int]]:
    return set(submission.evidence_links.values_list("criterion__code", "paper"))


def paper_for(submission: Submission, code: str, **fields: Any) -> Document:
    """Return an accepted version of a paper that is evidence for a criterion."""
    document = DocumentFactory(paper=PaperFactory(organisation=submission.organisation), accepted=True, **fields)
    criterion = next(one for one in submission.criteria if one.code == code)
    actions.link_paper(
        submission=submission, criterion=criterion, paper=document.paper, by=submission.organisation.created_by
    )
    return document


def signed_in(submission: Submission) -> Client:
    client = Client()
    client.force_login(submission.organisation.created_by)
    return client


def papers_page(submission: Submission) -> str:
    return signed_in(submission).get(reverse("partners:submission_papers", args=[submission.number])).content.decode()


def test_what_is_still_good_comes_over_to_the_same_criteria() -> None:
    first = SubmissionFactory()
    today = timezone.localdate()
    good = paper_for(first, "C1", expires_on=today + timedelta(days=30))
    paper_for(first, "C1", expires_on=today - timedelta(days=1))
    paper_for(first, "C2", issued_on=today - timedelta(days=400))
    paper_for(first, "C13")
    old_reference = paper_for(first, "C11", issued_on=today - timedelta(days=200))
    twice = paper_for(first, "C4")
    criterion = next(one for one in first.criteria if one.code == "C5")
    actions.link_paper(submission=first, criterion=criterion, paper=twice.paper, by=first.organisation.created_by)
    second = start(first.organisation)
    assert linked(second) == {("C1", good.paper_id), ("C4", twice.paper_id), ("C5", twice.paper_id)}
    assert old_reference.paper_id not in {paper for _, paper in linked(second)}  # three months at most
    link = second.evidence_links.get(criterion__code="C1")
    assert (link.is_carried_over, link.carried_from) == (True, first)
    entry = AuditEntry.objects.about(second).get(event="evidence_carried_over")
    assert ["C1", good.paper_id] in entry.facts["links"]


def test_a_paper_that_was_never_used_is_evidence_for_its_kind() -> None:
    organisation = OrganisationFactory()
    policy = DocumentFactory(
        paper=PaperFactory(organisation=organisation, kind="safeguarding_policy"), accepted=True
    ).paper
    for kind in ("budget", "other"):
        DocumentFactory(paper=PaperFactory(organisation=organisation, kind=kind), accepted=True)
    DocumentFactory(paper=PaperFactory(organisation=organisation, kind="minutes"))
    DocumentFactory(paper=PaperFactory(kind="minutes"), accepted=True)
    submission = start(organisation)
    assert linked(submission) == {("C7", policy.pk)}
    assert submission.evidence_links.get().carried_from is None


def test_a_later_submission_names_the_latest_source() -> None:
    first = SubmissionFactory()
    document = paper_for(first, "C1")
    second = start(first.organisation)
    third = start(first.organisation)
    assert third.evidence_links.get(paper=document.paper).carried_from == second


def test_the_partner_sees_what_came_over_and_takes_it_back() -> None:
    first = SubmissionFactory()
    document = paper_for(first, "C1")
    second = start(first.organisation)
    page = papers_page(second)
    assert "One paper came over from before." in page
    assert f"Carried over from {first.number}" in page
    link = second.evidence_links.get()
    signed_in(second).post(reverse("partners:submission_unlink", args=[second.number, link.pk]))
    assert linked(second) == set()
    assert "came over from before" not in papers_page(second)
    assert linked(first) == {("C1", document.paper_id)}


def test_missing_comes_first_and_the_rest_is_folded() -> None:
    submission = SubmissionFactory()
    paper_for(submission, "C1")
    ended = paper_for(submission, "C2", expires_on=timezone.localdate() - timedelta(days=3))
    waiting = PaperFactory(organisation=submission.organisation, title="On its way")
    DocumentFactory(paper=waiting)
    criterion = next(one for one in submission.criteria if one.code == "C3")
    actions.link_paper(submission=submission, criterion=criterion, paper=waiting, by=submission.organisation.created_by)
    page = papers_page(submission)
    before, folded = page.split('<details class="more"', 1)
    assert f"{ended.paper.get_absolute_url()}#send" in before
    assert "The one you sent ended on" in before
    assert "?criterion=C7" in before
    assert "On its way" not in before
    assert "On its way" in folded
    assert "One point ready" in folded
    assert "One point being checked" in folded
    assert f"?criterion={criterion.code}" in folded
    assert len(page.encode()) < 60_000


def test_a_sent_submission_has_every_point_ready() -> None:
    page = papers_page(SubmissionFactory(filled=True))
    assert "Every point has its papers." in page
    assert "missing</h2>" not in page


def test_what_ends_before_the_decision_is_said_on_three_pages() -> None:
    decides = timezone.localdate() + timedelta(days=150)
    submission = SubmissionFactory(programme=ProgrammeFactory(decides_on=decides))
    early = paper_for(submission, "C1", expires_on=decides - timedelta(days=1))
    paper_for(submission, "C1", expires_on=decides)
    page = papers_page(submission)
    assert f"One paper ends before we expect to decide ({decides:%-d %B %Y})." in page
    assert f"{early.paper.get_absolute_url()}#send" in page
    client = signed_in(submission)
    vault = client.get(reverse("partners:vault", args=[submission.organisation_id])).content.decode()
    assert "One paper ends before we expect to decide." in vault
    assert vault.count("Ends before we decide") == 1
    assert "Ends before we decide" in client.get(reverse("partners:home")).content.decode()
    actions.withdraw_submission(submission=submission, by=submission.organisation.created_by)
    vault = client.get(reverse("partners:vault", args=[submission.organisation_id])).content.decode()
    assert "before we" not in vault


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"decides_on": date(2027, 1, 5)}, date(2027, 1, 5)),
        ({"closes_on": date(2026, 12, 1)}, date(2027, 1, 26)),
        ({}, date(2027, 1, 20)),
    ],
)
def test_when_a_decision_is_expected(fields: dict[str, date], expected: date) -> None:
    programme = ProgrammeFactory.build(
        **{"closes_on": None, "checklist": None, "questionnaire": None, "created_by": None, **fields},
        published_at=None,
    )
    assert programme.decision_expected_on(None, date(2026, 11, 25)) == expected
    sent = programme.decision_expected_on(date(2026, 11, 1), date(2026, 11, 25))
    assert sent == (expected if fields else date(2026, 12, 27))


def test_a_call_does_not_decide_before_it_closes() -> None:
    programme = ProgrammeFactory()
    form = ProgrammeForm({"decides_on": str(programme.closes_on - timedelta(days=1))}, record=programme)
    data = {**form.initial, "decides_on": str(programme.closes_on - timedelta(days=1))}
    form = ProgrammeForm(data, record=programme)
    assert form.errors == {"decides_on": ["The decision cannot come before the call closes."]}


def test_the_page_has_the_same_queries_whatever_the_number_of_papers(django_assert_num_queries: Any) -> None:
    submission = SubmissionFactory()
    client = signed_in(submission)
    address = reverse("partners:submission_papers", args=[submission.number])
    for count in (1, 5):
        for _ in range(count):
            paper_for(submission, "C1")
        client.get(address)
        with django_assert_num_queries(17):
            client.get(address)
    assert EvidenceLink.objects.count() == 6
