"""The vault: taken in once, checked, accepted or rejected, replaced, and opened only by who may."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, Paper
from partners.submissions.actions import give_access
from partners.vault import actions
from partners.vault.actions import Dates
from partners.vault.kinds import KINDS, kind_of
from partners.vault.shelf import shelf
from tests.factories.partners import (
    DocumentFactory,
    MembershipFactory,
    OrganisationFactory,
    PaperFactory,
    default_checklist,
    loader,
    stored_bytes,
    submission_in,
)
from tests.factories.portal import FunderFactory, UserFactory
from tests.partners.vault.sending import pdf, send
from vetting_portal.files import put
from vetting_portal.inspection import Finding, Verdict
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def accepted_finding() -> Finding:
    return Finding(Verdict.ACCEPTED, None, "application/pdf")


def test_a_paper_is_quarantined_then_accepted_by_its_check() -> None:
    document = send(pdf())
    assert (document.state, document.checked_at, document.paper.title) == ("quarantined", None, "Board minutes")
    drain()
    document = Document.objects.get()
    assert (document.state, document.media_type, document.scanned) == ("accepted", "application/pdf", False)
    assert document.accepted_by.is_system
    assert document.file.media_type == "application/pdf"
    assert [entry.event for entry in AuditEntry.objects.about(document)] == ["uploaded", "accept"]


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"", "empty.pdf", "empty"),
        (b"just text", "paper.pdf", "PDF"),
        (b"MZ\x90\x00", "setup.exe", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg", ""),
    ],
)
def test_a_bad_file_is_rejected_in_plain_words(content: bytes, name: str, word: str) -> None:
    send(content, name=name)
    drain()
    document = Document.objects.get()
    assert document.state == "rejected"
    assert word.lower() in document.rejection_reason.lower()
    assert "PDF" in document.send_instead
    drain()
    assert document.rejection_reason in mail.outbox[-1].body


def test_the_check_runs_twice_with_one_effect() -> None:
    document = send(pdf())
    drain()
    actions.check_document.func(document.pk)
    assert AuditEntry.objects.about(document).filter(event="accept").count() == 1


def test_a_file_that_cannot_be_checked_stays_in_quarantine() -> None:
    document = send(pdf())
    finding = Finding(Verdict.QUARANTINED, "The scanner does not answer.", "application/pdf")
    kept = actions.settle_check(document=document, finding=finding, by=User.objects.system("background"))
    assert (kept.state, kept.check_reason) == ("quarantined", "The scanner does not answer.")
    with pytest.raises(PermissionDenied):
        actions.accept_document(document=kept, by=kept.uploaded_by)


def test_the_same_bytes_are_recognised() -> None:
    organisation = OrganisationFactory()
    first = send(pdf(), organisation=organisation, title="Statutes")
    with pytest.raises(ValidationError, match=r"as “Statutes”\. It is in your papers already"):
        send(pdf(), organisation=organisation)
    assert Paper.objects.count() == 1
    actions.reject_document(document=first, reason="It ended.", by=User.objects.system("background"))
    with pytest.raises(ValidationError, match=r"It was not accepted: It ended\."):
        actions.add_version(paper=first.paper, blob=put(pdf()), original_name="x.pdf", by=organisation.created_by)
    assert send(pdf(), organisation=OrganisationFactory()).number == 1


def test_a_newer_version_replaces_the_older_when_it_is_accepted() -> None:
    old = send(pdf("old"))
    drain()
    new = actions.add_version(paper=old.paper, blob=put(pdf("new")), original_name="n.pdf", by=old.uploaded_by)
    assert Document.objects.get(pk=old.pk).state == "accepted"
    drain()
    assert [d.state for d in Document.objects.order_by("number")] == ["superseded", "accepted"]
    assert Paper.objects.get().current == new


def test_an_older_version_that_is_checked_late_gives_way() -> None:
    paper = PaperFactory()
    late = DocumentFactory(paper=paper)
    DocumentFactory(paper=paper, accepted=True)
    settled = actions.settle_check(document=late, finding=accepted_finding(), by=loader())
    assert settled.state == "superseded"


def test_only_members_send() -> None:
    organisation = OrganisationFactory()
    editor = MembershipFactory(organisation=organisation).user
    send(pdf(), organisation=organisation, by=editor)
    gone = MembershipFactory(organisation=organisation, ended=True).user
    for somebody in (gone, UserFactory(), UserFactory(roles=["programme_officer"])):
        with pytest.raises(PermissionDenied):
            send(pdf("b"), organisation=organisation, by=somebody)


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "poem"},
        {"title": "x" * 161},
        {"dates": Dates(issued_on=date(2026, 2, 1), expires_on=date(2026, 1, 1))},
    ],
)
def test_bad_facts_of_a_paper_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        send(pdf(), **bad)
    assert not Document.objects.exists()


def test_officer_rejects_and_takes_it_back() -> None:
    submission = submission_in("submitted")
    officer = UserFactory(roles=["programme_officer"])
    document = submission.links[0].paper.current
    with pytest.raises(ValidationError):
        actions.reject_document(document=document, reason=" ", by=officer)
    rejected = actions.reject_document(document=document, reason="It ended.", send_instead="The new one.", by=officer)
    assert (rejected.state, rejected.rejected_by, rejected.send_instead) == ("rejected", officer, "The new one.")
    with pytest.raises(Refused):
        actions.reject_document(document=document, reason="Again.", by=officer)
    taken = actions.accept_document(document=document, by=officer, note="My mistake.")
    assert (taken.state, taken.rejected_at, taken.rejection_reason) == ("accepted", None, "")


def test_nobody_accepts_what_was_not_checked() -> None:
    submission = submission_in("submitted")
    officer = UserFactory(roles=["programme_officer"])
    document = DocumentFactory(paper=PaperFactory(organisation=submission.organisation))
    with pytest.raises(Refused, match="have not passed"):
        actions.accept_document(document=document, by=officer)
    actions.recheck_document(document=document, by=officer)
    with pytest.raises(PermissionDenied):
        actions.recheck_document(document=document, by=UserFactory(roles=["reviewer"]))


@pytest.mark.parametrize("roles", [[], ["reviewer"], ["director"], ["finance_officer"], ["auditor"], ["administrator"]])
def test_others_judge_nothing(roles: list[str]) -> None:
    document = submission_in("submitted").links[0].paper.current
    with pytest.raises(PermissionDenied):
        actions.reject_document(document=document, reason="No.", by=UserFactory(roles=roles))


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "accepted"},
        {"state": "rejected"},
        {"state": "superseded"},
        {"state": "lost"},
        {"accepted_at": datetime(2026, 11, 1, tzinfo=UTC)},
        {"number": 0},
    ],
)
def test_the_database_holds_states_to_their_stamps(broken: dict[str, Any]) -> None:
    document = DocumentFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**broken)


def test_the_bytes_of_a_document_never_change() -> None:
    document = DocumentFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(file=stored_bytes())


def test_visible_to_and_view_agree() -> None:
    submission = submission_in("submitted")
    organisation = submission.organisation
    reviewer, gone = UserFactory(roles=["reviewer"]), UserFactory(roles=["reviewer"])
    officer = UserFactory(roles=["programme_officer"])
    for user in (reviewer, gone):
        give_access(submission=submission, user=user, as_role="reviewer", by=officer)
    gone.accesses.update(until_at=timezone.now())
    sent = submission.links[0].paper.current
    later = DocumentFactory(paper=PaperFactory(organisation=organisation), accepted=True)
    private = DocumentFactory(paper=PaperFactory(), accepted=True)
    people = [organisation.created_by, private.uploaded_by, reviewer, gone, officer, UserFactory()]
    people += [UserFactory(roles=[role]) for role in ("director", "finance_officer", "auditor", "administrator")]
    people.append(MembershipFactory(organisation=organisation, ended=True).user)
    for user in people:
        seen = set(Document.objects.visible_to(user))
        for document in (sent, later, private):
            assert user.has_perm("partners.view_document", document) == (document in seen), (user.pk, document.pk)
    assert set(Document.objects.visible_to(reviewer)) == {link.paper.current for link in submission.links}
    assert not Document.objects.visible_to(gone).exists()


def test_download_asks_at_each_request(client: Client) -> None:
    FunderFactory()
    document = send(pdf())
    address = reverse("partners:document_download", args=[document.pk])
    assert client.get(address).status_code == 302
    client.force_login(document.uploaded_by)
    assert client.get(address).status_code == 409
    drain()
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == pdf()
    assert answer["Content-Disposition"] == 'attachment; filename="paper.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404
    document.paper.organisation.memberships.update(until_at=timezone.now(), ended_by=document.uploaded_by)
    client.force_login(document.uploaded_by)
    assert client.get(address).status_code == 404


def test_vault_page_takes_a_paper_and_says_what_is_wrong(client: Client) -> None:
    FunderFactory()
    default_checklist()
    organisation = OrganisationFactory()
    client.force_login(organisation.created_by)
    address = reverse("partners:vault", args=[organisation.pk])
    assert "No paper is here yet" in client.get(address).content.decode()
    empty = client.post(address, {"kind": "minutes", "title": "Kept", "file": SimpleUploadedFile("a.pdf", b"")})
    assert empty.status_code == 422
    assert "This file is empty." in empty.content.decode()
    assert 'value="Kept"' in empty.content.decode()
    assert "Choose a file." in client.post(address, {"kind": "minutes"}).content.decode()
    assert client.post(address, {"kind": "minutes", "file": SimpleUploadedFile("a.pdf", pdf())}).status_code == 302
    again = client.post(address, {"kind": "minutes", "file": SimpleUploadedFile("b.pdf", pdf())})
    assert (again.status_code, "need not send it again" in again.content.decode()) == (422, True)
    drain()
    page = client.get(address).content.decode()
    assert "Not scanned for malware" in page
    assert client.get(address, {"show": "need"}).status_code == 200
    paper = Paper.objects.get()
    newer = client.post(paper.get_absolute_url(), {"file": SimpleUploadedFile("c.pdf", pdf("c"))})
    assert newer.status_code == 302
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404


def test_too_large_a_file_is_refused_next_to_its_field(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory()
    client.force_login(organisation.created_by)
    large = SimpleUploadedFile("a.pdf", b"0" * 25_000_001)
    answer = client.post(reverse("partners:vault", args=[organisation.pk]), {"kind": "minutes", "file": large})
    assert (answer.status_code, "too large" in answer.content.decode()) == (422, True)
    assert not Document.objects.exists()


def test_officer_judges_on_pages(client: Client) -> None:
    FunderFactory()
    document = submission_in("submitted").links[0].paper.current
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    reject = reverse("partners:document_reject", args=[document.pk])
    accept = reverse("partners:document_accept", args=[document.pk])
    assert client.get(document.paper.get_absolute_url()).status_code == 200
    assert client.get(reject).status_code == 200
    assert client.post(reject, {"reason": ""}).status_code == 422
    assert client.post(reject, {"reason": "It ended."}).status_code == 302
    assert client.post(reject, {"reason": "It ended."}).status_code == 409
    assert client.get(accept).status_code == 200
    assert client.post(accept, {"reason": "It is fine."}).status_code == 302
    waiting = DocumentFactory(paper=PaperFactory(organisation=document.paper.organisation))
    assert client.post(reverse("partners:document_check", args=[waiting.pk])).status_code == 302
    assert client.post(document.paper.get_absolute_url(), {}).status_code == 403


def test_shelf_sorts_by_who_must_act() -> None:
    organisation, today = OrganisationFactory(), timezone.localdate()
    criteria = list(default_checklist().criteria.all())

    def paper(kind: str, **fields: Any) -> Paper:
        made = PaperFactory(organisation=organisation, kind=kind, title=kind)
        if fields:
            DocumentFactory(paper=made, **fields)
        return made

    paper("reference")
    paper("minutes", rejected=True)
    paper("accounts", accepted=True, issued_on=today - timedelta(days=900))
    paper("bank_letter", accepted=True, expires_on=today + timedelta(days=40))
    paper("budget")
    DocumentFactory(paper=Paper.objects.get(kind="budget"))
    paper("proposal", accepted=True)
    paper("other", accepted=True, expires_on=today)
    rows = {
        row.paper.kind: (row.group, row.state, row.state_text)
        for row in shelf(Paper.objects.for_vault(), criteria, today)
    }
    assert rows == {
        "reference": ("need", "not_sent", "Not sent yet"),
        "minutes": ("need", "rejected", "Not accepted"),
        "accounts": ("need", "expires", "Out of date"),
        "bank_letter": ("need", "expires", "Expires in 40 days"),
        "budget": ("checking", "quarantined", "Being checked"),
        "proposal": ("accepted", "accepted", "Accepted"),
        "other": ("need", "expires", "Expires today"),
    }


def test_kinds_name_criteria_of_the_default_checklist() -> None:
    codes = set(default_checklist().criteria.values_list("code", flat=True))
    assert {kind.code for kind in KINDS} - {""} <= codes
    assert kind_of("no longer used").key == "other"


@pytest.mark.parametrize("act", ["add", "settle", "reject"])
def test_nothing_happens_without_its_audit_entry(act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = DocumentFactory()
    before = (document.state, Document.objects.count(), Paper.objects.count())

    def fail(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("vetting_portal.audit.append", fail)
    system = User.objects.system("background")
    calls: dict[str, Any] = {
        "add": lambda: send(pdf(), organisation=document.paper.organisation),
        "settle": lambda: actions.settle_check(document=document, finding=accepted_finding(), by=system),
        "reject": lambda: actions.reject_document(document=document, reason="No.", by=system),
    }
    with pytest.raises(OSError, match="no room"):
        calls[act]()
    assert (Document.objects.get(pk=document.pk).state, Document.objects.count(), Paper.objects.count()) == before
