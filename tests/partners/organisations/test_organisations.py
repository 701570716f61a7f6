"""Organisations: members, invitations, people, and who is kept apart from judging."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Duty, Invitation, Membership, Organisation, Person
from partners.organisations import actions
from partners.submissions.actions import give_access, take_duty
from tests.factories.partners import (
    InvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    SubmissionFactory,
    submission_in,
)
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def fields(**changes: Any) -> dict[str, Any]:
    return {"legal_name": "Helping Hands", "country": "TH", **changes}


def token_in_mail() -> str:
    drain()
    found = re.search(r"/invitation/([^/\s]+)/", mail.outbox[-1].body)
    assert found
    return found.group(1)


def test_who_makes_an_organisation_owns_it() -> None:
    maker = UserFactory()
    made = actions.create_organisation(by=maker, **fields())
    assert [(m.user, m.role) for m in made.memberships.all()] == [(maker, "owner")]
    assert AuditEntry.objects.about(made).get().event == "created"


def test_unverified_address_makes_nothing() -> None:
    with pytest.raises(Refused, match="not confirmed"):
        actions.create_organisation(by=UserFactory(verified=False), **fields())
    with pytest.raises(PermissionDenied):
        actions.create_organisation(by=User.objects.system("loader"), **fields())
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"legal_name": ""}, "legal_name"),
        ({"country": "XX"}, "country"),
        ({"region": "mars"}, "region"),
        ({"founded_on": date(9000, 1, 1)}, "founded_on"),
        ({"website": "not a site"}, "website"),
        ({"state": "x"}, "state"),
    ],
)
def test_bad_organisation_is_refused(bad: dict[str, Any], name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.create_organisation(by=UserFactory(), **fields(**bad))
    assert name in refusal.value.message_dict


def test_changed_legal_name_stays_among_the_former() -> None:
    organisation = OrganisationFactory(legal_name="Old")
    owner = organisation.created_by
    changed = actions.change_organisation(organisation=organisation, by=owner, legal_name="New")
    assert (changed.legal_name, changed.former_names) == ("New", ["Old"])
    with pytest.raises(PermissionDenied):
        actions.change_organisation(organisation=organisation, by=UserFactory(), legal_name="Mine")
    officer = UserFactory(roles=["programme_officer"])
    with pytest.raises(PermissionDenied):
        actions.change_organisation(organisation=organisation, by=officer, legal_name="Ours")


def test_a_name_that_is_taken_up_again_is_no_longer_a_former_one(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory(legal_name="First")
    owner = organisation.created_by
    actions.change_organisation(organisation=organisation, by=owner, legal_name="Second")
    back = actions.change_organisation(organisation=organisation, by=owner, legal_name="First")
    assert (back.legal_name, back.former_names) == ("First", ["Second"])
    client.force_login(owner)
    typed = {"legal_name": "Second", "country": "TH", "former_names": "Second\nLong ago"}
    assert client.post(reverse("partners:organisation_edit", args=[organisation.pk]), typed).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.legal_name, organisation.former_names) == ("Second", ["Long ago", "First"])


def test_people_are_named_changed_and_ended() -> None:
    organisation = OrganisationFactory(people=False)
    owner = organisation.created_by
    person = actions.add_person(organisation=organisation, by=owner, name="Somchai", role="board")
    actions.change_person(person=person, by=owner, title="Treasurer")
    ended = actions.end_person(person=person, by=owner)
    assert (ended.title, ended.until_on) == ("Treasurer", timezone.localdate())
    assert not organisation.people_now().exists()
    events = [entry.event for entry in AuditEntry.objects.about(organisation)]
    assert events == ["person_added", "person_changed", "person_changed"]


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"role": "king"},
        {"nationality": "XX"},
        {"born_on": date(9000, 1, 1)},
        {"since_on": date(2020, 1, 2), "until_on": date(2020, 1, 1)},
    ],
)
def test_bad_person_is_refused(bad: dict[str, Any]) -> None:
    organisation = OrganisationFactory(people=False)
    with pytest.raises(ValidationError):
        actions.add_person(
            organisation=organisation, by=organisation.created_by, **{"name": "A", "role": "board", **bad}
        )
    assert not Person.objects.exists()


def test_invitation_works_once_for_its_address() -> None:
    organisation = OrganisationFactory()
    owner, guest = organisation.created_by, UserFactory(email="guest@example.org")
    actions.invite_member(organisation=organisation, email="Guest@Example.org ", role="editor", by=owner)
    token = token_in_mail()
    assert not Invitation.objects.filter(token_sha256=token).exists()
    with pytest.raises(Refused, match=r"is for guest@example\.org"):
        actions.accept_invitation(token=token, by=UserFactory())
    membership = actions.accept_invitation(token=token, by=guest)
    assert (membership.user, membership.role) == (guest, "editor")
    with pytest.raises(Refused, match="was used"):
        actions.accept_invitation(token=token, by=guest)
    with pytest.raises(ValidationError, match="already"):
        actions.invite_member(organisation=organisation, email=guest.email, role="editor", by=owner)


def test_invitation_ends_after_seven_days_and_by_a_newer_one() -> None:
    organisation = OrganisationFactory()
    owner = organisation.created_by
    first = actions.invite_member(organisation=organisation, email="a@example.org", role="editor", by=owner)
    actions.invite_member(organisation=organisation, email="a@example.org", role="owner", by=owner)
    first.refresh_from_db()
    assert first.revoked_at is not None
    token = token_in_mail()
    assert actions.find_invitation(token) is not None
    later = time_machine.travel(timezone.now() + timedelta(days=7, seconds=1))
    with later, pytest.raises(Refused, match="expired"):
        actions.accept_invitation(token=token, by=UserFactory(email="a@example.org"))


def test_only_owners_invite_and_take_back() -> None:
    organisation = OrganisationFactory()
    editor = MembershipFactory(organisation=organisation).user
    for somebody in (editor, UserFactory(), UserFactory(roles=["administrator"])):
        with pytest.raises(PermissionDenied):
            actions.invite_member(organisation=organisation, email="a@example.org", role="editor", by=somebody)
    open_one = InvitationFactory(organisation=organisation)
    with pytest.raises(PermissionDenied):
        actions.revoke_invitation(invitation=open_one, by=editor)
    actions.revoke_invitation(invitation=open_one, by=organisation.created_by)
    with pytest.raises(Refused):
        actions.revoke_invitation(invitation=open_one, by=organisation.created_by)


@pytest.mark.parametrize(("email", "role"), [("nobody", "editor"), ("", "editor"), ("a@example.org", "king")])
def test_bad_invitation_is_refused(email: str, role: str) -> None:
    organisation = OrganisationFactory()
    with pytest.raises(ValidationError):
        actions.invite_member(organisation=organisation, email=email, role=role, by=organisation.created_by)


def test_membership_ends_but_never_the_last_owners() -> None:
    organisation = OrganisationFactory()
    owner = organisation.created_by
    editor = MembershipFactory(organisation=organisation)
    other = MembershipFactory(organisation=organisation)
    with pytest.raises(PermissionDenied):
        actions.end_membership(membership=editor, by=other.user)
    actions.end_membership(membership=other, by=other.user)
    ended = actions.end_membership(membership=editor, by=owner)
    assert (ended.until_at is not None, ended.ended_by) == (True, owner)
    with pytest.raises(Refused, match="ended already"):
        actions.end_membership(membership=editor, by=owner)
    with pytest.raises(Refused, match="only owner"):
        actions.end_membership(membership=organisation.owners().get(), by=owner)
    assert not Organisation.objects.visible_to(editor.user).exists()


def test_an_owner_makes_an_editor_an_owner_and_the_other_way_round() -> None:
    FunderFactory()
    organisation = OrganisationFactory(legal_name="Helping Hands")
    owner = organisation.owners().get()
    editor = MembershipFactory(organisation=organisation)
    made = actions.change_role(membership=editor, role="owner", by=owner.user)
    drain()
    assert (made.role, made.until_at, set(organisation.owners())) == ("owner", None, {owner, editor})
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (
        [editor.user.email], "You are an owner of Helping Hands now"
    )  # fmt: skip
    assert f"{owner.user.name} made you an owner" in mail.outbox[-1].body
    entry = AuditEntry.objects.about(organisation).get(event="member_changed")
    assert (entry.actor_id, entry.facts) == (
        owner.user.pk,
        {"membership": editor.pk, "from": "editor", "role": "owner"},
    )
    actions.change_role(membership=owner, role="editor", by=editor.user)
    drain()
    assert mail.outbox[-1].subject == "You are an editor of Helping Hands now"
    assert "An owner now sends applications" in mail.outbox[-1].body
    assert list(organisation.owners()) == [editor]


def test_an_organisation_is_never_left_without_an_owner_by_a_change_of_role() -> None:
    organisation = OrganisationFactory()
    owner = organisation.owners().get()
    editor, gone = (
        MembershipFactory(organisation=organisation),
        MembershipFactory(organisation=organisation, ended=True),
    )
    with pytest.raises(Refused, match="only owner"):
        actions.change_role(membership=owner, role="editor", by=owner.user)
    with pytest.raises(Refused, match="is an editor already"):
        actions.change_role(membership=editor, role="editor", by=owner.user)
    with pytest.raises(Refused, match="ended already"):
        actions.change_role(membership=gone, role="owner", by=owner.user)
    with pytest.raises(ValidationError, match="owner or editor"):
        actions.change_role(membership=editor, role="king", by=owner.user)
    for other in (editor.user, UserFactory(), UserFactory(roles=["administrator"])):
        with pytest.raises(PermissionDenied):
            actions.change_role(membership=editor, role="owner", by=other)
    assert list(organisation.owners()) == [owner]


@pytest.mark.parametrize(
    ("name", "label"), [("member_end", "End membership"), ("member_make_editor", "Make an editor")]
)
def test_the_page_says_that_the_last_owner_stays(client: Client, name: str, label: str) -> None:
    organisation = OrganisationFactory()
    owner = organisation.owners().get()
    client.force_login(owner.user)
    address = reverse(f"partners:{name}", args=[organisation.pk, owner.pk])
    button = re.compile(rf'<button[^>]* type="(\w+)"[^>]*>(?:(?!</button>).)*<span>{label}</span>', re.DOTALL)

    alone, refused = client.get(address).text, client.post(address)
    MembershipFactory(organisation=organisation, role=Membership.Role.OWNER)
    with_another = client.get(address).text

    assert "This person is the only owner." in alone
    assert "Make somebody else an owner first." in alone
    assert (button.search(alone)[1], refused.status_code, button.search(with_another)[1]) == ("button", 409, "submit")
    assert "only owner" not in with_another


def test_the_last_owner_passes_the_organisation_on_by_pages(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory()
    owner, editor = organisation.owners().get(), MembershipFactory(organisation=organisation)
    client.force_login(owner.user)
    members = reverse("partners:members", args=[organisation.pk])
    up = reverse("partners:member_make_owner", args=[organisation.pk, editor.pk])
    down = reverse("partners:member_make_editor", args=[organisation.pk, owner.pk])
    page = client.get(members).content.decode()
    assert (f'href="{up}"' in page, f'href="{down}"' in page) == (True, False)
    assert client.post(down).status_code == 409
    assert "Change the role in the list." in (
        client.post(members, {"email": editor.user.email, "role": "owner"}).content.decode()
    )
    assert "Make this person an owner?" in client.get(up).content.decode()
    assert client.post(up).url == members
    assert client.post(up).status_code == 409
    page = client.get(members).content.decode()
    assert (f'href="{up}"' in page, f'href="{down}"' in page) == (False, True)
    assert (
        editor.user.name
        in client.get(reverse("partners:member_end", args=[organisation.pk, editor.pk])).content.decode()
    )
    assert client.post(down).url == organisation.get_absolute_url()
    assert client.get(members).status_code == 403


def test_memberships_are_never_removed_or_moved() -> None:
    membership = MembershipFactory()
    for write in (
        lambda: Membership.objects.filter(pk=membership.pk).delete(),
        lambda: Membership.objects.filter(pk=membership.pk).update(user=UserFactory()),
        lambda: Membership.objects.filter(pk=membership.pk).update(organisation=OrganisationFactory()),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("side", ["assess", "sign"])
def test_members_past_or_present_never_judge(ended: bool, side: str) -> None:  # noqa: FBT001 a parameter
    submission = SubmissionFactory()
    member = MembershipFactory(organisation=submission.organisation, ended=ended).user
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(submission=submission, user=member, side=side)
    with pytest.raises(Refused, match="acts or acted"):
        take_duty(submission=submission, user=member, side=side, by=UserFactory(roles=["programme_officer"]))


def test_who_judges_never_becomes_a_member() -> None:
    submission = submission_in("submitted")
    reviewer = UserFactory(roles=["reviewer"], email="reviewer@example.org")
    officer = UserFactory(roles=["programme_officer"])
    take_duty(submission=submission, user=reviewer, side="assess", by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(organisation=submission.organisation, user=reviewer)
    owner = submission.organisation.owners().get().user
    actions.invite_member(organisation=submission.organisation, email=reviewer.email, role="editor", by=owner)
    with pytest.raises(Refused, match="judges"):
        actions.accept_invitation(token=token_in_mail(), by=reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.filter(user=reviewer).update(user=UserFactory())


def viewers(organisation: Organisation) -> list[User]:
    submission = submission_in("submitted", organisation=organisation)
    reviewer = UserFactory(roles=["reviewer"])
    officer = UserFactory(roles=["programme_officer"])
    give_access(submission=submission, user=reviewer, as_role="reviewer", by=officer)
    roles = ["reviewer", "programme_officer", "director", "finance_officer", "auditor", "administrator"]
    members = [organisation.created_by, MembershipFactory(organisation=organisation).user]
    return [reviewer, UserFactory(), *members, *[UserFactory(roles=[role]) for role in roles]]


def test_visible_to_and_view_agree() -> None:
    organisation = OrganisationFactory()
    other = OrganisationFactory()
    for user in viewers(organisation):
        seen = set(Organisation.objects.visible_to(user))
        for found in (organisation, other):
            assert user.has_perm("partners.view_organisation", found) == (found in seen), (user, found)


def test_pages_of_people_and_members(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory()
    client.force_login(organisation.created_by)
    person = organisation.people.first()
    for name, args in (
        ("organisation", []),
        ("organisation_edit", []),
        ("person_add", []),
        ("person_edit", [person.pk]),
        ("members", []),
    ):
        assert client.get(reverse(f"partners:{name}", args=[organisation.pk, *args])).status_code == 200
    edit = reverse("partners:person_edit", args=[organisation.pk, person.pk])
    assert client.post(edit, {"name": "New name", "role": "board"}).status_code == 302
    assert client.post(edit, {"name": "", "role": "board"}).status_code == 422
    again = client.post(
        reverse("partners:person_add", args=[organisation.pk]), {"name": "B", "role": "board", "another": "1"}
    )
    assert again.url == reverse("partners:person_add", args=[organisation.pk])
    change = reverse("partners:organisation_edit", args=[organisation.pk])
    assert client.post(change, {"legal_name": "New", "country": "TH"}).status_code == 302
    assert client.post(change, {"legal_name": "New", "country": "TH", "yearly_income": "-1"}).status_code == 422
    foreign = PersonFactory()
    assert client.get(reverse("partners:person_edit", args=[organisation.pk, foreign.pk])).status_code == 404
    assert client.get(reverse("partners:organisation", args=[foreign.organisation_id])).status_code == 404


def shown(client: Client, address: str) -> dict[str, str]:
    """Return what the form on a page would send if nothing were typed."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in values.items() if value is not None}


