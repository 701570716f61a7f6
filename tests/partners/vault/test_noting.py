"""Verified by whom and when, wherever the paper is shown; seen by whom, shown to the partner alone."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, Submission, Verification, Viewing
from partners.submissions.actions import give_access, start_submission
from partners.vault import actions
from tests.factories.partners import (
    DocumentFactory,
    MembershipFactory,
    PaperFactory,
    ProgrammeFactory,
    answers,
    submission_in,
)
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal import files
from vetting_portal.inspection import Finding, Verdict
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
OFFICER = ["programme_officer"]


@pytest.fixture
def submission() -> Submission:
    FunderFactory()
    return submission_in("submitted")


@pytest.fixture
def document(submission: Submission) -> Document:
    return submission.links[0].paper.current


def owner_of(submission: Submission) -> User:
    return submission.organisation.owners().get().user


def reviewer_of(submission: Submission) -> User:
    reviewer = UserFactory(roles=["reviewer"], totp=True, name="Unnamed Reviewer")
    give_access(submission=submission, user=reviewer, as_role="reviewer", by=UserFactory(roles=OFFICER))
    return reviewer


def verify(document: Document, by: User, how: str = "registry", source: str = "Register, no. 7") -> Verification:
    return actions.verify_document(document=document, how=how, source=source, by=by)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_verification_says_who_when_and_how(document: Document) -> None:
    officer = UserFactory(roles=OFFICER, name="Ruth Okafor")
    fact = verify(document, officer)
    assert (fact.said_by, str(fact)) == (
        "Ruth Okafor, programme officer",
        "Checked in the public registry: Register, no. 7",
    )
    assert AuditEntry.objects.about(document).get(event="verified").actor_id == officer.pk


def test_officers_and_its_reviewers_verify_and_nobody_else(submission: Submission, document: Document) -> None:
    assert verify(document, reviewer_of(submission)).said_by == "A reviewer"
    insider = UserFactory(roles=OFFICER)
    MembershipFactory(organisation=submission.organisation, user=insider, ended=True)
    others = [owner_of(submission), insider, UserFactory(), UserFactory(roles=["reviewer"])]
    others += [UserFactory(roles=[role]) for role in ("director", "finance_officer", "auditor", "administrator")]
    for somebody in others:
        with pytest.raises(PermissionDenied):
            verify(document, somebody)


@pytest.mark.parametrize(
    ("how", "source", "field"), [("guess", "x", "how"), ("registry", " ", "source"), ("registry", "x" * 201, "source")]
)
def test_bad_verifications_are_refused(document: Document, how: str, source: str, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        verify(document, UserFactory(roles=OFFICER), how, source)
    assert list(refused.value.message_dict) == [field]


def test_recording_the_same_twice_is_refused_in_words(document: Document) -> None:
    officer = UserFactory(roles=OFFICER)
    verify(document, officer)
    with pytest.raises(ValidationError, match="You have recorded this already"):
        verify(document, officer)


@pytest.mark.parametrize("state", ["quarantined", "rejected"])
def test_only_what_is_accepted_is_verified(submission: Submission, state: str) -> None:
    paper = PaperFactory(organisation=submission.organisation)
    waiting = DocumentFactory(paper=paper, rejected=state == "rejected")
    with pytest.raises(Refused):
        verify(waiting, UserFactory(roles=OFFICER))


def test_a_verification_is_taken_back_once_with_why(submission: Submission, document: Document) -> None:
    reviewer, officer = reviewer_of(submission), UserFactory(roles=OFFICER)
    fact = verify(document, reviewer)
    with pytest.raises(PermissionDenied):
        actions.withdraw_verification(verification=fact, reason="No.", by=reviewer_of(submission))
    with pytest.raises(ValidationError):
        actions.withdraw_verification(verification=fact, reason=" ", by=reviewer)
    actions.withdraw_verification(verification=fact, reason="Another number.", by=officer)
    with pytest.raises(Refused):
        actions.withdraw_verification(verification=fact, reason="Again.", by=officer)
    assert Document.objects.get(pk=document.pk).verified == []
    assert verify(document, reviewer).withdrawn_at is None


@pytest.mark.both
def test_the_database_keeps_verifications_and_viewings() -> None:
    document = submission_in("submitted").links[0].paper.current
    officer = UserFactory(roles=OFFICER)
    fact = verify(document, officer)
    actions.note_seen(document=document, by=officer)
    for table, change in (
        (Verification, {"source": "other"}),
        (Verification, {"verified_at": timezone.now()}),
        (Viewing, {"role": "director"}),
        (Document, {"issuer": "other"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            table.objects.update(**change)
    for table in (Verification, Viewing):
        with pytest.raises(DatabaseError), transaction.atomic():
            table.objects.all()._raw_delete("default")
    actions.withdraw_verification(verification=fact, reason="Wrong.", by=officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        Verification.objects.update(withdrawal_reason="right after all")


def test_verified_shows_wherever_the_paper_shows_and_in_the_next_submission(
    submission: Submission, document: Document
) -> None:
    owner, reviewer = owner_of(submission), reviewer_of(submission)
    verify(document, UserFactory(roles=OFFICER, name="Ruth Okafor"), source="Register, no. 7")
    later = start_submission(
        organisation=submission.organisation, programme=ProgrammeFactory(), answers=answers(), by=owner
    )
    version = reverse("partners:submission_version", args=[submission.number, 1])
    places = {
        owner: [
            document.paper.get_absolute_url(),
            submission.get_absolute_url(),
            version,
            reverse("partners:submission_papers", args=[later.number]),
            reverse("partners:passport", args=[submission.organisation_id]),
        ],
        reviewer: [document.paper.get_absolute_url(), submission.get_absolute_url(), version],
    }
    for user, addresses in places.items():
        for address in addresses:
            page = signed_in(user).get(address).content.decode()
            assert "by Ruth Okafor, programme officer: Checked in the public registry (Register, no. 7)" in page, (
                address
            )
    vault = signed_in(owner).get(reverse("partners:vault", args=[submission.organisation_id])).content.decode()
    assert "Verified " in vault


def test_verifying_and_taking_back_on_pages(submission: Submission, document: Document) -> None:
    officer = UserFactory(roles=OFFICER, totp=True)
    client = signed_in(officer)
    address = reverse("partners:document_verify", args=[document.pk])
    assert address in client.get(document.paper.get_absolute_url()).content.decode()
    assert client.get(address).status_code == 200
    empty = client.post(address, {"source": "kept"})
    assert (empty.status_code, 'value="kept"' in empty.content.decode()) == (422, True)
    assert client.post(address, {"how": "code", "source": "QR"}).status_code == 302
    fact = Verification.objects.get()
    back = reverse("partners:verification_withdraw", args=[fact.pk])
    assert back in client.get(document.paper.get_absolute_url()).content.decode()
    assert client.get(back).status_code == 200
    assert client.post(back, {"reason": ""}).status_code == 422
    assert client.post(back, {"reason": "Wrong code."}).status_code == 302
    assert "Wrong code." not in client.get(document.paper.get_absolute_url()).content.decode()
    waiting = DocumentFactory(paper=PaperFactory(organisation=submission.organisation))
    assert client.get(reverse("partners:document_verify", args=[waiting.pk])).status_code == 409
    assert signed_in(owner_of(submission)).get(back).status_code == 403
    assert signed_in(MembershipFactory().user).get(back).status_code == 404


def fetch(client: Client, document: Document, **query: str) -> None:
    answer = client.get(reverse("partners:document_download", args=[document.pk]), query)
    assert b"".join(answer.streaming_content)


def test_downloads_are_noted_once_a_person_and_day_and_shown_to_the_partner(
    submission: Submission, document: Document
) -> None:
    owner, reviewer = owner_of(submission), reviewer_of(submission)
    officer = UserFactory(roles=OFFICER, totp=True, name="Ruth Okafor")
    start = timezone.now()
    for user in (officer, officer, owner, reviewer):
        fetch(signed_in(user), document, inline="1")
    assert [seen.said_by for seen in Viewing.objects.all()] == ["Ruth Okafor, programme officer", "A reviewer"]
    with time_machine.travel(start + timedelta(days=1)):
        fetch(signed_in(officer), document)
    assert Viewing.objects.filter(user=officer).count() == 2
    page = signed_in(owner).get(document.paper.get_absolute_url()).content.decode()
    assert "Ruth Okafor, programme officer: " in page
    assert "A reviewer: " in page
    for user in (reviewer, officer):
        page = signed_in(user).get(document.paper.get_absolute_url()).content.decode()
        assert "Seen by" not in page
    assert "Unnamed Reviewer" not in signed_in(owner).get(document.paper.get_absolute_url()).content.decode()


def test_a_superseded_version_stays_readable_where_it_was_sent(submission: Submission, document: Document) -> None:
    client = signed_in(reviewer_of(submission))
    newer = DocumentFactory(paper=document.paper, checked_at=timezone.now())
    finding = Finding(Verdict.ACCEPTED, None, "application/pdf")
    actions.settle_check(document=newer, finding=finding, by=User.objects.system("background"))
    assert Document.objects.get(pk=document.pk).state == "superseded"
    fetch(client, document)
    page = client.get(document.paper.get_absolute_url()).content.decode()
    assert ("Version 1" in page, "Version 2" in page) == (True, False)
    version = client.get(reverse("partners:submission_version", args=[submission.number, 1])).content.decode()
    assert reverse("partners:document_read", args=[document.pk]) in version


def test_noting_comes_after_the_file_and_spoils_no_download(
    document: Document, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    officer = UserFactory(roles=OFFICER, totp=True)
    client = signed_in(officer)
    answer = client.get(reverse("partners:document_download", args=[document.pk]))
    assert not Viewing.objects.exists()
    assert b"".join(answer.streaming_content)
    assert Viewing.objects.count() == 1

    def broken() -> None:
        raise OSError("locked")

    response = files.StoredFileResponse(iter([b"x"]), after=broken)
    response.close()
    response.close()
    assert caplog.text.count("What follows a download failed") == 1


def test_the_page_of_a_paper_has_the_same_queries_whatever_its_history(
    submission: Submission, django_assert_num_queries: object
) -> None:
    paper = PaperFactory(organisation=submission.organisation)
    DocumentFactory(paper=paper, superseded=True, checked_at=timezone.now())
    first = DocumentFactory(paper=paper, accepted=True, number=50)
    officers = [UserFactory(roles=OFFICER) for _ in range(3)]
    actions.note_seen(document=first, by=officers[0])
    verify(first, officers[0])
    client = signed_in(owner_of(submission))
    client.get(paper.get_absolute_url())
    with django_assert_num_queries(21):  # type: ignore[operator]
        client.get(paper.get_absolute_url())
    for officer in officers[1:]:
        actions.note_seen(document=first, by=officer)
        verify(first, officer)
    for _ in range(3):
        DocumentFactory(paper=paper, superseded=True, checked_at=timezone.now())
    with django_assert_num_queries(21):  # type: ignore[operator]
        client.get(paper.get_absolute_url())
