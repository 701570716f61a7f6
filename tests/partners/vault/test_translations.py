"""Translations: a checked file of its own that belongs to one version, and goes where the version goes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, EvidenceLink, FrozenEvidence, Paper
from partners.submissions.actions import give_access, link_paper, submit_submission
from partners.vault import actions
from partners.vault.actions import Dates
from partners.vault.shelf import shelf
from tests.factories.partners import MembershipFactory, PaperFactory, SubmissionFactory
from tests.factories.portal import FunderFactory, UserFactory
from tests.partners.vault.sending import accepted, pdf
from vetting_portal.duties import duties
from vetting_portal.files import put
from vetting_portal.models import User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def translate(document: Document, content: bytes, language: str = "English", name: str = "t.pdf") -> Document:
    return actions.add_translation(
        document=document, blob=put(content), original_name=name, language=language, by=document.uploaded_by
    )


def test_a_translation_is_checked_like_any_paper_and_belongs_to_its_version() -> None:
    original = accepted(dates=Dates(language="Thai"), title="Statutes")
    translation = translate(original, pdf("t"))
    assert (translation.state, translation.paper.translates, translation.language) == ("quarantined", original, "en")
    assert translation.paper.title == "Statutes, translation"
    assert Document.objects.get(pk=original.pk).current_translation is None
    drain()
    assert Document.objects.get(pk=original.pk).current_translation == translation
    better = translate(original, pdf("better"))
    drain()
    assert (better.paper, better.number) == (translation.paper, 2)
    assert Document.objects.get(pk=original.pk).current_translation == better
    assert Document.objects.get(pk=original.pk).state == "accepted"


@pytest.mark.parametrize(
    ("language", "words"), [("Thai", "is in Thai"), ("", "which language"), ("Elvish", "not know")]
)
def test_a_translation_says_its_language(language: str, words: str) -> None:
    original = accepted(dates=Dates(language="Thai"))
    with pytest.raises(ValidationError) as refused:
        translate(original, pdf("t"), language)
    assert words in refused.value.message_dict["language"][0]
    assert Paper.objects.count() == 1


def test_a_translation_of_the_wrong_type_is_refused(client: Client) -> None:
    FunderFactory()
    original = accepted()
    client.force_login(original.uploaded_by)
    address = reverse("partners:document_translation", args=[original.pk])
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"language": "English", "file": SimpleUploadedFile("t.zip", pdf("t"))})
    assert (wrong.status_code, "We cannot take a .zip file." in wrong.content.decode()) == (422, True)
    same = client.post(address, {"language": "English", "file": SimpleUploadedFile("t.pdf", pdf())})
    assert (same.status_code, "need not send it again" in same.content.decode()) == (422, True)
    assert (
        client.post(address, {"language": "English", "file": SimpleUploadedFile("t.pdf", b"text")}).status_code == 302
    )
    drain()
    translation = Document.objects.get(paper__translates=original)
    assert translation.state == "rejected"
    rows = shelf(Paper.objects.for_vault(), [], original.uploaded_at.date())
    assert (rows[0].paper, rows[0].group) == (translation.paper, "need")
    page = client.get(original.paper.get_absolute_url()).content.decode()
    assert translation.paper.get_absolute_url() in page


def test_translations_are_for_versions_that_count() -> None:
    original = accepted()
    translation = translate(original, pdf("t"))
    drain()
    with pytest.raises(Refused, match="a translation itself"):
        translate(translation, pdf("tt"))
    actions.add_version(paper=original.paper, blob=put(pdf("2")), original_name="2.pdf", by=original.uploaded_by)
    drain()
    with pytest.raises(Refused, match="replaced by a newer one"):
        translate(original, pdf("late"))
    with pytest.raises(Refused, match="replaced by a newer one"):
        actions.add_version(
            paper=translation.paper, blob=put(pdf("late")), original_name="x.pdf", by=original.uploaded_by
        )
    with pytest.raises(PermissionDenied):
        actions.add_translation(
            document=original, blob=put(b"x"), original_name="x.pdf", language="English", by=MembershipFactory().user
        )


def test_a_translation_is_sent_with_its_paper_and_never_alone() -> None:
    submission = SubmissionFactory(filled=True)
    owner = submission.organisation.owners().get().user
    original = accepted(organisation=submission.organisation, by=owner, dates=Dates(language="Thai"))
    translation = translate(original, pdf("t"))
    drain()
    criterion = submission.criteria[0]
    link_paper(submission=submission, criterion=criterion, paper=original.paper, by=owner)
    with pytest.raises(ValidationError, match="goes with its paper"):
        link_paper(submission=submission, criterion=criterion, paper=translation.paper, by=owner)
    submission.__dict__.pop("links", None)
    sent = submit_submission(submission=submission, by=owner)
    frozen = FrozenEvidence.objects.filter(version__submission=sent, document__in=[original, translation])
    assert {row.document for row in frozen} == {original, translation}
    entry = next(item for item in sent.latest_version.content["evidence"] if item["document"] == translation.pk)
    assert (entry["translates"], entry["language"]) == (original.pk, "en")
    assert not EvidenceLink.objects.filter(paper=translation.paper).exists()
    reviewer = UserFactory(roles=["reviewer"])
    give_access(submission=sent, user=reviewer, as_role="reviewer", by=UserFactory(roles=["programme_officer"]))
    assert translation in Document.objects.visible_to(reviewer)


def test_translations_are_not_offered_as_evidence(client: Client) -> None:
    FunderFactory()
    submission = SubmissionFactory()
    owner = submission.organisation.owners().get().user
    original = accepted(organisation=submission.organisation, by=owner, title="Statutes")
    translate(original, pdf("t"))
    PaperFactory(organisation=submission.organisation, title="Other")
    client.force_login(owner)
    page = client.get(reverse("partners:submission_paper_add", args=[submission.number]), {"criterion": "C1"})
    assert "Statutes</option>" in page.content.decode()
    assert "Statutes, translation" not in page.content.decode()


@pytest.mark.parametrize("becomes", ["superseded", "rejected"])
def test_a_translation_of_a_version_that_counts_no_more_is_not_asked_for(client: Client, becomes: str) -> None:
    FunderFactory()
    original = accepted(dates=Dates(language="Thai"), title="Statutes")
    owner, system = original.uploaded_by, User.objects.system("background")
    translation = translate(original, pdf("t"))
    actions.reject_document(document=translation, reason="A page is missing.", by=system)
    client.force_login(owner)
    address = translation.paper.get_absolute_url()
    assert [(duty.key, duty.url) for duty in duties(owner)] == [("partners.replace_document", f"{address}#send")]
    assert 'id="send"' in client.get(address).content.decode()
    if becomes == "superseded":
        actions.add_version(paper=original.paper, blob=put(pdf("2")), original_name="2.pdf", by=owner)
        drain()
    else:
        actions.reject_document(document=original, reason="It ended.", by=system)
    asked = {"superseded": [], "rejected": [original.paper.get_absolute_url()]}[becomes]
    assert [duty.url.removesuffix("#send") for duty in duties(owner)] == asked
    page = client.get(address).content.decode()
    assert ('id="send"' in page, "you need not send it again" in page) == (False, True)
    assert f'<a href="{original.paper.get_absolute_url()}">Statutes</a>' in page
    with pytest.raises(Refused, match=r"replaced by a newer one|not accepted"):
        actions.add_version(paper=translation.paper, blob=put(pdf("late")), original_name="x.pdf", by=owner)


def test_a_translation_that_ended_with_its_version_is_not_renewed() -> None:
    original = accepted(dates=Dates(language="Thai"))
    owner = original.uploaded_by
    translation = translate(original, pdf("t"))
    drain()
    Document.objects.filter(pk=translation.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    assert [duty.key for duty in duties(owner)] == ["partners.renew_document"]
    actions.add_version(paper=original.paper, blob=put(pdf("2")), original_name="2.pdf", by=owner)
    drain()
    assert duties(owner) == []