def test_saving_a_page_as_it_opens_changes_nothing(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory(
        legal_name="มูลนิธิแม่น้ำ", local_name="แม่น้ำ", former_names=["One", "Two"], registration_number="7 / 2559",
        founded_on=date(2016, 2, 29), website="https://example.org", address="1 Road\nChiang Rai",
        yearly_income_minor=4_000_050,
    )  # fmt: skip
    person = PersonFactory(
        organisation=organisation, local_name="สมชาย", role="board", title="Treasurer", nationality="TH",
        born_on=date(1970, 12, 31), since_on=date(2020, 1, 1), until_on=date(2024, 1, 1),
    )  # fmt: skip
    client.force_login(organisation.created_by)
    for record, address in (
        (organisation, reverse("partners:organisation_edit", args=[organisation.pk])),
        (person, reverse("partners:person_edit", args=[organisation.pk, person.pk])),
    ):
        before = {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}
        assert client.post(address, shown(client, address)).status_code == 302, address
        record.refresh_from_db()
        after = {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}
        changed = {name for name, value in after.items() if value != before[name]}
        assert changed <= {"changed_at", "updated_at"}, (address, changed)


def test_pages_of_an_invitation(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory()
    client.force_login(organisation.created_by)
    members = reverse("partners:members", args=[organisation.pk])
    assert client.post(members, {"email": "x", "role": "editor"}).status_code == 422
    assert client.post(members, {"email": "guest@example.org", "role": "editor"}).status_code == 302
    token = token_in_mail()
    other = InvitationFactory(organisation=organisation)
    assert client.post(reverse("partners:invitation_revoke", args=[organisation.pk, other.pk])).status_code == 302
    guest = Client()
    address = reverse("partners:invitation", args=[token])
    assert "Create an account" in guest.get(address).content.decode()
    assert guest.post(address).url.startswith("/accounts/login/")
    guest.force_login(UserFactory(email="other@example.org"))
    assert "signed in with another address" in guest.get(address).content.decode()
    assert guest.post(address).status_code == 409
    guest.force_login(UserFactory(email="guest@example.org"))
    assert guest.get(address).status_code == 200
    assert guest.post(address).status_code == 302
    assert guest.get(address).status_code == 409
    joined = organisation.memberships.get(user__email="guest@example.org")
    assert client.post(reverse("partners:member_end", args=[organisation.pk, joined.pk])).status_code == 302
    assert guest.get(reverse("partners:organisation", args=[organisation.pk])).status_code == 404


def test_pages_for_staff(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory()
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    assert client.get(reverse("partners:organisation_list")).status_code == 200
    assert client.get(reverse("partners:organisation", args=[organisation.pk])).status_code == 200
    assert client.get(reverse("partners:organisation_edit", args=[organisation.pk])).status_code == 403


@pytest.mark.parametrize("act", ["create", "change", "person", "invite", "role", "end"])
def test_nothing_happens_without_its_audit_entry(act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = OrganisationFactory()
    owner = organisation.created_by
    editor = MembershipFactory(organisation=organisation)
    before = (Organisation.objects.count(), Person.objects.count(), Invitation.objects.count())

    def fail(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("vetting_portal.audit.append", fail)
    calls: dict[str, Any] = {
        "create": lambda: actions.create_organisation(by=owner, **fields()),
        "change": lambda: actions.change_organisation(organisation=organisation, by=owner, legal_name="New"),
        "person": lambda: actions.add_person(organisation=organisation, by=owner, name="A", role="board"),
        "invite": lambda: actions.invite_member(organisation=organisation, email="a@b.org", role="editor", by=owner),
        "role": lambda: actions.change_role(membership=editor, role="owner", by=owner),
        "end": lambda: actions.end_membership(membership=editor, by=owner),
    }
    with pytest.raises(OSError, match="no room"):
        calls[act]()
    assert (Organisation.objects.count(), Person.objects.count(), Invitation.objects.count()) == before
    assert Organisation.objects.get(pk=organisation.pk).legal_name == organisation.legal_name
    kept = Membership.objects.get(pk=editor.pk)
    assert (kept.until_at, kept.role) == (None, "editor")
