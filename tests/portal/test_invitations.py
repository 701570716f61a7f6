"""Invitations to the staff: whom they meet, what they say, and how they end."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.example.steps.signing_in import CODE
from tests.factories.portal import PASSWORD, TOTP_SECRET, FunderFactory, UserFactory
from vetting_portal.actions import accept_staff_invitation, invite_staff, revoke_staff_invitation
from vetting_portal.models import AuditEntry, StaffInvitation, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    FunderFactory(name="River Fund")
    user: User = UserFactory(roles=["administrator"], totp=True, name="Clara Novak")
    return user


def invited(by: User, mailoutbox, email: str = "new@example.org", roles=("reviewer",)) -> str:
    """Return the path of the page that an invitation's mail leads to."""
    invite_staff(email=email, roles=roles, by=by)
    drain()
    return re.search(r"(/staff/join/[\w-]+/)", mailoutbox[-1].body).group(1)


def test_mail_names_the_funder_the_roles_and_who_invites(administrator, mailoutbox):
    invited(administrator, mailoutbox, roles=("reviewer", "finance_officer"))
    mail = mailoutbox[-1]
    assert mail.subject == "Clara Novak invites you to the grants portal of River Fund"
    assert "as: Finance officer, Reviewer." in mail.body
    assert mail.body.count("River Fund") == 2


def test_visitor_meets_a_staff_account_and_never_one_of_an_organisation(administrator, mailoutbox):
    path, visitor = invited(administrator, mailoutbox), Client()
    page = visitor.get(path)
    assert page.status_code == 200
    html = page.content.decode()
    assert "You are invited to work at River Fund" in html
    assert "Create your staff account" in html
    sign_up = re.search(r'href="(/accounts/signup/[^"]+)"', html).group(1).replace("&amp;", "&")
    form = visitor.get(sign_up).content.decode()
    assert "Create your staff account" in form
    assert 'value="new@example.org"' in form
    assert "organisations that want to apply" not in form
    sign_in = visitor.get(f"{reverse('account_login')}?next={path}").content.decode()
    assert "Create your staff account" in sign_in
    assert "Make an account for your organisation" not in sign_in


def test_who_has_an_account_is_led_to_sign_in(administrator, mailoutbox):
    UserFactory(email="new@example.org")
    path, visitor = invited(administrator, mailoutbox), Client()
    html = visitor.get(path).content.decode()
    assert "There is an account for new@example.org." in html
    assert "Create your staff account" not in html
    assert visitor.post(path).url.startswith("/accounts/login/")


def test_another_address_is_told_so_before_and_refused_after(administrator, mailoutbox):
    path, visitor = invited(administrator, mailoutbox), Client()
    visitor.force_login(UserFactory(email="other@example.org"))
    assert "signed in with another address" in visitor.get(path).content.decode()
    assert visitor.post(path).status_code == 409
    assert StaffInvitation.objects.get().accepted_at is None


def test_second_address_of_an_account_accepts(administrator, mailoutbox):
    user = UserFactory(email="main@example.org")
    user.emailaddress_set.create(email="New@example.org", verified=True)
    path, visitor = invited(administrator, mailoutbox), Client()
    visitor.force_login(user)
    assert "Accept invitation" in visitor.get(path).content.decode()
    assert visitor.post(path).status_code == 302
    assert User.objects.get(pk=user.pk).role_keys == {"reviewer"}


def test_open_invitations_show_their_roles_and_can_be_withdrawn(administrator, mailoutbox):
    path, client = invited(administrator, mailoutbox, roles=("director", "auditor")), Client()
    client.force_login(administrator)
    assert "Auditor, Director" in client.get(reverse("portal:staff")).content.decode()
    address = reverse("portal:staff_invitation_revoke", args=[StaffInvitation.objects.get().pk])
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 409
    assert "new@example.org" not in client.get(reverse("portal:staff")).content.decode().partition("Open inv")[2]
    refused = Client().get(path)
    assert refused.status_code == 409
    assert "This invitation was withdrawn. Ask for a new one." in refused.content.decode()
    assert AuditEntry.objects.about(StaffInvitation.objects.get()).filter(event="invitation_revoked").count() == 1
    with pytest.raises(Refused, match="withdrawn"):
        accept_staff_invitation(token=path.split("/")[3], by=UserFactory(email="new@example.org"))


