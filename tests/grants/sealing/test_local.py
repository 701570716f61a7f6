"""The local key: encrypted at rest, taken over from before, opened by its passphrase alone."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from grants.agreements.verification import seal_holds
from grants.sealing.actions import present_certificate
from grants.sealing.failing import CouldNotSeal
from grants.sealing.keys import key_of
from grants.sealing.keys.local import FIRST, MARK, OWN_SECRET, LocalKey, make
from grants.sealing.models import SealCertificate
from grants.sealing.sealers import seal
from vetting_portal.models import AuditEntry

pytestmark = pytest.mark.django_db


def opened(content: bytes, word: str):
    """Return the encrypted key in a file, and what opens it: written out here, as its form is a promise."""
    head, _, rest = content.partition(b"\n")
    salt = bytes.fromhex(head.removeprefix(b"Salt: ").decode())
    stretched = hashlib.scrypt(word.encode(), salt=salt, n=2**15, r=8, p=1, dklen=32, maxmem=64 * 1024 * 1024)
    return rest.partition(MARK)[0], stretched.hex().encode()


def test_the_key_is_made_at_first_use_and_is_encrypted(folder, sheet, by, pdfsig):
    certificate = present_certificate(by=by)
    content = (folder / FIRST).read_bytes()
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
    assert b"BEGIN PRIVATE KEY" not in content
    assert (folder / FIRST).stat().st_mode & 0o777 == 0o600
    assert (folder / OWN_SECRET).stat().st_mode & 0o777 == 0o600
    sealed = seal(sheet, digest="0" * 64, certificate=certificate)
    assert seal_holds(sealed) == (True, True)
    told = pdfsig(sealed)
    assert "Signature is Valid" in told
    assert "Total document signed" in told


def test_the_first_certificate_is_put_on_record_once(folder, by):
    first = present_certificate(by=by)
    assert present_certificate(by=by) == first
    assert AuditEntry.objects.filter(event="seal_key_taken_up").count() == 1
    assert (first.source, first.is_current, first.fingerprint) == (
        "local",
        True,
        SealCertificate.objects.get().fingerprint,
    )


def test_another_passphrase_does_not_open_it(folder, sheet, by, settings):
    settings.SEAL_SECRET = "the first word of many"
    certificate = present_certificate(by=by)
    settings.SEAL_SECRET = "another word"
    with pytest.raises(CouldNotSeal, match="SEAL_SECRET does not open"):
        seal(sheet, digest="0" * 64, certificate=certificate)
    settings.SEAL_SECRET = "the first word of many"
    assert seal_holds(seal(sheet, digest="0" * 64, certificate=certificate)) == (True, True)


def test_a_passphrase_that_is_set_later_locks_the_key_again(folder, sheet, by, settings):
    certificate = present_certificate(by=by)
    before = (folder / FIRST).read_bytes()
    settings.SEAL_SECRET = "a word kept elsewhere"
    assert seal_holds(seal(sheet, digest="0" * 64, certificate=certificate)) == (True, True)
    assert (folder / FIRST).read_bytes() != before
    (folder / OWN_SECRET).unlink()
    assert seal_holds(seal(sheet, digest="0" * 64, certificate=certificate)) == (True, True)


def test_a_passphrase_is_read_from_a_secret_file(folder, by, settings, tmp_path):
    (tmp_path / "secret").write_text("a word in a file\n")
    settings.SEAL_SECRET = f"file:{tmp_path / 'secret'}"
    present_certificate(by=by)
    assert LocalKey(folder / FIRST, "a word in a file").public_key()
    settings.SEAL_SECRET = f"file:{tmp_path / 'gone'}"
    with pytest.raises(CouldNotSeal, match="cannot be read"):
        key_of("local")


def test_a_key_of_before_is_encrypted_at_first_use_and_keeps_its_certificate(folder, sheet, by):
    made = make("x")
    certificate = MARK + made.partition(MARK)[2]
    key = serialization.load_pem_private_key(*opened(made, "x"))
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir()
    (folder / FIRST).write_bytes(plain + certificate)
    recorded = present_certificate(by=by)
    assert recorded.pem.encode() == certificate
    assert b"BEGIN PRIVATE KEY" not in (folder / FIRST).read_bytes()
    assert seal_holds(seal(sheet, digest="0" * 64, certificate=recorded)) == (True, True)


def test_a_file_that_holds_something_else_does_not_seal(folder, by):
    folder.mkdir()
    (folder / FIRST).write_bytes(b"nonsense")
    with pytest.raises(CouldNotSeal):
        present_certificate(by=by)


def test_its_certificate_commits_to_content(folder, by):
    certificate = x509.load_pem_x509_certificate(present_certificate(by=by).pem.encode())
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.content_commitment, usage.key_cert_sign) == (True, False)
    certificate.verify_directly_issued_by(certificate)
