"""An officer's word on an older version: accepted after all, or again, as long as no newer one counts."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, Paper
from partners.vault import actions
from tests.factories.partners import DocumentFactory, OrganisationFactory, PaperFactory, submission_in
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db

AFTER_ALL = "Accept after all"


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