def test_sent_twice_the_newer_one_holds(administrator, mailoutbox):
    first = invited(administrator, mailoutbox, roles=("director",))
    second = invited(administrator, mailoutbox, email="NEW@example.org", roles=("auditor",))
    assert Client().get(first).status_code == 409
    assert Client().get(second).status_code == 200
    assert [one.roles for one in StaffInvitation.objects.waiting()] == [["auditor"]]


def test_expired_one_says_so_to_both_sides(administrator, mailoutbox):
    path, client = invited(administrator, mailoutbox), Client()
    client.force_login(administrator)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        client.force_login(administrator)
        assert "Expired" in client.get(reverse("portal:staff")).content.decode()
        refused = Client().get(path)
    assert refused.status_code == 409
    assert "expired" in refused.content.decode()


def test_used_one_and_who_holds_the_role_already(administrator, mailoutbox):
    path, user = invited(administrator, mailoutbox), UserFactory(email="new@example.org")
    accept_staff_invitation(token=path.split("/")[3], by=user)
    assert Client().get(path).status_code == 409
    with pytest.raises(ValidationError, match="already"):
        invite_staff(email="new@example.org", roles=["reviewer"], by=administrator)
    assert invite_staff(email="new@example.org", roles=["reviewer", "auditor"], by=administrator)
    with pytest.raises(Refused):
        revoke_staff_invitation(invitation=StaffInvitation.objects.exclude(accepted_at=None).get(), by=administrator)


@pytest.mark.parametrize("role", ["programme_officer", "director", "auditor", "finance_officer", "reviewer"])
def test_only_administrators_withdraw(administrator, role, mailoutbox):
    invited(administrator, mailoutbox)
    with pytest.raises(PermissionDenied):
        revoke_staff_invitation(invitation=StaffInvitation.objects.get(), by=UserFactory(roles=[role]))


def shown_by_app(secret: str) -> str:
    """The six digits that an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def arrive(path: str, mailoutbox) -> Client:
    """Make a staff account from the invitation at ``path`` and accept it: the password is chosen on the way."""
    visitor = Client()
    sign_up = f"{reverse('account_signup')}?next={path}"
    made = {"email": "new@example.org", "name": "Nora New", "password1": PASSWORD, "next": path}
    assert visitor.post(sign_up, made).status_code == 302
    drain()
    code = CODE.search(mailoutbox[-1].body).group(1)
    assert visitor.post(reverse("account_email_verification_sent"), {"code": code}).headers["Location"] == path
    assert visitor.post(path).headers["Location"] == "/home/"
    return visitor


def sign_in(*_: object) -> Client:
    """Somebody with an account, who is staff by now, signs in by password."""
    user = UserFactory(email="new@example.org", roles=["reviewer"])
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("come", [arrive, sign_in])
def test_who_has_just_given_a_password_is_not_asked_again_before_the_first_second_factor(
    administrator, mailoutbox, come
):
    client = come(invited(administrator, mailoutbox), mailoutbox)
    asked = client.get("/home/", follow=True)
    assert "Set up your authenticator app" in asked.text
    code = shown_by_app(asked.context["form"].secret)
    kept = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    codes = Authenticator.objects.get(user__email="new@example.org", type="recovery_codes").wrap().get_unused_codes()
    assert [code for code in codes if code not in kept.text] == []
    assert "Reviewer" in client.get("/home/", follow=True).text


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn"])
def test_a_session_that_was_left_open_asks_for_the_password_first(administrator, name):
    client = sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert client.get(reverse(name)).headers["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("roles", [[], ["reviewer"]])
def test_partners_and_who_had_a_second_factor_are_asked_for_the_password_before_each_change(administrator, roles):
    user = UserFactory(roles=roles, totp=bool(roles))
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    if roles:
        client.post(reverse("mfa_authenticate"), {"code": shown_by_app(TOTP_SECRET)})
    assert "_auth_user_id" in client.session
    for name in ("mfa_add_webauthn", "account_email"):
        refused = client.post(reverse(name), {"action_add": "1", "email": "other@example.org"})
        assert refused.headers["Location"].startswith(reverse("account_reauthenticate"))
