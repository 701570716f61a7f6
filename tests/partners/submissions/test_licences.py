"""Licences: what one opens, for whom, until when; and where the work happens counts as well."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Embargo, Licence
from partners.submissions.actions import record_licence, withdraw_licence
from partners.submissions.missing import place_blockers
from tests.factories.partners import LicenceFactory, OrganisationFactory, SubmissionFactory, answers
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.files import put
from vetting_portal.models import AuditEntry
from vetting_portal.papers import CheckedPaper
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def cuban(**fields):
    return SubmissionFactory(organisation=OrganisationFactory(country="CU"), **fields)


def told(submission) -> list[str]:
    return [str(reason) for reason in place_blockers(type(submission).objects.get(pk=submission.pk))]


def given(**changes):
    fields = {
        "embargo": Embargo.objects.get(country="CU"), "kind": "general", "number": "31 CFR 515.575",
        "authority": "OFAC", "scope": "Humanitarian projects.", "granted_on": timezone.localdate(),
    }  # fmt: skip
    return {**fields, **changes}


def officer():
    return UserFactory(roles=["programme_officer"], totp=True)


def test_where_the_work_happens_counts_as_well():
    assert told(SubmissionFactory(prescreen=answers(country="IR").as_record())) == ["We cannot work in Iran now."]
    assert told(SubmissionFactory(prescreen={})) == ["We cannot read the country where you work."]
    assert told(SubmissionFactory()) == []


def test_a_licence_opens_its_own_place_and_no_other():
    submission = cuban(prescreen=answers(country="IR").as_record())
    LicenceFactory(organisation=submission.organisation)
    assert told(submission) == ["We cannot work in Iran now."]
    LicenceFactory(organisation=submission.organisation, embargo=Embargo.objects.get(country="IR"))
    assert told(submission) == []


def test_a_licence_of_one_submission_opens_no_other():
    mine = cuban()
    other = SubmissionFactory(organisation=mine.organisation)
    LicenceFactory(organisation=mine.organisation, submission=mine)
    assert (told(mine), told(other)) == ([], ["We cannot work in Cuba now."])


def test_a_licence_lets_pass_until_its_last_day():
    submission = cuban()
    licence = LicenceFactory(organisation=submission.organisation)
    assert told(submission) == []
    last = timezone.now() + timedelta(days=30)
    with time_machine.travel(last):
        assert told(submission) == []
        assert licence.is_good(timezone.localdate())
    with time_machine.travel(last + timedelta(days=1)):
        assert told(submission) == ["We cannot work in Cuba now."]
        assert not licence.is_good(timezone.localdate())


def test_an_officer_records_and_withdraws_one():
    submission, by = cuban(), officer()
    paper = CheckedPaper(put(b"%PDF-1.7 the licence"), "application/pdf", "licence.pdf")
    licence = record_licence(organisation=submission.organisation, by=by, paper=paper, **given())
    assert (licence.paper.sha256, licence.paper_name, told(submission)) == (paper.blob.sha256, "licence.pdf", [])
    with pytest.raises(ValidationError):
        withdraw_licence(licence=licence, reason=" ", by=by)
    withdraw_licence(licence=licence, reason="It was for another project.", by=by)
    assert told(submission) == ["We cannot work in Cuba now."]
    with pytest.raises(Refused):
        withdraw_licence(licence=licence, reason="Again.", by=by)
    events = [entry.event for entry in AuditEntry.objects.about(submission.organisation)]
    assert events == ["licence_recorded", "licence_withdrawn"]


@pytest.mark.parametrize(
    "changes", [{"scope": ""}, {"number": ""}, {"kind": "verbal"}, {"valid_until_on": "1999-01-01"}]
)
def test_a_licence_says_what_it_is(changes):
    with pytest.raises(ValidationError):
        record_licence(organisation=OrganisationFactory(), by=officer(), **given(**changes))


def test_only_officers_from_outside_record_one_and_only_for_its_own_submission():
    organisation = OrganisationFactory()
    for person in (organisation.created_by, UserFactory(roles=["director"]), UserFactory(roles=["administrator"])):
        with pytest.raises(PermissionDenied):
            record_licence(organisation=organisation, by=person, **given())
    with pytest.raises(ValidationError):
        record_licence(organisation=organisation, by=officer(), **given(submission=SubmissionFactory()))
    member = UserFactory(roles=["programme_officer"])
    organisation.memberships.create(user=member, role="editor", since_at=timezone.now())
    with pytest.raises(PermissionDenied):
        record_licence(organisation=organisation, by=member, **given())


def test_the_database_keeps_a_licence():
    licence = LicenceFactory()
    for spoil in (
        lambda: Licence.objects.filter(pk=licence.pk).delete(),
        lambda: Licence.objects.filter(pk=licence.pk).update(valid_until_on=None),
    ):
        with pytest.raises(DatabaseError, match="never removed"), transaction.atomic():
            spoil()


def test_pages_of_a_licence(client: Client):
    FunderFactory()
    organisation = OrganisationFactory(country="CU")
    client.force_login(officer())
    add = reverse("partners:licence_add", args=[organisation.pk])
    form = {**given(embargo=Embargo.objects.get(country="CU").pk), "granted_on": "2026-01-01"}
    assert client.post(add, {**form, "embargo": ""}).status_code == 422
    assert client.post(add, form).status_code == 302
    licence = Licence.objects.get()
    shown = client.get(organisation.get_absolute_url()).content.decode()
    assert "Humanitarian projects." in shown
    withdraw = reverse("partners:licence_withdraw", args=[licence.pk])
    assert client.get(withdraw).status_code == 200
    assert client.post(withdraw, {"reason": "Over."}).status_code == 302
    assert "withdrawn on" in client.get(organisation.get_absolute_url()).content.decode()
    client.force_login(organisation.created_by)
    assert "Humanitarian projects." not in client.get(organisation.get_absolute_url()).content.decode()
    assert client.get(withdraw).status_code == 404


def test_the_paper_of_a_licence_is_served_to_staff(client: Client):
    licence = record_licence(
        organisation=OrganisationFactory(), by=officer(), **given(),
        paper=CheckedPaper(put(b"%PDF-1.7 bytes"), "application/pdf", "licence.pdf"),
    )  # fmt: skip
    client.force_login(UserFactory(roles=["auditor"], totp=True))
    answer = client.get(reverse("partners:licence_paper", args=[licence.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 bytes"
