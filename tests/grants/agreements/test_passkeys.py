"""Signatures by passkey: real cryptography, and every answer that signs nothing is refused, recorded and spent."""

import copy
import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from grants.agreements import actions, assertions, passkeys
from grants.agreements.models import Signature, SigningChallenge
from tests.factories import grants
from tests.factories.portal import UserFactory
from tests.support.passkeys import ORIGIN, PRESENT, SoftPasskey
from vetting_portal.models import AuditEntry, RoleAssignment
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def director(waiting):
    person = grants.directors_of(waiting)[0]
    grants.declare(waiting, person)
    return person


@pytest.fixture
def passkey(director):
    made = SoftPasskey(director)
    made.register()
    return made


def begun(grant, by) -> SigningChallenge:
    sha256 = grants.fresh(grant).agreement.signed_sha256
    return actions.begin_signing(grant=grant, method="passkey", document_sha256=sha256, by=by)


def attempt(grant, by, challenge, credential, *, origin=ORIGIN, sha256=None, sign=actions.sign_agreement):
    return sign(
        grant=grants.fresh(grant),
        document_sha256=sha256 or challenge.document_sha256,
        nonce=challenge.nonce,
        credential=credential,
        origin=origin,
        by=by,
    )


def sign(grant, by, passkey):
    challenge = begun(grant, by)
    return attempt(grant, by, challenge, passkey.answer(passkeys.request_options(challenge)))


def refused_last() -> str:
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry.event == "signing_refused"
    return str(entry.words.note)


def test_a_passkey_signs_and_its_assertion_can_be_checked_again(waiting, director, passkey):
    signature = sign(waiting, director, passkey)

    kept = Signature.objects.get(pk=signature.pk).assertion
    assert (signature.method, assertions.problems(kept)) == ("passkey", [])
    assert kept["challenge"]["document_sha256"] == signature.document_sha256
    assert kept["challenge"]["approval"] == f"agreement {waiting.number} version 1, director {director.pk}"
    assert assertions.decode(kept["credential_id"]) == passkey.credential_id
    assert "My passkey or code, given here, is my signature" in signature.consent_text
    assert signature.consent_version == "2026-2"


def test_every_kind_of_key_signs_and_the_partner_countersigns_the_same_way(waiting, director):
    second, owner = grants.directors_of(waiting)[1], grants.owner_of(waiting)
    grants.declare(waiting, second)
    made, other, third = SoftPasskey(owner), SoftPasskey(director, kind="EdDSA"), SoftPasskey(second, kind="RS256")
    for one in (made, other, third):
        one.register()
    signatures = [sign(waiting, director, other), sign(waiting, second, third)]
    assert [assertions.problems(one.assertion) for one in signatures] == [[], []]
    assert [one.assertion["algorithm"] for one in signatures] == [assertions.EDDSA, assertions.RS256]
    grant = grants.fresh(waiting)
    assert grant.state == "approved"
    challenge = begun(grant, owner)
    answer = made.answer(passkeys.request_options(challenge))
    signature = attempt(grant, owner, challenge, answer, sign=actions.countersign_agreement)
    assert (signature.side, signature.method) == ("partner", "passkey")
    assert signature.assertion["challenge"]["approval"].endswith(f"partner {owner.pk}")


def changed(kept, *path, to):
    other = copy.deepcopy(kept)
    place = other
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to(place[path[-1]])
    return other


def flipped(text: str) -> str:
    raw = bytearray(assertions.decode(text))
    raw[-1] ^= 1
    return assertions.encode(bytes(raw))


def flag_off(bit: int):
    def without(text: str) -> str:
        raw = bytearray(assertions.decode(text))
        raw[assertions.FLAGS_AT] &= ~bit
        return assertions.encode(bytes(raw))

    return without


