"""Signing in by passkey: set up, named, removed, counted as the second step; at the portal's name only."""

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.portal import PASSWORD, FunderFactory, UserFactory
from tests.support.passkeys import PRESENT, SoftPasskey
from vetting_portal.models import User

pytestmark = pytest.mark.django_db
HOST = {"host": "localhost:8000"}
JSON = {**HOST, "Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def person() -> User:
    FunderFactory()
    return UserFactory(roles=["director"])


def signed_in(person: User) -> Client:
    """Sign in by password, as somebody new to staff does."""
    client = Client(headers=HOST)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


def set_up(client: Client, passkey: SoftPasskey, name: str) -> None:
    """Register a passkey through the page; a session that was left open does not open it."""
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.get(reverse("mfa_add_webauthn")).headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_add_webauthn"))
    options = page.context["js_data"]["creation_options"]["publicKey"]
    assert options["rp"]["id"] == "localhost"
    form = {"name": name, "passwordless": "on", "credential": json.dumps(passkey.created(options["challenge"]))}
    assert client.post(reverse("mfa_add_webauthn"), form).status_code == 302


def by_passkey(passkey: SoftPasskey, **wrong) -> Client:
    """Sign in by passkey alone, in a browser that was never here."""
    client = Client(headers=HOST)
    asked = client.get(reverse("mfa_login_webauthn"), headers=JSON).json()
    answer = passkey.answer(asked["request_options"]["publicKey"], **wrong)
    client.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(answer)})
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_passkey_is_the_second_step_of_staff_and_signs_in_alone(person):
    client = signed_in(person)
    assert client.get("/staff/").headers["Location"] == reverse("mfa_activate_totp")
    passkey = SoftPasskey(person)
    set_up(client, passkey, "My telephone")
    assert client.get(reverse("grants:to_sign")).status_code == 200

    fresh = by_passkey(passkey)
    assert is_in(fresh)
    assert fresh.get(reverse("grants:to_sign")).status_code == 200
    for wrong in ({"flags": PRESENT}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}):
        assert not is_in(by_passkey(passkey, **wrong)), wrong


def test_a_passkey_is_renamed_and_removed_by_its_owner_only(person):
    client = signed_in(person)
    passkey = SoftPasskey(person)
    set_up(client, passkey, "")
    kept = Authenticator.objects.get(type="webauthn")
    assert str(kept) == "Passkey"
    other = signed_in(UserFactory())
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert other.post(reverse(name, args=[kept.pk]), {"name": "Mine"}).status_code in {302, 404}
    client.post(reverse("mfa_edit_webauthn", args=[kept.pk]), {"name": "The grey key"})
    assert "The grey key" in client.get(reverse("mfa_list_webauthn")).text
    assert "The grey key" in client.get(reverse("mfa_index")).text
    client.post(reverse("mfa_remove_webauthn", args=[kept.pk]))
    assert not Authenticator.objects.filter(type="webauthn").exists()
    assert not is_in(by_passkey(passkey))


def test_the_second_step_after_the_password_may_be_a_passkey(person):
    passkey = SoftPasskey(person)
    passkey.register()
    client = signed_in(person)
    assert not is_in(client)
    page = client.get(reverse("mfa_authenticate"))
    options = page.context["js_data"]["request_options"]["publicKey"]
    client.post(reverse("mfa_authenticate"), {"credential": json.dumps(passkey.answer(options))})
    assert is_in(client)


@pytest.mark.parametrize(("host", "at"), [
    ("127.0.0.1:8000", "http://localhost:8000/accounts/login/"),
    ("[::1]:8000", "http://localhost:8000/accounts/login/"),
    ("localhost:8000", ""),
])  # fmt: skip
def test_an_address_says_that_a_passkey_needs_the_name(client, host, at):
    FunderFactory()
    shown = client.get(reverse("account_login"), headers={"host": host}).text
    assert ("A passkey needs the portal’s name" in shown, f'href="{at}"' in shown) == (bool(at), bool(at))
    assert ("Use a passkey" in shown) == (not at)


@pytest.mark.django_db(transaction=True)
def test_setting_up_a_passkey_says_what_becomes_of_the_recovery_codes(person):
    """They are made where there are none, and the words say so; those that exist stay, and nothing says otherwise."""
    ended = "The old ones do not work any more"
    client = signed_in(person)
    set_up(client, SoftPasskey(person), "My telephone")
    codes = Authenticator.objects.get(user=person, type="recovery_codes")
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert "Recovery codes are made for you" in page
    assert ended not in page

    assert "they stay valid" in client.get(reverse("mfa_add_webauthn")).content.decode()
    options = client.get(reverse("mfa_add_webauthn")).context["js_data"]["creation_options"]["publicKey"]
    second = json.dumps(SoftPasskey(person).created(options["challenge"]))
    form = {"name": "Grey key", "passwordless": "on", "credential": second}
    assert ended not in client.post(reverse("mfa_add_webauthn"), form, follow=True).content.decode()
    assert Authenticator.objects.get(user=person, type="recovery_codes").data["seed"] == codes.data["seed"]

    client.post(reverse("mfa_generate_recovery_codes"))
    assert ended in client.get(reverse("mfa_index")).content.decode()
