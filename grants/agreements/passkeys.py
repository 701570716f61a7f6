"""A signature by passkey: what the browser is asked, and the check of its answer."""

import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2.cose import CoseKey
from fido2.rpid import verify_rp_id
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from grants.agreements import assertions
from grants.agreements.models import Agreement, Signature, SigningChallenge
from vetting_portal.accounts.passkeys import relying_party
from vetting_portal.models import User

GOOD_FOR = timedelta(seconds=120)
SETTLES = timedelta(hours=1)
TOO_NEW = "This passkey is new: it signs one hour after it was registered. Use a code until then."
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error)
SIGNING_KEYS = {assertions.ES256, assertions.EDDSA, assertions.RS256}


class PasskeyError(Exception):
    """An answer of a passkey that signs nothing, and why, in words for the trail and for the page."""


def passkeys_of(user: User) -> list[Authenticator]:
    """Return the passkeys of ``user``, the oldest first."""
    return list(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def signing_passkeys(user: User, now: datetime) -> list[Authenticator]:
    """Return the passkeys of ``user`` that sign at ``now``: those that were set up an hour before, or earlier."""
    return [one for one in passkeys_of(user) if one.created_at + SETTLES <= now]


def signs_from(set_up_at: datetime | None, now: datetime) -> datetime | None:
    """Return when somebody whose first passkey was set up then can sign with it; None where that is so already."""
    if set_up_at is None or set_up_at + SETTLES <= now:
        return None
    return set_up_at + SETTLES


def approval_id(agreement: Agreement, side: str, user: User) -> str:
    """Return who approves what as whom: ``agreement 2026-014 version 1, director 7``."""
    return f"{agreement.kind} {agreement.number} version {agreement.terms.version}, {side} {user.pk}"


def _registered(authenticator: Authenticator) -> AuthenticatorData:
    told: AuthenticatorData = authenticator.wrap().authenticator_data
    return told


def _key_of(authenticator: Authenticator) -> AttestedCredentialData:
    known = _registered(authenticator).credential_data
    if known is None:
        raise PasskeyError("This passkey was registered without a key. Register it again.")
    return known


def challenge_of(challenge: SigningChallenge) -> bytes:
    """Return the bytes that the passkey is asked to sign for this challenge."""
    return assertions.challenge_bytes(
        document_sha256=challenge.document_sha256, approval=challenge.approval, nonce=challenge.nonce
    )


def request_options(challenge: SigningChallenge) -> dict[str, Any]:
    """Return what the browser is asked, as WebAuthn's JSON: the signer's own passkeys that sign already, with
    verification.
    """
    return {
        "challenge": assertions.encode(challenge_of(challenge)),
        "timeout": int(GOOD_FOR.total_seconds() * 1000),
        "rpId": relying_party(),
        "allowCredentials": [
            {"type": "public-key", "id": assertions.encode(_key_of(one).credential_id)}
            for one in signing_passkeys(challenge.user, challenge.made_at)
        ],
        "userVerification": "required",
    }


def spki(key: CoseKey) -> bytes:
    """Return a registered key as SubjectPublicKeyInfo (DER). Raises PasskeyError for a kind that does not sign here."""
    number = int.from_bytes
    public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
    if key.get(3) == assertions.ES256:
        point = ec.EllipticCurvePublicNumbers(number(key[-2], "big"), number(key[-3], "big"), ec.SECP256R1())
        public = point.public_key()
    elif key.get(3) == assertions.EDDSA:
        public = ed25519.Ed25519PublicKey.from_public_bytes(key[-2])
    elif key.get(3) == assertions.RS256:
        public = rsa.RSAPublicNumbers(number(key[-2], "big"), number(key[-1], "big")).public_key()
    else:
        raise PasskeyError("This kind of passkey does not sign here. Use another one, or a code.")
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def find_passkey(user: User, credential: Mapping[str, Any]) -> Authenticator:
    """Return the passkey of ``user`` that answered. Raises PasskeyError for one that is not theirs, or no answer."""
    try:
        answered = assertions.decode(credential["rawId"])
    except UNREADABLE as error:
        raise PasskeyError("The passkey’s answer cannot be read.") from error
    found = next((one for one in passkeys_of(user) if _key_of(one).credential_id == answered), None)
    if found is None:
        raise PasskeyError("This passkey is not registered for your account.")
    return found


def check_assertion(
    challenge: SigningChallenge, passkey: Authenticator, credential: Mapping[str, Any], *, origin: str, now: datetime
) -> dict[str, Any]:
    """Return the record of an answer that proves the signature; ``passkey`` is locked.

    Raises PasskeyError for one that was made elsewhere, for something else, without verifying the user, with a counter
    that went back, or with a passkey that is younger than an hour.
    """
    key, name = _key_of(passkey), relying_party()
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=name, name=name),
        verify_origin=lambda told: told == origin and verify_rp_id(name, told),
    )
    asked = {
        "challenge": assertions.encode(challenge_of(challenge)),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }
    try:
        answer = AuthenticationResponse.from_dict(credential)
        server.authenticate_complete(asked, [key], answer)
    except UNREADABLE as error:
        raise PasskeyError(f"The passkey’s answer does not hold. {error}") from error
    if passkey.created_at + SETTLES > now:
        raise PasskeyError(TOO_NEW)
    _check_counter(passkey, answer.response.authenticator_data.counter, assertions.encode(key.credential_id))
    kept = _record(challenge, key, answer, origin)
    if wrong := assertions.problems(kept):
        raise PasskeyError(f"The passkey’s answer could not be checked again: {'; '.join(wrong)}.")
    return kept


def _check_counter(passkey: Authenticator, told: int, credential_id: str) -> None:
    """Raise PasskeyError when the authenticator counts backwards: two of the same are about. Zero is no counter."""
    signed = (
        Signature.objects.filter(user=passkey.user_id, assertion__credential_id=credential_id).order_by("pk").last()
    )
    before = assertions.counter_of(signed.assertion) if signed and signed.assertion else _registered(passkey).counter
    if (told or before) and told <= before:
        raise PasskeyError("The passkey counts backwards: it may have been copied. Remove it and register a new one.")


def _record(
    challenge: SigningChallenge, key: AttestedCredentialData, answer: AuthenticationResponse, origin: str
) -> dict[str, Any]:
    """Return the assertion as it is kept with the signature (docs/signing.md)."""
    said = answer.response
    return {
        "format": assertions.FORMAT,
        "rp_id": relying_party(),
        "origin": origin,
        "credential_id": assertions.encode(key.credential_id),
        "algorithm": key.public_key.ALGORITHM,
        "public_key": assertions.encode(spki(key.public_key)),
        "authenticator_data": assertions.encode(bytes(said.authenticator_data)),
        "client_data_json": assertions.encode(bytes(said.client_data)),
        "signature": assertions.encode(said.signature),
        "challenge": {
            "domain": assertions.DOMAIN,
            "document_sha256": challenge.document_sha256,
            "approval": challenge.approval,
            "nonce": challenge.nonce,
        },
    }
