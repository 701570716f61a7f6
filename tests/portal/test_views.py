import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.urls import reverse

from grants.example.visitor import PageError, Visitor
from tests.factories.portal import PASSWORD, TOTP_SECRET, FunderFactory, UserFactory
from vetting_portal.models import StaffInvitation, User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db


def code_in(mailbox, address):
    body = next(message.body for message in reversed(mailbox) if message.to == [address])
    return re.search(r"^\s*([A-Z0-9-]{6,10})\s*$", body, re.MULTILINE).group(1)


def sign_in(user, *, totp=False):
    visitor = Visitor(user.name)
    visitor.open("/accounts/login/")
    visitor.send(to="/accounts/login/", login=user.email, password=PASSWORD)
    if totp:
        code = format_hotp_value(hotp_value(TOTP_SECRET, next(yield_hotp_counters_from_time())))
        visitor.send(to="/accounts/2fa/authenticate/", code=code)
    return visitor


def test_somebody_signs_up_and_confirms_the_address(mailoutbox):
    visitor = Visitor("new")
    visitor.open("/accounts/signup/")
    visitor.send(to="/accounts/signup/", name="Siriporn", email="siriporn@example.org", password1="a quiet river bank")
    drain()
    html = visitor.send(code=code_in(mailoutbox, "siriporn@example.org"))
    assert "Welcome, Siriporn" in html
    assert User.objects.get(email="siriporn@example.org").name == "Siriporn"


def test_a_sign_up_with_a_known_address_does_not_tell(mailoutbox):
    UserFactory(email="known@example.org")
    visitor = Visitor("curious")
    visitor.open("/accounts/signup/")
    html = visitor.send(to="/accounts/signup/", name="X", email="known@example.org", password1="a quiet river bank")
    assert "already" not in html
    drain()
    assert [message.to for message in mailoutbox] == [["known@example.org"]]


def test_staff_set_up_a_second_factor_before_anything_opens():
    user = UserFactory(roles=["administrator"])
    visitor = sign_in(user)
    assert visitor.page.address.endswith("/accounts/2fa/totp/activate/")
    visitor.open("/staff/")
    assert visitor.page.address.endswith("/accounts/2fa/totp/activate/")


def test_staff_sign_in_with_the_second_factor():
    visitor = sign_in(UserFactory(roles=["administrator"], totp=True), totp=True)
    assert "Staff" in visitor.open("/staff/")


def test_a_wrong_code_opens_nothing():
    visitor = sign_in(UserFactory(roles=["administrator"], totp=True))
    visitor.send(to="/accounts/2fa/authenticate/", code="000000")
    with pytest.raises(PageError):
        visitor.follow("Staff")
    assert "_auth_user_id" not in visitor.client.session


def test_an_administrator_invites_and_the_invited_person_joins(mailoutbox):
    visitor = sign_in(UserFactory(roles=["administrator"], totp=True), totp=True)
    visitor.open("/staff/")
    visitor.send(to="/staff/", email="new@example.org", roles=["reviewer"])
    drain()
    path = re.search(rf"{re.escape(settings.PUBLIC_URL)}(/staff/join/\S+)", mailoutbox[-1].body).group(1)
    invited = sign_in(UserFactory(email="new@example.org"))
    assert "You are invited" in invited.open(path)
    invited.send(to=path)
    assert StaffInvitation.objects.get().accepted_by.email == "new@example.org"
    assert "activate" in invited.page.address


def test_a_bad_invitation_keeps_what_was_typed():
    visitor = sign_in(UserFactory(roles=["administrator"], totp=True), totp=True)
    visitor.open("/staff/")
    html = visitor.send(to="/staff/", email="new@example.org")
    assert "new@example.org" in html
    assert StaffInvitation.objects.count() == 0


@pytest.mark.parametrize("name", ["staff", "trail", "background"])
def test_a_page_of_staff_says_to_others_whose_it_is(name):
    visitor = sign_in(UserFactory())
    response = visitor.client.get(reverse(f"portal:{name}"))
    assert response.status_code == 403


def test_a_refusal_names_the_roles_it_is_for_and_who_is_signed_in(client):
    client.force_login(UserFactory(roles=["reviewer"], totp=True, name="Mei-Ling Tan"))
    told = client.get(reverse("portal:trail")).content.decode()
    for words in (
        "This page is for another role",
        "for directors, auditors and administrators",
        "Mei-Ling Tan, Reviewer",
    ):
        assert words in told, words


def test_the_trail_is_read_page_by_page():
    visitor = sign_in(UserFactory(roles=["auditor"], totp=True), totp=True)
    assert visitor.client.get("/trail/").status_code == 200
    assert visitor.client.get("/trail/?before=x").status_code == 404


def test_mail_is_shown_only_where_it_is_invented():
    visitor = Visitor("anybody")
    assert visitor.client.get("/example/mail/").status_code == 404
    FunderFactory(is_example=True)
    assert visitor.client.get("/example/mail/").status_code == 200


def test_a_visitor_who_is_not_signed_in_is_led_to_the_sign_in():
    response = Visitor("anybody").client.get("/home/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_no_page_runs_a_strangers_script():
    response = Visitor("anybody").client.get("/accounts/login/")
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_role_is_ended_on_a_page_of_its_own_that_says_what_happens(client):
    administrator, leaving = UserFactory(roles=["administrator"], totp=True), UserFactory(roles=["finance_officer"])
    client.force_login(administrator)
    address = reverse("portal:end_role", args=[leaving.pk, "finance_officer"])
    assert f'href="{address}"' in client.get("/staff/").text

    page = client.get(address)

    assert "End this role?" in page.text
    assert f"{leaving.name}, finance officer" in page.text
    assert "What they did stays on record." in page.text
    assert User.objects.get(pk=leaving.pk).role_keys == {"finance_officer"}

    client.post(address)
    assert User.objects.get(pk=leaving.pk).role_keys == frozenset()
    again = client.post(address)
    assert (again.status_code, "does not hold this role" in again.text) == (409, True)


@pytest.mark.parametrize("role", ["owner", "nothing"])
def test_a_role_that_there_is_not_is_not_found(client, role):
    client.force_login(UserFactory(roles=["administrator"], totp=True))

    assert client.get(f"/staff/{UserFactory().pk}/end/{role}/").status_code == 404


def test_the_page_says_that_the_last_administrator_stays(client):
    last = UserFactory(roles=["administrator"], totp=True)
    client.force_login(last)
    address = reverse("portal:end_role", args=[last.pk, "administrator"])

    page, refused = client.get(address).text, client.post(address)

    assert "This person is the only administrator." in page
    assert "Invite another administrator; you can end this role once they have accepted." in page
    assert re.search(r'aria-disabled="true"[^>]*><span>End role</span>', page)
    assert (refused.status_code, User.objects.get(pk=last.pk).role_keys) == (409, {"administrator"})
