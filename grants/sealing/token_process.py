"""The process that loads a token's library, asks it one thing, and ends: an order as JSON in, an answer as JSON out."""

import hashlib
import json
import sys
from typing import Any

import pkcs11
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key


def public_key(session: Any, label: str) -> bytes:
    """Return the public key as SubjectPublicKeyInfo (EC) or PKCS#1 wrapped so (RSA)."""
    key = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=label)
    if key.key_type == pkcs11.KeyType.EC:
        return encode_ec_public_key(key)
    return encode_rsa_public_key(key)


def signature(session: Any, label: str, message: bytes) -> bytes:
    """Return the signature over the SHA-256 of ``message``; that of an EC key as DER, as everybody else writes it."""
    key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
    if key.key_type == pkcs11.KeyType.EC:
        raw = key.sign(hashlib.sha256(message).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
    return key.sign(message, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)


def answer(order: dict[str, Any]) -> dict[str, str]:
    """Do what the order says: tell the public key, or sign."""
    try:
        token = pkcs11.lib(order["module"]).get_token(token_label=order["token"])
        with token.open(user_pin=order["pin"] or None) as session:
            if order["message"] is None:
                return {"public_key": public_key(session, order["label"]).hex()}
            return {"signature": signature(session, order["label"], bytes.fromhex(order["message"])).hex()}
    except (pkcs11.PKCS11Error, RuntimeError, OSError, ValueError) as error:
        return {"error": f"{type(error).__name__} {error}".strip()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin))))