CHANGES = [
    (("format",), lambda _: "other", "another format"),
    (("rp_id",), lambda _: "example.org", "another relying party"),
    (("origin",), lambda _: "https://localhost", "another origin"),
    (("public_key",), lambda _: SPARE, "does not fit the key"),
    (("algorithm",), lambda _: -8, "does not fit the key"),
    (("signature",), flipped, "does not fit the key"),
    (("authenticator_data",), flipped, "does not fit the key"),
    (("authenticator_data",), flag_off(assertions.USER_VERIFIED), "did not verify"),
    (("authenticator_data",), flag_off(assertions.USER_PRESENT), "nobody was present"),
    (("authenticator_data",), lambda _: "AAAA", "too short"),
    (("client_data_json",), flipped, "cannot be read"),
    (("challenge", "document_sha256"), lambda _: "0" * 64, "challenge is another one"),
    (("challenge", "approval"), lambda text: f"{text}0", "challenge is another one"),
    (("challenge", "nonce"), lambda _: "0" * 64, "challenge is another one"),
    (("challenge", "domain"), lambda _: "other", "something else"),
    (("challenge",), lambda _: None, "cannot be read"),
]
SPARE = assertions.encode(passkeys.spki(SoftPasskey(UserFactory.build(pk=1)).cose))


def test_any_change_of_a_kept_assertion_is_found(waiting, director, passkey):
    kept = sign(waiting, director, passkey).assertion
    for path, to, why in CHANGES:
        found = assertions.problems(changed(kept, *path, to=to))
        assert any(why in one for one in found), (path, found)


def test_the_challenge_tells_its_parts_apart():
    """Nothing moves from one part to the next: the bytes are other ones, and stay what they are for good."""
    nonce = "ab" * 32
    one = assertions.challenge_bytes(document_sha256="11" * 32, approval="grant 1", nonce=nonce)
    other = assertions.challenge_bytes(document_sha256="11" * 32, approval="grant ", nonce="31" + nonce)
    assert one != other
    assert one.hex() == "fdea93ae4400305cff77bac3315713257f93162eb80c88eab15e9c31ba1fade6"


FOREIGN = {
    "another origin": ({"origin": "http://localhost:9999"}, "origin"),
    "another site": ({"origin": "https://evil.example"}, "origin"),
    "another relying party": ({"rp_id": "evil.example"}, "RP ID"),
    "no verification": ({"flags": PRESENT}, "verifi"),
    "nobody present": ({"flags": 0}, "Present"),
    "another challenge": ({"challenge": assertions.encode(b"1" * 32)}, "challenge"),
    "a registration": ({"kind": "webauthn.create"}, "type"),
    "inside another page": ({"more": {"crossOrigin": True}}, "another site"),
    "a counter that went back": ({"counter": 1}, "counts backwards"),
}


def test_a_foreign_assertion_signs_nothing_is_recorded_and_spends_the_challenge(waiting, director, passkey):
    for name, (told, why) in FOREIGN.items():
        challenge = begun(waiting, director)
        options = passkeys.request_options(challenge)
        with pytest.raises(ValidationError, match=why):
            attempt(waiting, director, challenge, passkey.answer(options, **told))
        assert why in refused_last(), name
        passkey.counter = 5
        with pytest.raises(ValidationError, match="This step is over"):
            attempt(waiting, director, challenge, passkey.answer(options))
        assert not Signature.objects.exists(), name


def test_somebody_elses_or_tampered_answers_sign_nothing(waiting, director, passkey):
    second = grants.directors_of(waiting)[1]
    grants.declare(waiting, second)
    other = SoftPasskey(second)
    other.register()
    challenge = begun(waiting, director)
    with pytest.raises(ValidationError, match="This step is over"):
        attempt(waiting, second, challenge, other.answer(passkeys.request_options(challenge)))
    with pytest.raises(ValidationError, match="not registered for your account"):
        attempt(waiting, director, challenge, other.answer(passkeys.request_options(challenge)))
    assert "not registered" in refused_last()
    challenge = begun(waiting, director)
    answer = passkey.answer(passkeys.request_options(challenge))
    client = assertions.decode(answer["response"]["clientDataJSON"])
    answer["response"]["clientDataJSON"] = assertions.encode(client.replace(b"}", b',"x":1}'))
    with pytest.raises(ValidationError, match="Invalid signature"):
        attempt(waiting, director, challenge, answer)
    assert not Signature.objects.exists()


