"""A passkey in a real browser, by an authenticator that Chromium plays: set up, sign in with it, sign with it."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from grants.agreements import assertions
from grants.agreements.models import Signature
from tests.e2e.conftest import Hands
from tests.e2e.hands import Hand, apart
from tests.factories import grants
from tests.factories.portal import PASSWORD, TOTP_SECRET
from tests.support.browser import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def give_device(hand: Hand) -> None:
    """Let the browser have a device that verifies its user."""
    session = hand.page.context.new_cdp_session(hand.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def look(hand: Hand, name: str) -> None:
    """Leave a picture at both widths, where pictures are wanted."""
    for size in (PHONE, WIDE):
        hand.page.set_viewport_size(size)
        hand.shows(f"{name}-{size['width']}")


def set_up(hand: Hand) -> None:
    """Set up a passkey; an hour ago and more, as far as signing is concerned."""
    hand.visit("/accounts/2fa/")
    look(hand, "security")
    hand.follow("Set up a passkey")
    hand.type("Your password", PASSWORD)
    hand.press("Confirm")
    hand.type("A name for it", "The grey key")
    look(hand, "passkey-add")
    hand.press("Set it up")
    hand.visit("/accounts/2fa/webauthn/")
    hand.sees("The grey key")
    look(hand, "passkey-list")
    apart(lambda: Authenticator.objects.filter(type="webauthn").update(created_at=timezone.now() - timedelta(days=1)))


def sign_out(hand: Hand) -> None:
    """End the session."""
    hand.visit("/accounts/logout/")
    hand.press("Sign out", within=hand.page.get_by_role("main"))


def test_a_director_signs_in_and_signs_by_passkey(hands: Hands, live_server: LiveServer):
    grant = apart(lambda: grants.grant_in("awaiting_signature"))
    director = apart(lambda: grants.directors_of(grant)[0])
    hand = hands(director.name)
    give_device(hand)
    hand.page.goto(f"{live_server.url.replace('localhost', '127.0.0.1')}/accounts/login/")
    hand.sees("A passkey needs the portal’s name")
    hand.sign_in(director.email, TOTP_SECRET, PASSWORD)
    set_up(hand)
    sign_out(hand)

    hand.visit("/accounts/login/")
    look(hand, "sign-in")
    hand.press("Use a passkey")
    hand.follow("To sign")

    hand.follow("Read and sign")
    hand.choose("Do you have an interest in this partner?", "No, none")
    hand.press("Declare")
    look(hand, "brief")
    hand.follow("Confirm it is you, then sign")
    hand.page.get_by_role("button", name="Sign with passkey").click()
    hand.sees("Tick the box first")
    hand.tick("I ")
    look(hand, "sign-confirm")
    hand.press("Sign with passkey")
    hand.sees("Your signature is on record")

    signature = apart(Signature.objects.get)
    assert (signature.user_id, signature.method) == (director.pk, "passkey")
    assert assertions.problems(signature.assertion) == []
