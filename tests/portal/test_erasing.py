"""Forgetting a person on the administrator's pages: what goes everywhere, what stays, who cannot be erased yet."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.evidence.actions import export_evidence
from partners.models import Invitation, Membership, Person
from partners.organisations.actions import end_membership
from tests.factories import grants, reviews
from tests.factories.partners import MembershipFactory, OrganisationFactory, PersonFactory
from tests.factories.portal import FunderFactory, UserFactory
from tests.grants.evidence.bundles import found, unpack
from vetting_portal.actions import end_role
from vetting_portal.audit import breaks
from vetting_portal.models import AuditEntry, AuditWords, Role, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
WHY = "Asked in a signed letter; called back on the number on file."


@pytest.fixture
def admin() -> User:
    FunderFactory()
    return UserFactory(roles=["administrator"], totp=True)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def page(client: Client, kind: str, record) -> str:
    return client.get(reverse("portal:erase", args=[kind, record.pk])).content.decode()


def erase(client: Client, kind: str, record, reason: str = WHY):
    return client.post(reverse("portal:erase", args=[kind, record.pk]), {"reason": reason, "understood": "on"})


def everything() -> str:
    """Return every text of the database, to look for a name in it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 our own tables
            found.append(repr(cursor.fetchall()))
    return "\n".join(found)


def test_a_former_member_of_staff_is_gone_everywhere_and_the_trail_holds(admin):
    leaving = UserFactory(name="Wanida Leaving", email="wanida@example.org", roles=["programme_officer"], totp=True)
    organisation = OrganisationFactory()
    reviews.screened(organisation, by=leaving)
    end_role(user=leaving, role="programme_officer", by=admin)
    client = signed_in(admin)
    assert "Wanida Leaving" in client.get(reverse("portal:erasure"), {"q": "wanida@"}).content.decode()
    assert "What stays, and why" in page(client, "account", leaving)
    assert erase(client, "account", leaving).status_code == 302
    kept = everything()
    assert [word for word in ("Wanida", "wanida@") if word in kept] == []
    gone = User.objects.get(pk=leaving.pk)
    assert (gone.is_active, gone.has_usable_password()) == (False, False)
    assert not EmailAddress.objects.filter(user=gone).exists()
    mine = AuditWords.objects.filter(entry__actor_id=leaving.pk)
    assert mine.exists()
    assert not mine.filter(erased_at__isnull=True).exists()
    assert list(breaks()) == []
    call_command("verify_audit")
    entry = AuditEntry.objects.order_by("-seq")[0]
    assert (entry.event, entry.actor_id, entry.words.note) == ("person_erased", admin.pk, WHY)
    assert "Nobody found" in client.get(reverse("portal:erasure"), {"q": "wanida@"}).content.decode()
    assert "This person is erased" in page(client, "account", leaving)
    assert erase(client, "account", leaving).status_code == 302
    assert AuditEntry.objects.filter(event="person_erased").count() == 1


@pytest.mark.parametrize("role", Role.values)
def test_who_holds_a_role_is_not_erased(role, admin):
    person = UserFactory(roles=[role])
    client = signed_in(admin)
    assert f"is {Role(role).label.lower()} now" in page(client, "account", person)
    assert erase(client, "account", person).status_code == 409
    assert User.objects.get(pk=person.pk).name == person.name


def test_a_member_or_a_reviewer_at_work_is_not_erased_and_an_address_goes_from_invitations(admin):
    member = MembershipFactory(role=Membership.Role.EDITOR)
    client = signed_in(admin)
    assert erase(client, "account", member.user).status_code == 409
    owner = member.organisation.owners().get().user
    Invitation.objects.create(
        organisation=member.organisation, email=member.user.email, role="editor", token_sha256="a" * 64,
        invited_at=timezone.now(), invited_by=owner, expires_at=timezone.now() + timedelta(days=7),
        accepted_at=timezone.now(), accepted_by=member.user,
    )  # fmt: skip
    end_membership(membership=member, by=owner)
    address = member.user.email
    assert erase(client, "account", member.user).status_code == 302
    assert address not in everything()
    review = reviews.begun()
    end_role(user=review.reviewer, role="reviewer", by=admin)
    assert f"The review of application {review.submission.number} is open" in page(client, "account", review.reviewer)
    assert erase(client, "account", review.reviewer).status_code == 409


def test_a_referee_goes_and_what_was_said_stays(admin):
    request = reviews.reference_asked()
    client, referee = signed_in(admin), request.referee
    assert erase(client, "referee", referee).status_code == 409
    answer = reviews.reference_answered(request)
    name, address = referee.name, referee.email
    assert erase(client, "referee", referee).status_code == 302
    referee.refresh_from_db()
    assert (referee.name, referee.organisation) == ("Erased referee", "")
    assert address not in everything()
    answer.refresh_from_db()
    assert answer.words == reviews.SAID["words"]
    listed = client.get(reverse("portal:erasure"), {"q": name.lower()}).content.decode()
    assert f"{name}, {address}" not in listed
    assert list(breaks()) == []


def test_an_erased_referee_is_not_asked(admin):
    submission = reviews.sent_submission()
    referee = submission.referees.order_by("pk").first()
    assert erase(signed_in(admin), "referee", referee).status_code == 302
    with pytest.raises(Refused, match="This referee is erased"):
        reviews.reference_asked(submission)


def test_a_person_who_leads_stays_and_one_who_left_goes(admin):
    person = PersonFactory(name="Somchai Past", local_name="สมชาย", born_on="1970-01-01", nationality="TH")
    client = signed_in(admin)
    assert "is screened by name" in page(client, "person", person)
    assert erase(client, "person", person).status_code == 409
    Person.objects.filter(pk=person.pk).update(until_on=timezone.localdate())
    assert erase(client, "person", person).status_code == 302
    kept = everything()
    assert [word for word in ("Somchai", "สมชาย") if word in kept] == []


def test_a_signatory_keeps_the_record_of_the_signature_and_the_evidence_holds():
    in_force = grants.grant_in("in_force")
    admin = UserFactory(roles=["administrator"], totp=True)
    director = grants.directors_of(in_force)[0]
    end_role(user=director, role="director", by=admin)
    client = signed_in(admin)
    assert f"Signed {in_force.agreement.number} as {director.name}" in page(client, "account", director)
    assert erase(client, "account", director).status_code == 302
    files = unpack(b"".join(export_evidence(grant=grants.fresh(in_force), by=UserFactory(roles=["auditor"])).stream()))
    assert found(files) == ([], True)
    assert director.name in {one["name"] for one in json.loads(files["signatures.json"])}


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"reason": "", "understood": "on"}, "Write who asked for it"),
        ({"reason": "asked", "understood": "on"}, "Write who asked for it"),
        ({"reason": WHY}, "Confirm that you have read"),
    ],
)
def test_bad_input_erases_nobody_and_keeps_what_was_typed(sent, says, admin):
    person = UserFactory()
    answer = signed_in(admin).post(reverse("portal:erase", args=["account", person.pk]), sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert sent["reason"] in answer.content.decode()
    assert User.objects.get(pk=person.pk).email == person.email
