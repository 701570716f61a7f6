"""Referees: named by the partner, from outside, also after sending; taken back while nobody wrote to them."""

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from partners.models import Referee, Submission
from partners.submissions.actions import name_referee, remove_referee
from partners.submissions.independence import inside_problems
from tests.factories.partners import (
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    SubmissionFactory,
    referee_of,
    submission_in,
)
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Noi Example",
    "relation": "She leads a shelter.",
    "organisation": "A shelter",
    "email": "noi@shelter.example.net",
    "language": "Thai",
}


def owner_of(submission: Submission) -> User:
    return submission.organisation.owners().get().user


def test_a_partner_names_and_takes_back():
    draft = SubmissionFactory()
    referee = name_referee(submission=draft, by=owner_of(draft), **FIELDS)
    assert list(draft.referees.values_list("name", flat=True)) == ["Noi Example"]
    remove_referee(referee=referee, by=owner_of(draft))
    assert not draft.referees.exists()


def test_one_more_is_named_after_sending_but_none_is_taken_back():
    sent = submission_in("in_review")
    name_referee(submission=sent, by=owner_of(sent), **FIELDS)
    assert sent.referees.count() == 3
    with pytest.raises(Refused, match="It is sent"):
        remove_referee(referee=sent.referees.first(), by=owner_of(sent))
    decided = submission_in("recommended")
    with pytest.raises(Refused, match="recommended now"):
        name_referee(submission=decided, by=owner_of(decided), **FIELDS)


def test_strangers_and_staff_name_nobody():
    draft = SubmissionFactory()
    for user in (UserFactory(), UserFactory(roles=["programme_officer"])):
        with pytest.raises(PermissionDenied):
            name_referee(submission=draft, by=user, **FIELDS)
    assert not Referee.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  prasért, ANONG "}, "name"),
        ({"name": "Dr Anong Prasert"}, "name"),
        ({"name": "อนงค์ ประเสริฐ"}, "name"),
        ({"name": "Mei Owner"}, "name"),
        ({"email": "someone@LIFT.example.net"}, "email"),
        ({"email": "someone@mail.lift.example.net"}, "email"),
        ({"email": "board@website.example.com"}, "email"),
        ({"email": "mei@gmail.com"}, "email"),
    ],
)
def test_somebody_from_inside_is_refused_next_to_the_field(change, field):
    organisation = OrganisationFactory(
        people=False,
        website="https://www.website.example.com/about",
        created_by=UserFactory(email="a@lift.example.net"),
    )
    MembershipFactory(organisation=organisation, user=UserFactory(email="mei@gmail.com", name="Mei Owner"))
    PersonFactory(organisation=organisation, name="Anong Prasert", local_name="อนงค์ ประเสริฐ")
    draft = SubmissionFactory(organisation=organisation)
    with pytest.raises(ValidationError) as refused:
        name_referee(submission=draft, by=organisation.created_by, **{**FIELDS, **change})
    assert list(refused.value.message_dict) == [field]


def test_a_public_mail_service_says_nothing():
    organisation = OrganisationFactory(created_by=UserFactory(email="owner@gmail.com"))
    assert inside_problems(organisation, name="Noi Example", email="noi@gmail.com") == {}


def test_the_same_address_is_named_once():
    draft = SubmissionFactory()
    name_referee(submission=draft, by=owner_of(draft), **FIELDS)
    with pytest.raises(ValidationError, match="already"):
        name_referee(submission=draft, by=owner_of(draft), **{**FIELDS, "email": "NOI@shelter.example.net"})
    with pytest.raises(IntegrityError), transaction.atomic():
        referee_of(draft, 1, email="Noi@Shelter.example.net").save()


@pytest.mark.parametrize("change", [{"name": ""}, {"email": "no address"}, {"name": "x" * 300}, {"language": ""}])
def test_bad_fields_are_refused(change):
    draft = SubmissionFactory()
    with pytest.raises(ValidationError):
        name_referee(submission=draft, by=owner_of(draft), **{**FIELDS, **change})


def test_seven_are_too_many():
    draft = SubmissionFactory()
    Referee.objects.bulk_create(referee_of(draft, number) for number in range(6))
    with pytest.raises(Refused, match="enough"):
        name_referee(submission=draft, by=owner_of(draft), **FIELDS)


def test_the_page_names_and_keeps_what_was_typed():
    FunderFactory()
    draft = SubmissionFactory()
    client = Client()
    client.force_login(owner_of(draft), backend=settings.AUTHENTICATION_BACKENDS[-1])
    page = reverse("partners:submission_referees", args=[draft.number])
    refused = client.post(page, {**FIELDS, "email": "nobody"})
    assert refused.status_code == 422
    words = refused.content.decode()
    assert "Give an e-mail address" in words
    assert "Confirm this, or name somebody else." in words
    assert "She leads a shelter." in words
    assert client.post(page, {**FIELDS, "is_outside": "on"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "noi@shelter.example.net" in shown
    remove = reverse("partners:submission_referee_remove", args=[draft.number, draft.referees.get().pk])
    assert client.post(remove).status_code == 302
    assert not draft.referees.exists()
