"""The pages of submissions: who sees what, what is saved while typing, what a stale tab is told."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.models import Answer, EvidenceLink, Programme, Submission
from partners.submissions.actions import give_access
from tests.factories.partners import (
    MembershipFactory,
    OrganisationFactory,
    PaperFactory,
    ProgrammeFactory,
    SubmissionFactory,
    submission_in,
)
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.duties import duties
from vetting_portal.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def funder() -> None:
    FunderFactory()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def owner_of(submission: Submission) -> User:
    return submission.organisation.owners().get().user


def address(name: str, submission: Submission, *args: Any) -> str:
    return reverse(f"partners:{name}", args=[submission.number, *args])


def test_home_leads_somebody_new_to_their_organisation() -> None:
    page = signed_in(UserFactory()).get(reverse("partners:home")).content.decode()
    assert "Tell us who you are" in page


def test_home_leads_to_an_open_call_then_to_the_next_section() -> None:
    organisation = OrganisationFactory()
    client = signed_in(organisation.created_by)
    assert "No call is open now" in client.get(reverse("partners:home")).content.decode()
    programme = ProgrammeFactory()
    assert "See whether your work fits" in client.get(reverse("partners:home")).content.decode()
    submission = SubmissionFactory(organisation=organisation, programme=programme)
    page = client.get(reverse("partners:home")).content.decode()
    assert address("submission_section", submission, 1) in page
    assert "0 of 8 sections" in page


@pytest.mark.parametrize("state", Submission.State.values)
def test_every_state_has_its_home_and_page(state: str) -> None:
    submission = submission_in(state)
    client = signed_in(owner_of(submission))
    for url in (reverse("partners:home"), submission.get_absolute_url(), reverse("partners:submission_list")):
        assert client.get(url).status_code == 200


def test_home_of_two_organisations_shows_the_chosen_one() -> None:
    first = OrganisationFactory(legal_name="Alpha")
    second = OrganisationFactory(legal_name="Beta", owner=first.created_by)
    client = signed_in(first.created_by)
    page = client.get(reverse("partners:home"), {"organisation": second.pk}).content.decode()
    assert f'<a href="{second.get_absolute_url()}">Beta</a>' in page
    foreign = OrganisationFactory()
    page = client.get(reverse("partners:home"), {"organisation": foreign.pk}).content.decode()
    assert foreign.legal_name not in page


def test_a_draft_whose_call_closed_is_nobodys_work_and_its_pages_say_what_to_do() -> None:
    submission = SubmissionFactory(filled=True)
    owner, editor = owner_of(submission), MembershipFactory(organisation=submission.organisation).user
    assert [duty.key for duty in duties(owner)] == ["partners.write_application"]
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=300), "closes_on": today - timedelta(days=200)}
    Programme.objects.filter(pk=submission.programme_id).update(**dates)
    assert duties(owner) == duties(editor) == []
    back, calls = address("submission_withdraw", submission), reverse("partners:programme_list")
    for page in (reverse("partners:home"), submission.get_absolute_url()):
        said = signed_in(owner).get(page).content.decode()
        assert "This call is closed" in said
        assert "so this draft cannot be sent any more" in said
        assert (f'href="{back}">Take this draft back' in said, f'href="{calls}"' in said) == (True, True)
        assert ("Send it by" in said, "Send the application" in said, "Everything is there" in said) == (False,) * 3
        told = signed_in(editor).get(page).content.decode()
        assert ("An owner can take it back." in told, back in told) == (True, False)
    client = signed_in(owner)
    assert "was never sent" in client.get(back).content.decode()
    assert client.post(back, {"reason": ""}).status_code == 302
    assert "This call is closed" not in client.get(reverse("partners:home")).content.decode()


def test_another_application_comes_before_a_draft_whose_call_closed() -> None:
    sent = submission_in("submitted")
    missed = SubmissionFactory(organisation=sent.organisation, programme=ProgrammeFactory(title="Long over"))
    client = signed_in(owner_of(sent))
    assert "Finish your application" in client.get(reverse("partners:home")).content.decode()
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=9), "closes_on": today - timedelta(days=5)}
    Programme.objects.filter(pk=missed.programme_id).update(**dates)
    page = client.get(reverse("partners:home")).content.decode()
    assert ("This call is closed" in page, "Other applications" in page) == (False, True)


@pytest.mark.parametrize(
    ("zone", "at", "keys"),
    [
        ("Asia/Bangkok", "2026-06-30T16:59:00Z", ["partners.write_application"]),
        ("Asia/Bangkok", "2026-06-30T17:01:00Z", []),
        ("America/Lima", "2026-07-01T04:59:00Z", ["partners.write_application"]),
        ("America/Lima", "2026-07-01T05:01:00Z", []),
    ],
)
def test_a_draft_is_work_until_its_call_closes_by_the_clocks_of_its_place(zone: str, at: str, keys: list[str]) -> None:
    submission = SubmissionFactory()
    dates = {"opens_on": date(2026, 6, 1), "closes_on": date(2026, 6, 30), "time_zone": zone}
    Programme.objects.filter(pk=submission.programme_id).update(**dates)
    with time_machine.travel(at, tick=False):
        assert [duty.key for duty in duties(owner_of(submission))] == keys
        assert Submission.objects.get(pk=submission.pk).missed_its_call == (not keys)


def test_a_section_shows_what_is_missing_only_once_it_is_begun() -> None:
    submission = SubmissionFactory()
    client = signed_in(owner_of(submission))
    url = address("submission_section", submission, 3)
    assert "missing" not in client.get(url).content.decode()
    answer = client.post(url, {"need": "Too few words", "people": "about 80", "stay": "1"})
    assert (answer.status_code, answer.url) == (302, url)
    page = client.get(url).content.decode()
    assert "How you know the need: Write at least 60 words. You have 3." in page
    assert "Number of people: Give a whole number, for example 80." in page
    assert 'value="about 80"' in page
    assert "Four things are missing" in page


def test_saving_goes_on_to_the_next_section_and_then_to_the_papers() -> None:
    submission = SubmissionFactory()
    client = signed_in(owner_of(submission))
    first = client.post(address("submission_section", submission, 1), {"title": "A"})
    assert first.url == address("submission_section", submission, 2)
    last = client.post(address("submission_section", submission, 8), {})
    assert last.url == address("submission_papers", submission)
    assert client.get(address("submission_section", submission, 9)).status_code == 404


def test_a_stale_tab_gets_409_with_both_texts() -> None:
    submission = SubmissionFactory()
    client = signed_in(owner_of(submission))
    url = address("submission_section", submission, 1)
    client.post(url, {"title": "First"})
    client.post(url, {"title": "Second", "title-version": "1"})
    answer = client.post(url, {"title": "Third", "title-version": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The newer text: “Second”" in page
    assert 'value="Third"' in page
    assert 'name="title-version" value="2"' in page
    assert Answer.objects.get().value == "Second"


@pytest.mark.parametrize(
    ("data", "status"),
    [({"vulnerable": "maybe"}, 422), ({"safeguarding": "x" * 50_001}, 422), ({"vulnerable-version": "-1e9"}, 302)],
)
def test_bad_input_is_refused_and_kept(data: dict[str, str], status: int) -> None:
    submission = SubmissionFactory()
    client = signed_in(owner_of(submission))
    assert client.post(address("submission_section", submission, 4), data).status_code == status
    assert not Answer.objects.exists()


def test_autosave_answers_with_the_foot() -> None:
    submission = SubmissionFactory()
    client = signed_in(owner_of(submission))
    url = address("submission_autosave", submission, "plan")
    page = client.post(url, {"plan": "three short words", "plan-version": "0", "page": "p"}).content.decode()
    assert "3 of 120 words" in page
    assert "Saved " in page
    assert 'name="plan-version" value="1"' in page
    stale = client.post(url, {"plan": "other words", "plan-version": "0", "page": "q"}).content.decode()
    assert "Not saved:" in stale
    assert 'name="plan-version" value="0"' in stale
    assert Answer.objects.get().value == "three short words"
    assert client.post(address("submission_autosave", submission, "nothing"), {}).status_code == 404
    bad = client.post(address("submission_autosave", submission, "vulnerable"), {"vulnerable": "maybe"})
    assert "Not saved: not on the list" in bad.content.decode()


def test_autosave_after_sending_says_so() -> None:
    submission = submission_in("submitted")
    client = signed_in(owner_of(submission))
    page = client.post(address("submission_autosave", submission, "plan"), {"plan": "late"}).content.decode()
    assert "it was sent already" in page
    assert "late" not in Answer.objects.get(question__key="plan").value


def test_papers_are_linked_and_taken_back_on_pages() -> None:
    submission = SubmissionFactory()
    client = signed_in(owner_of(submission))
    paper = PaperFactory(organisation=submission.organisation)
    link = address("submission_link", submission)
    assert client.post(link, {"criterion": "C1", "paper": ""}).status_code == 302
    assert client.post(link, {"criterion": "C1", "paper": PaperFactory().pk}).status_code == 302
    assert not EvidenceLink.objects.exists()
    assert client.post(link, {"criterion": "C1", "paper": paper.pk}).url.endswith("/papers/#C1")
    made = EvidenceLink.objects.get()
    page = client.get(address("submission_papers", submission)).content.decode()
    assert "It has not been sent yet." in page
    assert client.post(address("submission_unlink", submission, made.pk)).status_code == 302
    add = address("submission_paper_add", submission)
    assert client.get(add, {"criterion": "C1"}).status_code == 200
    assert client.get(add, {"criterion": "C99"}).status_code == 404
    assert client.post(add, {"criterion": "C1", "kind": "minutes"}).status_code == 422


def test_sending_twice_has_one_effect() -> None:
    submission = SubmissionFactory(filled=True)
    client = signed_in(owner_of(submission))
    url = address("submission_send", submission)
    assert [client.post(url).status_code, client.post(url).status_code] == [302, 409]
    assert submission.versions.count() == 1


def test_editors_write_and_owners_send() -> None:
    submission = SubmissionFactory(filled=True)
    client = signed_in(MembershipFactory(organisation=submission.organisation).user)
    assert (
        "An owner of your organisation sends it." in client.get(address("submission_send", submission)).content.decode()
    )
    assert client.post(address("submission_send", submission)).status_code == 403
    assert client.get(address("submission_withdraw", submission)).status_code == 403


def test_others_do_not_learn_that_it_exists() -> None:
    submission = submission_in("submitted")
    client = signed_in(UserFactory())
    pages = ["submission", "submission_papers", "submission_send", "submission_withdraw", "submission_decline"]
    for name in pages:
        assert client.get(address(name, submission)).status_code == 404
    assert client.get(address("submission_section", submission, 1)).status_code == 404
    assert client.get(address("submission_version", submission, 1)).status_code == 404


def test_reviewers_read_what_they_were_given() -> None:
    submission = submission_in("submitted")
    reviewer, officer = UserFactory(roles=["reviewer"], totp=True), UserFactory(roles=["programme_officer"])
    client = signed_in(reviewer)
    assert client.get(submission.get_absolute_url()).status_code == 404
    give_access(submission=submission, user=reviewer, as_role="reviewer", by=officer)
    assert client.get(submission.get_absolute_url()).status_code == 200
    assert client.get(address("submission_version", submission, 1)).status_code == 200
    for name in ("submission_request_changes", "submission_decline", "submission_send"):
        assert client.get(address(name, submission)).status_code == 403


def test_officer_asks_and_declines_on_pages() -> None:
    submission = submission_in("submitted")
    client = signed_in(UserFactory(roles=["programme_officer"], totp=True))
    changes = address("submission_request_changes", submission)
    assert client.post(changes, {"reason": "", "items": ""}).status_code == 422
    assert client.post(changes, {"reason": "Unclear", "items": " \n "}).status_code == 422
    assert client.post(changes, {"reason": "Unclear", "items": "C5"}).status_code == 302
    assert client.post(changes, {"reason": "Unclear", "items": "C5"}).status_code == 409
    other = submission_in("submitted")
    decline = address("submission_decline", other)
    assert client.post(decline, {"reason": " "}).status_code == 422
    assert client.post(decline, {"reason": "It does not fit."}).status_code == 302
    assert "It does not fit." in signed_in(owner_of(other)).get(other.get_absolute_url()).content.decode()


def test_partner_withdraws_on_a_page() -> None:
    submission = submission_in("submitted")
    client = signed_in(owner_of(submission))
    url = address("submission_withdraw", submission)
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 302
    assert client.post(url, {"reason": ""}).status_code == 409


def test_list_is_cut_filtered_and_costs_the_same_for_many() -> None:
    officer = UserFactory(roles=["programme_officer"], totp=True)
    client = signed_in(officer)
    submission_in("submitted")
    SubmissionFactory(title="Hidden draft")
    url = reverse("partners:submission_list")
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as one:
        page = client.get(url).content.decode()
    assert "Hidden draft" not in page
    for _ in range(3):
        submission_in("submitted")
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(one) == len(many) <= 10
    submission_in("in_review")
    assert "In review 1" in client.get(url, {"state": "in_review"}).content.decode()


@pytest.mark.parametrize("name", ["organisation_list", "programme_list"])
def test_other_lists_cost_the_same_for_many(name: str) -> None:
    client = signed_in(UserFactory(roles=["programme_officer"], totp=True))
    OrganisationFactory()
    ProgrammeFactory()
    url = reverse(f"partners:{name}")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    OrganisationFactory.create_batch(3)
    ProgrammeFactory.create_batch(3)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(one) == len(many) <= 10


def test_vault_costs_the_same_for_many() -> None:
    submission = SubmissionFactory(filled=True)
    client = signed_in(owner_of(submission))
    url = reverse("partners:vault", args=[submission.organisation_id])
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    PaperFactory.create_batch(5, organisation=submission.organisation)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(few) == len(many)


def test_the_partners_home_leads_staff_to_their_own(client):
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))

    page = client.get(reverse("partners:home")).text

    assert "Tell us who you are" not in page
    assert f'href="{reverse("portal:home")}"' in page
    client.force_login(UserFactory())
    assert "Tell us who you are" in client.get(reverse("partners:home")).text
