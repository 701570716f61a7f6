import re

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from tests.factories.portal import FunderFactory, UserFactory
from tests.support.races import paused_before, run_together, without_locks
from vetting_portal import audit
from vetting_portal.actions import (
    accept_staff_invitation,
    change_funder,
    create_funder,
    create_staff_user,
    end_role,
    give_roles,
    invite_staff,
)
from vetting_portal.models import AuditEntry, Funder, RoleAssignment, StaffInvitation, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db

FIELDS = {"name": "One Example Fund", "tax_number": "00-0000000", "address": "Seattle"}


def administrator():
    return UserFactory(roles=["administrator"])


def token_in(mailbox):
    return re.search(r"/staff/join/([^/]+)/", mailbox[-1].body).group(1)


def invite(mailoutbox, email="new@example.org", roles=("reviewer",)):
    inviter = administrator()
    invite_staff(email=email, roles=list(roles), by=inviter)
    drain()
    return inviter, token_in(mailoutbox)


def test_the_funder_is_made_once():
    create_funder(by=User.objects.system("command"), **FIELDS)
    assert Funder.objects.current().directors_needed(3_000_000, "USD") == 2
    with pytest.raises(Refused, match="has its funder already"):
        create_funder(by=User.objects.system("command"), **FIELDS)


@pytest.mark.parametrize(
    ("field", "value"), [("time_zone", "Seattle"), ("name", ""), ("signing_policy", {"directors": 0, "methods": []})]
)
def test_a_bad_funder_is_refused_by_field(field, value):
    with pytest.raises(ValidationError) as refused:
        create_funder(by=User.objects.system("command"), **{**FIELDS, field: value})
    assert list(refused.value.message_dict) == [field]
    assert Funder.objects.count() == 0


def test_a_change_of_the_funder_is_a_new_version():
    FunderFactory()
    change_funder(by=administrator(), address="2 New Street")
    assert list(Funder.objects.order_by("version").values_list("version", "address")) == [
        (1, "1 Example Street, Seattle"),
        (2, "2 New Street"),
    ]


def test_only_an_administrator_changes_the_funder():
    FunderFactory()
    with pytest.raises(PermissionDenied):
        change_funder(by=UserFactory(roles=["director"]), address="x")


def test_a_member_of_staff_has_a_verified_address_and_roles():
    made = create_staff_user(by=User.objects.system("command"), email="A@example.org", name="A", roles=["director"])
    assert made.email == "a@example.org"
    assert made.role_keys == {"director"}
    with pytest.raises(ValidationError, match="already"):
        create_staff_user(by=User.objects.system("command"), email="a@EXAMPLE.org", name="A", roles=["director"])


def test_an_invitation_gives_its_roles_once(mailoutbox):
    _, token = invite(mailoutbox, roles=("reviewer", "auditor"))
    invited = UserFactory(email="new@example.org")
    accept_staff_invitation(token=token, by=invited)
    assert User.objects.get(pk=invited.pk).role_keys == {"reviewer", "auditor"}
    with pytest.raises(Refused, match="used already"):
        accept_staff_invitation(token=token, by=invited)


def test_an_invitation_is_for_its_address_only(mailoutbox):
    _, token = invite(mailoutbox)
    with pytest.raises(Refused, match="another address"):
        accept_staff_invitation(token=token, by=UserFactory(email="other@example.org"))


def test_an_unverified_address_takes_up_nothing(mailoutbox):
    _, token = invite(mailoutbox)
    with pytest.raises(Refused, match="another address"):
        accept_staff_invitation(token=token, by=UserFactory(email="new@example.org", verified=False))


def test_an_invitation_ends_after_seven_days(mailoutbox):
    _, token = invite(mailoutbox)
    invited = UserFactory(email="new@example.org")
    with time_machine.travel(StaffInvitation.objects.get().expires_at), pytest.raises(Refused, match="has expired"):
        accept_staff_invitation(token=token, by=invited)


def test_an_invitation_ends_with_the_right_to_invite(mailoutbox):
    inviter, token = invite(mailoutbox)
    end_role(user=inviter, role="administrator", by=administrator())
    with pytest.raises(Refused, match="may no longer"):
        accept_staff_invitation(token=token, by=UserFactory(email="new@example.org"))


def test_the_token_is_kept_as_a_hash(mailoutbox):
    _, token = invite(mailoutbox)
    kept = StaffInvitation.objects.get()
    assert token not in (kept.token_sha256, *map(str, AuditEntry.objects.values_list("facts", flat=True)))


@pytest.mark.parametrize(
    ("email", "roles"), [("no address", ["reviewer"]), ("a@example.org", []), ("a@b.org", ["king"])]
)
def test_a_bad_invitation_is_refused(email, roles):
    with pytest.raises(ValidationError):
        invite_staff(email=email, roles=roles, by=administrator())


@pytest.mark.parametrize("role", ["reviewer", "programme_officer", "director", "finance_officer", "auditor"])
def test_only_an_administrator_invites_and_gives_roles(role):
    other = UserFactory(roles=[role])
    with pytest.raises(PermissionDenied):
        invite_staff(email="a@example.org", roles=["reviewer"], by=other)
    with pytest.raises(PermissionDenied):
        give_roles(user=other, roles=["administrator"], by=other)


def test_the_last_administrator_stays():
    last = administrator()
    with pytest.raises(Refused, match="only administrator"):
        end_role(user=last, role="administrator", by=last)
    end_role(user=last, role="administrator", by=administrator())
    assert User.objects.get(pk=last.pk).role_keys == frozenset()


def end_each_other(first, second):
    with paused_before(RoleAssignment, "save"):
        return run_together(
            lambda: end_role(user=second, role="administrator", by=User.objects.get(pk=first.pk)),
            lambda: end_role(user=first, role="administrator", by=User.objects.get(pk=second.pk)),
        )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("others", [0, 1])
def test_of_two_administrators_who_end_each_other_one_stays(others):
    for _ in range(others):
        administrator()

    outcomes = end_each_other(administrator(), administrator())

    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [PermissionDenied]
    assert User.objects.with_role("administrator").count() == 1 + others


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_nobody_stays():
    with without_locks():
        end_each_other(administrator(), administrator())

    assert User.objects.with_role("administrator").count() == 0


def test_without_the_trail_nothing_happens(monkeypatch):
    def broken(drafts):
        raise ZeroDivisionError

    inviter = administrator()
    monkeypatch.setattr(audit, "append", broken)
    with pytest.raises(ZeroDivisionError):
        invite_staff(email="a@example.org", roles=["reviewer"], by=inviter)
    assert StaffInvitation.objects.count() == 0