def test_what_is_no_answer_signs_nothing(waiting, director, passkey):
    for junk in ({"x": 1}, {"rawId": 1}, {"rawId": "é"}, {"rawId": "AAAA"}, ["x"], "text"):
        with pytest.raises(ValidationError, match="passkey"):
            attempt(waiting, director, begun(waiting, director), junk)
    challenge = begun(waiting, director)
    broken = {**passkey.answer(passkeys.request_options(challenge)), "response": {"authenticatorData": "AA"}}
    with pytest.raises(ValidationError, match="does not hold"):
        attempt(waiting, director, challenge, broken)
    challenge = begun(waiting, director)
    Authenticator.objects.filter(user=director, type="webauthn").delete()
    with pytest.raises(ValidationError, match="not registered"):
        attempt(waiting, director, challenge, passkey.answer(passkeys.request_options(challenge)))


def test_an_answer_after_two_minutes_is_too_late(waiting, director, passkey, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    challenge = begun(waiting, director)
    assert challenge.expires_at - challenge.made_at == timedelta(seconds=120)
    time_machine.shift(timedelta(seconds=120))
    with pytest.raises(ValidationError, match="This step is over"):
        attempt(waiting, director, challenge, passkey.answer(passkeys.request_options(challenge)))
    assert "This step is over" in refused_last()


def test_a_replayed_answer_is_refused(waiting, director, passkey):
    challenge = begun(waiting, director)
    answer = passkey.answer(passkeys.request_options(challenge))
    attempt(waiting, director, challenge, answer)
    with pytest.raises(Refused, match="signed this agreement already"):
        attempt(waiting, director, challenge, answer)
    assert "signed this agreement already" in refused_last()
    assert Signature.objects.count() == 1


def test_an_answer_for_one_document_signs_no_other(waiting, director, passkey):
    other = grants.drafted(funder=False)
    other = actions.freeze_terms(grant=other, by=grants.officer_of(other))
    grants.declare(other, director)
    challenge, second = begun(waiting, director), begun(other, director)
    answer = passkey.answer(passkeys.request_options(challenge))
    with pytest.raises(ValidationError, match="This step is over"):
        attempt(other, director, challenge, answer, sha256=second.document_sha256)
    with pytest.raises(ValidationError, match="Wrong challenge"):
        attempt(other, director, second, answer)
    assert not Signature.objects.exists()


def test_an_answer_on_terms_that_changed_meanwhile_signs_nothing(waiting, director, passkey):
    challenge = begun(waiting, director)
    answer = passkey.answer(passkeys.request_options(challenge))
    officer = grants.officer_of(waiting)
    back = actions.send_back_grant(grant=waiting, reason="Another window.", by=officer)
    actions.freeze_terms(grant=actions.change_grant(grant=back, fields={"title": "Other"}, by=officer), by=officer)
    with pytest.raises(Refused, match="Changed since you viewed it"):
        attempt(waiting, director, challenge, answer)
    assert "Changed since you viewed it" in refused_last()
    sha256 = grants.fresh(waiting).agreement.signed_sha256
    with pytest.raises(Refused, match="Changed since you viewed it"):
        attempt(waiting, director, challenge, answer, sha256=sha256)
    assert not Signature.objects.exists()


def test_who_lost_the_role_between_opening_and_signing_signs_nothing(waiting, director, passkey, client):
    challenge = begun(waiting, director)
    answer = passkey.answer(passkeys.request_options(challenge))
    RoleAssignment.objects.filter(user=director).update(until_at=timezone.now())
    director.__dict__.pop("role_keys", None)
    with pytest.raises(PermissionDenied):
        attempt(waiting, director, challenge, answer)
    assert refused_last() == "No longer allowed to sign."
    RoleAssignment.objects.create(user=director, role="auditor", assigned_by=grants.system())
    before = AuditEntry.objects.count()
    client.force_login(director)
    answered = client.post(reverse("grants:sign", args=[waiting.number]), {})
    assert (answered.status_code, AuditEntry.objects.count()) == (403, before + 1)
    assert refused_last() == "No longer allowed to sign."
    assert not Signature.objects.exists()


def test_a_counter_that_does_not_go_up_is_refused_and_zero_is_none(waiting, director):
    made = SoftPasskey(director, counter=0)
    made.register()
    sign(waiting, director, made)
    other = grants.drafted(funder=False)
    other = actions.freeze_terms(grant=other, by=grants.officer_of(other))
    grants.declare(other, director)
    assert sign(other, director, made).method == "passkey"
    third = grants.drafted(funder=False)
    third = actions.freeze_terms(grant=third, by=grants.officer_of(third))
    grants.declare(third, director)
    made.counter = 7
    assert assertions.counter_of(sign(third, director, made).assertion) == 8
    last = grants.drafted(funder=False)
    last = actions.freeze_terms(grant=last, by=grants.officer_of(last))
    grants.declare(last, director)
    challenge = begun(last, director)
    with pytest.raises(ValidationError, match="counts backwards"):
        attempt(last, director, challenge, made.answer(passkeys.request_options(challenge), counter=8))


def test_a_new_passkey_signs_one_hour_later(waiting, director, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    made = SoftPasskey(director)
    with pytest.raises(ValidationError, match="set up for you"):
        begun(waiting, director)
    made.register(at=timezone.now())
    with pytest.raises(ValidationError, match="one hour after"):
        sign(waiting, director, made)
    time_machine.shift(timedelta(hours=1))
    assert sign(waiting, director, made).method == "passkey"


def test_a_code_does_not_answer_for_a_passkey(waiting, director, passkey):
    challenge = begun(waiting, director)
    with pytest.raises(ValidationError, match="for your passkey"):
        actions.sign_agreement(
            grant=waiting, document_sha256=challenge.document_sha256, nonce=challenge.nonce,
            code=grants.totp_code(), by=director,
        )  # fmt: skip


def test_the_database_keeps_a_passkeys_signature_and_its_assertion_together(waiting, director, passkey):
    signature = sign(waiting, director, passkey)
    kept = {field.attname: getattr(signature, field.attname) for field in Signature._meta.concrete_fields}
    for change in ({"assertion": None}, {"method": "totp"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.create(**{**kept, "id": None, "ordinal": 9, "user_id": director.pk, **change})


def test_the_page_asks_for_a_passkey_at_the_portals_name_only(waiting, director, passkey, client):
    client.force_login(director)
    page = reverse("grants:sign", args=[waiting.number])
    at_name = client.get(page, headers={"host": "localhost"})
    assert "Sign with passkey" in at_name.text
    begin = {"document_sha256": grants.fresh(waiting).agreement.signed_sha256, "method": "passkey"}
    asked = client.post(
        reverse("grants:sign_begin", args=[waiting.number]), begin, headers={"host": "localhost"}
    ).json()
    assert asked["options"]["userVerification"] == "required"
    assert [one["id"] for one in asked["options"]["allowCredentials"]] == [assertions.encode(passkey.credential_id)]
    brief = client.get(reverse("grants:brief", args=[waiting.number]), headers={"host": "127.0.0.1:8000"}).text
    assert "http://localhost:8000/grants/" in brief
    assert "Sign with passkey" not in brief


def test_a_passkey_signs_through_the_page(waiting, director, passkey, client):
    client.force_login(director)
    host = {"host": "localhost:8000"}
    sha256 = grants.fresh(waiting).agreement.signed_sha256
    begin = reverse("grants:sign_begin", args=[waiting.number])
    asked = client.post(begin, {"document_sha256": sha256, "method": "passkey"}, headers=host).json()
    form = {
        "document_sha256": sha256,
        "nonce": asked["nonce"],
        "consent": "on",
        "credential": json.dumps(passkey.answer(asked["options"])),
    }
    answered = client.post(reverse("grants:sign", args=[waiting.number]), form, headers=host)
    assert (answered.status_code, Signature.objects.get().method) == (302, "passkey")
    again = client.post(reverse("grants:sign", args=[waiting.number]), form, headers=host)
    assert again.status_code == 409
