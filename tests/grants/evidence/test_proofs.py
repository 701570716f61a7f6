"""What the verifier makes of passkeys and timestamps: only the one that fits is taken."""

import asyncio
import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import CertificateBuilder, Name, NameAttribute
from cryptography.x509.oid import NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from tests.grants.evidence.bundles import tool

DOCUMENT = {"kind": "agreement", "number": "2026-014", "version": 1}
FILE = hashlib.sha256(b"the file").hexdigest()
NONCE = "ab" * 32
KEY = ec.generate_private_key(ec.SECP256R1())


def text(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def challenge(
    approval="agreement 2026-014 version 1, director 7", sha256=FILE, nonce=NONCE, domain=tool.PASSKEY_DOMAIN
):
    parts = (domain.encode(), bytes.fromhex(sha256), approval.encode(), bytes.fromhex(nonce))
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def signature(*, asked=None, rp="portal.example.org", flags=5, key=KEY, client=None, **parts):
    """Return a signature as the bundle tells it, made by a passkey of software."""
    told = hashlib.sha256(rp.encode()).digest() + bytes([flags]) + bytes(4)
    says = {
        "type": "webauthn.get", "challenge": text(asked or challenge()), "origin": "https://portal.example.org",
        **(client or {}),
    }  # fmt: skip
    content = json.dumps(says).encode()
    named = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assertion = {
        "format": tool.PASSKEY_FORMAT, "algorithm": -7, "rp_id": "portal.example.org",
        "origin": "https://portal.example.org", "public_key": text(named), "client_data_json": text(content),
        "authenticator_data": text(told),
        "signature": text(key.sign(told + hashlib.sha256(content).digest(), ec.ECDSA(hashes.SHA256()))),
        "challenge": {
            "domain": tool.PASSKEY_DOMAIN, "document_sha256": FILE, "nonce": NONCE,
            "approval": "agreement 2026-014 version 1, director 7", **parts,
        },
    }  # fmt: skip
    return {
        "side": "director", "actor_id": 7, "document_sha256": FILE, "assertion": assertion,
        "challenge": {"nonce": NONCE, "made_at": "2026-11-25T10:00:00Z", "used_at": "2026-11-25T10:01:00Z"},
    }  # fmt: skip


def problems(one):
    return list(tool.assertion_problems(DOCUMENT, one))


def test_a_passkeys_signature_over_this_file_for_this_approval_is_taken():
    assert problems(signature()) == []


@pytest.mark.parametrize(("made", "says"), [
    (signature(asked=challenge(sha256="0" * 64)), "another challenge"),
    (signature(asked=challenge(approval="agreement 2026-014 version 1, director 8")), "another challenge"),
    (signature(asked=challenge(nonce="cd" * 32)), "another challenge"),
    (signature(asked=challenge(domain="sign-in")), "another challenge"),
    (signature(approval="agreement 2026-014 version 1, director 8"), "answered another challenge"),
    (signature(rp="evil.example"), "another relying party"),
    (signature(flags=1), "did not verify its user"),
    (signature(flags=4), "did not verify its user"),
    (signature(key=ec.generate_private_key(ec.SECP256R1())), "not valid"),
    (signature(client={"type": "webauthn.create"}), "another challenge"),
    (signature(client={"origin": "https://portal.example.org.evil.example"}), "another site"),
    (signature(client={"crossOrigin": True}), "another site's page"),
    ({**signature(), "actor_id": 8}, "answered another challenge"),
    ({**signature(), "side": "partner"}, "answered another challenge"),
])  # fmt: skip
def test_any_other_is_not(made, says):
    assert any(says in one for one in problems(made))


def test_an_answer_after_two_minutes_is_too_late():
    late = signature()
    late["challenge"]["used_at"] = "2026-11-25T10:02:01Z"
    assert problems(late) == ["the passkey answered too late"]


def test_one_changed_bit_of_an_assertion_is_told():
    whole = signature()
    for name in ("client_data_json", "authenticator_data", "signature", "public_key"):
        content = bytearray(base64.urlsafe_b64decode(whole["assertion"][name] + "=="))
        for place in range(0, len(content), 5):
            content[place] ^= 1
            changed = {**whole, "assertion": {**whole["assertion"], name: text(bytes(content))}}
            report = tool.Report()
            report.run("", lambda changed=changed: tool.assertion_problems(DOCUMENT, changed))
            assert not report.ok, (name, place)
            content[place] ^= 1


def _authority():
    """Return an authority of timestamps: certificate and key as the stamper takes them, and the certificate as PEM."""
    key, name = rsa.generate_private_key(65537, 2048), Name([NameAttribute(NameOID.COMMON_NAME, "A clock")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = made.public_bytes(serialization.Encoding.PEM)
    return x509.Certificate.load(made.public_bytes(serialization.Encoding.DER)), keys.PrivateKeyInfo.load(der), pem


def test_a_timestamp_is_of_the_sealed_file_and_of_the_authority_kept_with_it():
    certificate, key, pem = _authority()
    stamper = DummyTimeStamper(certificate, key)
    token = asyncio.run(stamper.async_timestamp(hashlib.sha256(b"sealed").digest(), "sha256")).dump()
    other = _authority()[2]

    def said(sealed, kept=pem, content=token):
        files = {"agreement-v1/sealed.pdf": sealed, "timestamps/agreement-v1-1.tsr": content,
                 "timestamps/agreement-v1-1.pem": kept}  # fmt: skip
        report = tool.Report()
        report.run("", lambda: tool.check_timestamps(tool.Bundle(files), "timestamps/agreement-v1-1.tsr"))
        return report.ok

    assert said(b"sealed")
    assert not said(b"another")
    assert not said(b"sealed", kept=other)
    changed = bytearray(token)
    changed[token.index(hashlib.sha256(b"sealed").digest()) - 3] ^= 1
    assert not said(b"sealed", content=bytes(changed))


def test_nothing_in_a_bundle_steers_the_terminal():
    said = tool._say(tool.Report(checks=[("wiped\x1b[2J\u202e", False)], rests_on=["a\nb"]))
    assert said.splitlines() == ["Evidence", "NO   wiped?[2J?", "     a?b", "This evidence does not hold."]


def test_a_check_that_never_ends_is_ended(monkeypatch):
    """A library that swallows the first alarm gets another one."""

    def for_ever():
        try:
            while True:
                pass
        except tool.Broken:
            pass
        while True:
            pass
        yield

    monkeypatch.setattr(tool, "MOST_SECONDS", 0.1)
    report = tool.Report()
    report.run("A file from somebody", for_ever)

    assert report.checks == [("A file from somebody: it takes longer than 0.1 seconds", False)]
