"""Keys that live elsewhere: a token (SoftHSM2) and a key service (moto, which really signs), well and unwell."""

import contextlib
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from grants.agreements.verification import seal_holds
from grants.sealing.actions import denounce_seal_key, keys, present_certificate, rotate_seal_key
from grants.sealing.failing import CouldNotSeal
from grants.sealing.keys import key_of, service
from grants.sealing.keys import token as tokens
from grants.sealing.models import SealCertificate
from grants.sealing.sealers import certificate_for, seal
from tests.support.servers import free_port
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def sealed(sheet, by):
    return seal(sheet, digest="0" * 64, certificate=present_certificate(by=by))


def issued(public, *, usage=True, days=(-1, 365)):
    """Return certificates of somebody else's for ``public``: its own, then the issuer's."""
    issuer_key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])

    def make(subject, key, is_root):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        )
        if not is_root:
            flags = dict.fromkeys(
                ["key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
                 "encipher_only", "decipher_only"], False,
            )  # fmt: skip
            allowed = x509.KeyUsage(digital_signature=True, content_commitment=usage, **flags)
            builder = builder.add_extension(allowed, critical=True)
        return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The funder")])
    return make(subject, public, is_root=False) + make(name, issuer_key.public_key(), is_root=True)


@pytest.mark.parametrize("label", ["ec", "rsa"])
def test_a_token_seals(token, label, sheet, by, settings, pdfsig):
    settings.SEALER = token.source(label)
    content = sealed(sheet, by)
    assert seal_holds(content) == (True, True)
    assert "Signature is Valid" in pdfsig(content)
    assert SealCertificate.objects.current().source == token.source(label)


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "RSA_3072"])
def test_a_key_service_seals(key_service, spec, sheet, by, settings, pdfsig):
    settings.SEALER = key_service.make(spec)
    content = sealed(sheet, by)
    assert seal_holds(content) == (True, True)
    assert "Signature is Valid" in pdfsig(content)


def test_from_the_local_key_to_a_token_to_a_service_every_seal_holds(token, key_service, sheet, by, settings, folder):
    secret, contents = settings.SEAL_SECRET, []
    for source in ("local", token.source("ec"), key_service.make("ECC_NIST_P256")):
        settings.SEALER, settings.SEAL_SECRET = source, secret
        rotate_seal_key(by=by)
        contents.append(sealed(sheet, by))
    assert [seal_holds(content) for content in contents] == [(True, True)] * 3
    with pytest.raises(Refused, match="seals already"):
        rotate_seal_key(by=by)


def test_two_workers_that_begin_at_once_leave_one_certificate(key_service, by, settings, monkeypatch):
    settings.SEALER, rival = key_service.make("ECC_NIST_P256"), []

    def overtaken(key, holder=""):
        pem = certificate_for(key)
        monkeypatch.setattr(keys, "certificate_for", certificate_for)
        rival.append(present_certificate(by=by))
        return pem

    monkeypatch.setattr(keys, "certificate_for", overtaken)
    assert [present_certificate(by=by)] == rival == list(SealCertificate.objects.all())


def test_two_rotations_at_once_leave_one(key_service, by, settings, monkeypatch):
    settings.SEALER = key_service.make("ECC_NIST_P256")
    present_certificate(by=by)
    mine, theirs = key_service.make("ECC_NIST_P256"), key_service.make("ECC_NIST_P256")

    def overtaken(key, holder=""):
        pem, settings.SEALER = certificate_for(key), theirs
        monkeypatch.setattr(keys, "certificate_for", certificate_for)
        rotate_seal_key(by=by)
        return pem

    monkeypatch.setattr(keys, "certificate_for", overtaken)
    settings.SEALER = mine
    with pytest.raises(Refused, match="came between"):
        rotate_seal_key(by=by)
    assert SealCertificate.objects.current().source == theirs


def test_the_same_key_takes_a_new_certificate_and_a_denounced_one_never_seals_again(
    key_service, sheet, by, settings, tmp_path
):
    settings.SEALER = key_service.make("ECC_NIST_P256")
    first, content = present_certificate(by=by), sealed(sheet, by)
    settings.SEAL_CERTIFICATE = str(tmp_path / "chain.pem")
    (tmp_path / "chain.pem").write_bytes(issued(key_of(settings.SEALER).public_key()))
    second = rotate_seal_key(by=by)
    assert [seal_holds(one) for one in (content, sealed(sheet, by))] == [(True, True)] * 2
    with pytest.raises(Refused, match="on record already"):
        rotate_seal_key(by=by)
    denounce_seal_key(certificate=second, since=timezone.now(), reason="The account was open.", by=by)
    (tmp_path / "chain.pem").write_bytes(issued(key_of(settings.SEALER).public_key()))
    with pytest.raises(Refused, match="was denounced"):
        rotate_seal_key(by=by)
    assert SealCertificate.objects.get(pk=first.pk).compromised_at is None


@pytest.mark.parametrize(
    ("source", "pin", "reason"),
    [
        ("{ec}", "0000", "did not sign: PinIncorrect"),
        ("{none}", None, "did not sign: NoSuchKey"),
        ("pkcs11:token=nobody;object=ec?module-path={module}", None, "did not sign: NoSuchToken"),
        ("pkcs11:token=portal;object=ec?module-path=/nowhere.so", None, "did not sign"),
        ("pkcs11:token=portal", None, "SEALER names a token as"),
    ],
)
def test_a_token_that_does_not_answer_says_why(token, source, pin, reason, by, settings):
    names = {"ec": token.source("ec"), "none": token.source("none"), "module": token.module}
    settings.SEALER = source.format(**names)
    settings.SEAL_SECRET = pin or token.pin
    with pytest.raises(CouldNotSeal, match=reason):
        present_certificate(by=by)
    assert not SealCertificate.objects.exists()


