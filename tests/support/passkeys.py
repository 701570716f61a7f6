"""An authenticator in software: it makes passkeys and answers challenges as a telephone does, with a real key."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils import timezone
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from grants.agreements.assertions import encode
from vetting_portal.models import User

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
NAME, ORIGIN = "localhost", "http://localhost:8000"
LONG_AGO = timedelta(days=2)


def key_of(kind: str) -> Any:
    """Return a new private key: ``ES256``, ``EdDSA`` or ``RS256``."""
    if kind == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class SoftPasskey:
    """One passkey of one person; every answer counts up, unless ``counter`` is 0."""

    user: User
    kind: str = "ES256"
    rp_id: str = NAME
    counter: int = 1
    key: Any = field(init=False)
    credential_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.key = key_of(self.kind)
        self.credential_id = hashlib.sha256(f"{self.user.pk}{id(self)}".encode()).digest()

    @property
    def cose(self) -> CoseKey:
        """The public key as it is registered."""
        kinds: dict[str, type[CoseKey]] = {"ES256": ES256, "EdDSA": EdDSA, "RS256": RS256}
        return kinds[self.kind].from_cryptography_key(self.key.public_key())

    def _told(self, flags: int, rp_id: str, attested: AttestedCredentialData | None = None) -> AuthenticatorData:
        rp_hash = hashlib.sha256(rp_id.encode()).digest()
        return AuthenticatorData.create(rp_hash, flags, self.counter, attested or b"")

    def created(self, challenge: str, origin: str = ORIGIN) -> dict[str, Any]:
        """Return what a browser hands over when a passkey is registered."""
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, self.cose)
        told = self._told(PRESENT | VERIFIED | ATTESTED, self.rp_id, attested)
        client = CollectedClientData.create("webauthn.create", challenge, origin)
        return self._credential({
            "clientDataJSON": encode(bytes(client)),
            "attestationObject": encode(bytes(AttestationObject.create("none", told, {}))),
        })  # fmt: skip

    def register(self, *, at: datetime | None = None) -> Authenticator:
        """Keep the passkey as signing up for it does, two days ago unless said otherwise."""
        data = {"name": "Passkey", "credential": self.created(encode(b"0" * 32))}
        return Authenticator.objects.create(
            user=self.user, type="webauthn", data=data, created_at=at or timezone.now() - LONG_AGO
        )

    def answer(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        """Return the answer to ``options``. ``wrong`` changes what an attacker could: origin, rp_id, flags, kind,
        challenge, more (in the client's data), counter.
        """
        self.counter = wrong.get("counter", self.counter + 1 if self.counter else 0)
        client = json.dumps({
            "type": wrong.get("kind", "webauthn.get"),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", ORIGIN),
            "crossOrigin": False,
            **wrong.get("more", {}),
        }).encode()  # fmt: skip
        told = bytes(self._told(wrong.get("flags", PRESENT | VERIFIED), wrong.get("rp_id", self.rp_id)))
        return self._credential({
            "clientDataJSON": encode(client),
            "authenticatorData": encode(told),
            "signature": encode(self._sign(told + hashlib.sha256(client).digest())),
            "userHandle": encode(user_pk_to_url_str(self.user).encode()),
        })  # fmt: skip

    def _sign(self, message: bytes) -> bytes:
        if self.kind == "EdDSA":
            return bytes(self.key.sign(message))
        if self.kind == "RS256":
            return bytes(self.key.sign(message, padding.PKCS1v15(), SHA256()))
        return bytes(self.key.sign(message, ec.ECDSA(SHA256())))

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        name = encode(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
