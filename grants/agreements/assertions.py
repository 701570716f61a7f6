"""What a passkey signs when somebody signs a document, and the check of it: no portal, no database, no network.

The record of a signature by passkey is plain JSON (``docs/signing.md``). ``problems`` checks one again, years later,
with nothing but ``cryptography``: whoever verifies evidence outside the portal does the same.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

FORMAT = "passkey-assertion-1"
DOMAIN = "vetting-portal/sign-document/1"
ES256, EDDSA, RS256 = -7, -8, -257
USER_PRESENT, USER_VERIFIED = 0x01, 0x04
FLAGS_AT, COUNTER_AT, LEAST_LENGTH = 32, 33, 37
LENGTH_BYTES = 4


def encode(data: bytes) -> str:
    """Return bytes as base64url without padding, as WebAuthn writes them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url without padding. Raises ValueError for anything else."""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error


def challenge_bytes(*, document_sha256: str, approval: str, nonce: str) -> bytes:
    """Return SHA-256 over domain, document hash, approval id and nonce: what the passkey is asked to sign.

    Each part stands behind its length in four bytes, the most significant first, so that no two lists of parts give
    the same bytes. Domain and approval are UTF-8, the hash and the nonce (hexadecimal) are their raw bytes.
    """
    parts = (DOMAIN.encode(), bytes.fromhex(document_sha256), approval.encode(), bytes.fromhex(nonce))
    return hashlib.sha256(b"".join(len(part).to_bytes(LENGTH_BYTES, "big") + part for part in parts)).digest()


def counter_of(assertion: Mapping[str, Any]) -> int:
    """Return the signature counter that the authenticator told."""
    return int.from_bytes(decode(assertion["authenticator_data"])[COUNTER_AT:LEAST_LENGTH], "big")


def problems(assertion: Mapping[str, Any]) -> list[str]:
    """Return everything that is wrong with a kept assertion; nothing when it proves its signature.

    It proves that the holder of the named key signed this document hash for this approval. That the key was the
    signer's is told by the portal's trail, and the same hash must be the one of the file at hand.
    """
    try:
        return list(_problems(assertion))
    except (KeyError, TypeError, ValueError, AttributeError, UnsupportedAlgorithm) as error:
        return [f"the record cannot be read ({type(error).__name__})"]


def _problems(assertion: Mapping[str, Any]) -> Iterator[str]:
    if assertion["format"] != FORMAT:
        yield "the record has another format"
    parts = assertion["challenge"]
    if parts["domain"] != DOMAIN:
        yield "the challenge was made for something else"
    challenge = challenge_bytes(
        document_sha256=parts["document_sha256"], approval=parts["approval"], nonce=parts["nonce"]
    )
    client, told = decode(assertion["client_data_json"]), decode(assertion["authenticator_data"])
    yield from _client_problems(json.loads(client), challenge, assertion["rp_id"], assertion["origin"])
    if len(told) < LEAST_LENGTH:
        yield "the authenticator's data are too short"
        return
    if not hmac.compare_digest(told[:FLAGS_AT], hashlib.sha256(assertion["rp_id"].encode()).digest()):
        yield "the authenticator signed for another relying party"
    if not told[FLAGS_AT] & USER_PRESENT:
        yield "nobody was present"
    if not told[FLAGS_AT] & USER_VERIFIED:
        yield "the authenticator did not verify its user"
    signed = told + hashlib.sha256(client).digest()
    if not _is_signed(decode(assertion["public_key"]), assertion["algorithm"], decode(assertion["signature"]), signed):
        yield "the signature does not fit the key"


def _client_problems(client: Mapping[str, Any], challenge: bytes, rp_id: str, origin: str) -> Iterator[str]:
    """Yield what is wrong with what the browser told."""
    if client["type"] != "webauthn.get":
        yield "it is no assertion"
    if not hmac.compare_digest(decode(client["challenge"]), challenge):
        yield "the challenge is another one"
    if client["origin"] != origin:
        yield "it comes from another origin"
    if client.get("crossOrigin") or client.get("topOrigin"):
        yield "it was made inside another site's page"
    host = urlsplit(origin).hostname or ""
    if host != rp_id and not host.endswith(f".{rp_id}"):
        yield "the origin is not of the relying party"


def _is_signed(public_key: bytes, algorithm: int, signature: bytes, signed: bytes) -> bool:
    """Whether ``signature`` over ``signed`` was made with the private key of ``public_key`` (SubjectPublicKeyInfo)."""
    key = load_der_public_key(public_key)
    try:
        if algorithm == ES256 and isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
            key.verify(signature, signed, ec.ECDSA(SHA256()))
        elif algorithm == EDDSA and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        elif algorithm == RS256 and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True