@pytest.mark.parametrize(
    ("does", "reason"),
    [("import time; time.sleep(9)", "within 0.5 seconds"), ("import os; os.abort()", "without an answer")],
    ids=["hangs", "crashes"],
)
def test_a_library_that_hangs_or_crashes_takes_nobody_along(token, does, reason, by, settings, monkeypatch):
    run = subprocess.run
    monkeypatch.setattr(tokens, "SECONDS", 0.5)
    monkeypatch.setattr(tokens.subprocess, "run", lambda _command, **rest: run([sys.executable, "-c", does], **rest))
    settings.SEALER = token.source("ec")
    start = time.monotonic()
    with pytest.raises(CouldNotSeal, match=reason):
        present_certificate(by=by)
    assert time.monotonic() - start < 5


def test_a_key_service_that_is_down_is_told(aws, by, settings, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{free_port()}")
    settings.SEALER = "kms:alias/seal"
    with pytest.raises(CouldNotSeal, match="The key service did not sign: Could not connect"):
        present_certificate(by=by)


class _Unwell(BaseHTTPRequestHandler):
    def do_POST(self):
        """Say nothing for a while, or nonsense."""
        if self.server.behaviour == "silent":
            time.sleep(1)
        with contextlib.suppress(OSError):
            self.send_response(500 if self.server.behaviour == "broken" else 200)
            self.end_headers()
            self.wfile.write(b"<html>no key here</html>")

    def log_message(self, *_args):
        """Say nothing."""


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("silent", "timed out|Read timeout"), ("nonsense", "no public key|another use"), ("broken", "did not sign")],
)
def test_a_key_service_that_is_slow_or_talks_nonsense_is_told(aws, behaviour, reason, by, settings, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Unwell)
    server.behaviour, server.daemon_threads = behaviour, True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setattr(service, "SECONDS", 0.2)
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{server.server_port}")
    settings.SEALER = "kms:alias/seal"
    with pytest.raises(CouldNotSeal, match=reason):
        present_certificate(by=by)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("spec", "usage", "reason"),
    [
        ("RSA_2048", "ENCRYPT_DECRYPT", "another use than signing"),
        ("ECC_NIST_P384", "SIGN_VERIFY", "cannot seal"),
    ],
)
def test_a_key_of_another_kind_does_not_seal(key_service, spec, usage, reason, by, settings):
    settings.SEALER = key_service.make(spec, usage)
    with pytest.raises(CouldNotSeal, match=reason):
        present_certificate(by=by)


def test_a_key_that_was_given_up_or_never_was_does_not_seal(key_service, sheet, by, settings):
    settings.SEALER = key_service.make("ECC_NIST_P256")
    certificate = present_certificate(by=by)
    key_service.client().disable_key(KeyId=settings.SEALER.removeprefix("kms:"))
    settings.SEALER = "kms:00000000-0000-0000-0000-000000000000"
    with pytest.raises(CouldNotSeal, match="did not sign"):
        key_of(settings.SEALER).public_key()
    with pytest.raises(CouldNotSeal, match="another key than the one on record"):
        seal(sheet, digest="0" * 64, certificate=certificate)


@pytest.mark.parametrize("answer", [b"", b"garbage", bytes(72)])
def test_what_a_service_makes_up_is_no_seal(key_service, answer, sheet, by, settings, monkeypatch):
    settings.SEALER = key_service.make("ECC_NIST_P256")
    certificate = present_certificate(by=by)
    monkeypatch.setattr(service.ServiceKey, "sign", lambda *_: answer)
    with pytest.raises(CouldNotSeal, match="not a signature that its certificate proves"):
        seal(sheet, digest="0" * 64, certificate=certificate)


def test_a_certificate_of_an_authority_is_used_with_its_chain(key_service, sheet, by, settings, tmp_path, pdfsig):
    settings.SEALER = key_service.make("ECC_NIST_P256")
    settings.SEAL_CERTIFICATE = str(tmp_path / "chain.pem")
    (tmp_path / "chain.pem").write_bytes(issued(key_of(settings.SEALER).public_key()))
    content = sealed(sheet, by)
    assert seal_holds(content) == (True, True)
    assert len(SealCertificate.objects.get().chain) == 2
    assert "Signer Certificate Common Name: The funder" in pdfsig(content)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"usage": False}, "content commitment"),
        ({"days": (-9, -1)}, "does not hold today"),
        ({"days": (1, 9)}, "does not hold today"),
        (None, "of another key"),
        ("", "holds no certificate"),
    ],
    ids=["use", "expired", "early", "another key", "nothing"],
)
def test_a_certificate_that_does_not_fit_is_refused(key_service, given, reason, settings, tmp_path):
    settings.SEALER = key_service.make("ECC_NIST_P256")
    key = key_of(settings.SEALER)
    path = tmp_path / "chain.pem"
    settings.SEAL_CERTIFICATE = str(path)
    if given == "":
        path.write_text("nothing")
    else:
        public = ec.generate_private_key(ec.SECP256R1()).public_key() if given is None else key.public_key()
        path.write_bytes(issued(public, **(given or {})))
    with pytest.raises(CouldNotSeal, match=reason):
        certificate_for(key)


def test_a_setting_of_no_known_form_is_named():
    with pytest.raises(CouldNotSeal, match="SEALER is 'local'"):
        key_of("vault:x")
