"""By which means somebody is offered to sign: what is set up and signs already, in words that fit what there is."""

import itertools
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from grants.agreements import passkeys
from grants.agreements.actions import begin_signing
from tests.factories import amendments, grants
from tests.factories.portal import TOTP_SECRET
from tests.grants.payments.test_pages import signed_in
from tests.support.passkeys import SoftPasskey

pytestmark = pytest.mark.django_db
AT_NAME = {"headers": {"host": "localhost:8000"}}
INSTEAD = "Use a code by e-mail instead"


def shown(client, name, *args):
    return client.get(reverse(f"grants:{name}", args=args), **AT_NAME).content.decode()


def test_a_partner_with_nothing_set_up_is_offered_no_code_instead(in_force):
    amendment = amendments.amendment_in("approved", in_force)
    client = signed_in(grants.owner_of(in_force))
    page = shown(client, "partner_amendment", amendment.number)
    assert INSTEAD not in page
    assert "Confirm it is you, then sign" in page
    SoftPasskey(grants.owner_of(in_force)).register()
    assert INSTEAD in shown(client, "partner_amendment", amendment.number)


@pytest.mark.parametrize("minutes", [0, 59, 60])
def test_a_passkey_is_offered_once_it_signs(waiting, time_machine, minutes):
    time_machine.move_to(timezone.now(), tick=False)
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    SoftPasskey(director).register(at=timezone.now() - timedelta(minutes=minutes))
    client, signs = signed_in(director), minutes == 60
    page = shown(client, "brief", waiting.number)
    assert ("Your passkey is new." in page, f'href="{reverse("grants:sign", args=[waiting.number])}"' in page) == (
        not signs, signs,
    )  # fmt: skip
    sign_page = client.get(reverse("grants:sign", args=[waiting.number]), **AT_NAME)
    assert sign_page.status_code == (200 if signs else 302)


def test_a_new_passkey_beside_an_old_one_is_not_asked(waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    old, new = SoftPasskey(director), SoftPasskey(director)
    old.register()
    new.register(at=timezone.now())
    sha256 = grants.fresh(waiting).agreement.signed_sha256
    challenge = begin_signing(grant=waiting, method="passkey", document_sha256=sha256, by=director)
    (asked,) = passkeys.request_options(challenge)["allowCredentials"]
    assert asked["id"] == old.answer(passkeys.request_options(challenge))["id"]
    assert len(passkeys.passkeys_of(director)) == 2


def test_a_new_passkey_alone_opens_no_challenge(waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    SoftPasskey(director).register(at=timezone.now())
    sha256 = grants.fresh(waiting).agreement.signed_sha256
    with pytest.raises(ValidationError, match="one hour after"):
        begin_signing(grant=waiting, method="passkey", document_sha256=sha256, by=director)


@pytest.mark.parametrize(("passkey", "app"), [*itertools.product([False, True], repeat=2)])
def test_the_word_instead_stands_only_beside_another_way(waiting, passkey, app):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    Authenticator.objects.filter(user=director).delete()
    if app:
        TOTP.activate(director, TOTP_SECRET)
    client = signed_in(director)
    if passkey:
        SoftPasskey(director).register()
    page = shown(client, "brief", waiting.number)
    assert (INSTEAD in page) == (passkey or app)
