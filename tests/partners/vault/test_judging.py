"""An officer's word on an older version: accepted after all, or again, as long as no newer one counts."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, Paper
from partners.vault import actions
from partners.vault.shelf import shelf
from tests.factories.partners import DocumentFactory, OrganisationFactory, PaperFactory, submission_in
from tests.factories.portal import FunderFactory, UserFactory
from tests.partners.vault.sending import pdf, send
from vetting_portal.duties import duties
from vetting_portal.files import put
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db

AFTER_ALL, AGAIN = "Accept after all", "Accept this version again"


def applicants_paper() -> Paper:
    organisation = OrganisationFactory()
    submission_in("submitted", organisation=organisation)
    return PaperFactory(organisation=organisation, created_by=organisation.created_by)


def officer_at(client: Client) -> User:
    FunderFactory()
    officer = UserFactory(roles=["programme_officer"], totp=True)
    client.force_login(officer)
    return officer


def test_an_old_version_is_not_offered_for_acceptance_while_a_newer_one_counts(client: Client) -> None:
    officer = officer_at(client)
    paper = applicants_paper()
    old = DocumentFactory(paper=paper, rejected=True, checked_at=timezone.now())
    address = reverse("partners:document_accept", args=[old.pk])
    assert AFTER_ALL in client.get(paper.get_absolute_url()).content.decode()
    newer = DocumentFactory(paper=paper, accepted=True)
    assert AFTER_ALL not in client.get(paper.get_absolute_url()).content.decode()
    refused = client.get(address)
    assert (refused.status_code, "Version 2 of this paper is accepted" in refused.content.decode()) == (409, True)
    assert client.post(address, {"reason": "It is fine."}).status_code == 409
    with pytest.raises(Refused, match="Version 2 of this paper is accepted"):
        actions.accept_document(document=old, by=officer)
    assert Document.objects.get(pk=newer.pk).state == "accepted"


def test_what_the_checks_have_not_passed_is_not_offered_for_acceptance(client: Client) -> None:
    officer_at(client)
    paper = applicants_paper()
    DocumentFactory(paper=paper, rejected=True, checked_at=None)
    assert AFTER_ALL not in client.get(paper.get_absolute_url()).content.decode()


def test_a_newer_version_that_is_accepted_after_all_takes_the_place_of_the_older(client: Client) -> None:
    officer_at(client)
    paper = applicants_paper()
    older = DocumentFactory(paper=paper, accepted=True)
    newer = DocumentFactory(paper=paper, rejected=True, checked_at=timezone.now())
    assert AFTER_ALL in client.get(paper.get_absolute_url()).content.decode()
    address = reverse("partners:document_accept", args=[newer.pk])
    assert client.post(address, {"reason": "It is fine."}).status_code == 302
    assert [Document.objects.get(pk=each.pk).state for each in (older, newer)] == ["superseded", "accepted"]


def wrong_over_right(officer: User) -> tuple[Document, Document]:
    """Return a right version and the wrong one that took its place and was turned down then."""
    right = send(pdf("right"), organisation=applicants_paper().organisation, title="Statutes")
    drain()
    wrong = actions.add_version(
        paper=right.paper, blob=put(pdf("wrong")), original_name="wrong.pdf", by=right.uploaded_by
    )
    drain()
    mail.outbox.clear()
    actions.reject_document(document=wrong, reason="This is another paper.", by=officer)
    drain()
    return Document.objects.get(pk=right.pk), Document.objects.get(pk=wrong.pk)


def states(paper: Paper) -> list[str]:
    return list(paper.documents.order_by("number").values_list("state", flat=True))


def group_of(paper: Paper) -> str:
    rows = shelf(Paper.objects.for_vault(), [], timezone.localdate())
    return next(row.group for row in rows if row.paper == paper)


def test_an_officer_accepts_a_version_again_that_gave_way_to_a_wrong_one(client: Client) -> None:
    officer = officer_at(client)
    right, _ = wrong_over_right(officer)
    paper, owner = right.paper, right.uploaded_by
    assert (states(paper), group_of(paper)) == (["superseded", "rejected"], "need")
    assert [duty.key for duty in duties(owner)] == ["partners.replace_document"]
    address = reverse("partners:document_accept", args=[right.pk])
    page = client.get(paper.get_absolute_url()).content.decode()
    assert (AGAIN in page, f'href="{address}"' in page) == (True, True)
    assert "No version of this paper is accepted now" in client.get(address).content.decode()
    assert client.post(address, {"reason": "The newer file was another paper."}).status_code == 302
    assert (states(paper), group_of(paper)) == (["accepted", "rejected"], "accepted")
    assert duties(owner) == []
    fresh = Document.objects.get(pk=right.pk)
    assert (fresh.accepted_by, fresh.superseded_at, fresh.superseded_by) == (officer, None, None)
    entry = AuditEntry.objects.about(right).get(event="accept", actor_id=officer.pk)
    assert (entry.from_state, entry.to_state, entry.words.note) == (
        "superseded", "accepted", "The newer file was another paper."
    )  # fmt: skip
    assert AGAIN not in client.get(paper.get_absolute_url()).content.decode()
    assert client.get(address).status_code == 409


def test_nobody_accepts_a_replaced_version_while_another_counts(client: Client) -> None:
    officer = officer_at(client)
    paper = applicants_paper()
    old = DocumentFactory(paper=paper, superseded=True, checked_at=timezone.now())
    DocumentFactory(paper=paper, accepted=True)
    assert AGAIN not in client.get(paper.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="Version 2 of this paper is accepted"):
        actions.accept_document(document=old, by=officer)
    with pytest.raises(PermissionDenied):
        actions.accept_document(document=old, by=paper.created_by)


def test_a_partner_sends_the_right_file_again_and_it_counts_at_once(client: Client) -> None:
    officer = officer_at(client)
    right, _ = wrong_over_right(officer)
    paper, owner = right.paper, right.uploaded_by
    told = mail.outbox[-1].body
    assert "Version 1 (paper.pdf) was accepted before. If it is the right one, send that file again" in told
    with pytest.raises(ValidationError, match="send it on the page of that paper"):
        send(pdf("right"), organisation=paper.organisation)
    client.force_login(owner)
    file = SimpleUploadedFile("again.pdf", pdf("right"))
    said = client.post(paper.get_absolute_url(), {"file": file, "seen": "2"}, follow=True).content.decode()
    assert "We know this file: it is version 1. It counts again, with the dates it had." in said
    assert (states(paper), group_of(paper), duties(owner)) == (["accepted", "rejected"], "accepted", [])
    assert [entry.event for entry in AuditEntry.objects.about(right)][-2:] == ["sent_again", "accept"]
    with pytest.raises(ValidationError, match="need not send it again"):
        actions.add_version(paper=paper, blob=put(pdf("right")), original_name="a.pdf", by=owner)
    with pytest.raises(ValidationError, match="This is another paper"):
        actions.add_version(paper=paper, blob=put(pdf("wrong")), original_name="a.pdf", by=owner)


def test_a_version_that_was_taken_again_ends_and_is_replaced_like_any_other() -> None:
    officer = UserFactory(roles=["programme_officer"])
    right, _ = wrong_over_right(officer)
    paper, owner = right.paper, right.uploaded_by
    actions.accept_document(document=right, by=officer)
    Document.objects.filter(pk=right.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    assert [duty.key for duty in duties(owner)] == ["partners.renew_document"]
    newer = actions.add_version(paper=paper, blob=put(pdf("newer")), original_name="n.pdf", by=owner)
    assert duties(owner) == []
    drain()
    assert states(paper) == ["superseded", "rejected", "accepted"]
    actions.reject_document(document=newer, reason="A page is missing.", by=officer)
    assert [duty.facts["reason"] for duty in duties(owner)] == ["A page is missing."]
    assert Paper.objects.get(pk=paper.pk).leading == newer


def test_what_was_turned_down_says_nothing_of_an_earlier_version_where_there_is_none() -> None:
    officer = UserFactory(roles=["programme_officer"])
    paper = applicants_paper()
    only = DocumentFactory(paper=paper, accepted=True)
    actions.reject_document(document=only, reason="It ended.", by=officer)
    drain()
    assert "was accepted before" not in mail.outbox[-1].body
