"""A key in a file of this installation, encrypted with a passphrase, beside its certificate.

The passphrase is SEAL_SECRET. Without one it is made at first use and stands in the same folder: then it protects a
copy of the key's file alone, and nobody who can read the whole folder is kept out.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from django.conf import settings

from grants.sealing.certificates import PublicKey, fingerprint_of, fit, issue, read_chain, subject_of
from grants.sealing.failing import CouldNotSeal
from vetting_portal.keys import kept

FIRST = "seal.pem"
OWN_SECRET = "seal.passphrase"  # noqa: S105 the name of a file
SALT = b"Salt: "
MARK = b"-----BEGIN CERTIFICATE-----"
COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}
type PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def _stretched(passphrase: str, salt: bytes) -> bytes:
    """Return what the file is encrypted with: the passphrase, made slow to guess."""
    return hashlib.scrypt(passphrase.encode(), salt=salt, dklen=32, **COST).hex().encode()


def _locked(key: PrivateKey, certificate: bytes, passphrase: str) -> bytes:
    salt = secrets.token_bytes(16)
    encrypted = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(_stretched(passphrase, salt))
    )
    return SALT + salt.hex().encode() + b"\n" + encrypted + certificate


def _sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def make(passphrase: str, holder: str = "") -> bytes:
    """Return a new key, encrypted, and its certificate, which names ``holder``: the contents of a key's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _locked(key, issue(fit(key.public_key()), lambda message: _sign(key, message), holder), passphrase)


@lru_cache(maxsize=4)
def _opened(content: bytes, passphrase: str) -> PrivateKey:
    """Return the key in the contents of a file; kept in memory, for opening it is slow on purpose."""
    head, _, rest = content.partition(b"\n")
    salted = head.startswith(SALT)
    word = _stretched(passphrase, bytes.fromhex(head.removeprefix(SALT).decode())) if salted else None
    private = (rest if salted else content).partition(MARK)[0]
    try:
        key = serialization.load_pem_private_key(private, word)
    except (ValueError, TypeError) as error:
        raise CouldNotSeal("SEAL_SECRET does not open the key of the seal.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise CouldNotSeal("The file of the seal's key holds no key that can seal.")
    return key


@dataclass(frozen=True)
class LocalKey:
    """The key in one file; only the first of an installation is made by looking for it."""

    path: Path
    passphrase: str
    may_make: bool = False

    @classmethod
    def of(cls, folder: Path, fingerprint: str, given: str) -> "LocalKey":
        """Return the key of a certificate, or without one the installation's first."""
        passphrase = given or kept(folder / OWN_SECRET, lambda: secrets.token_urlsafe(32).encode()).decode()
        own = folder / name_of(fingerprint)
        return cls(own if fingerprint and own.exists() else folder / FIRST, passphrase, may_make=not fingerprint)

    def _content(self, holder: str = "") -> bytes:
        if not self.may_make and not self.path.exists():
            message = f"The key of the seal, {self.path.name}, is not in the folder of keys."
            raise CouldNotSeal(message)
        content = kept(self.path, lambda: make(self.passphrase, holder))
        return content if content.startswith(SALT) and self._fits(content) else self._locked_again(content)

    def _fits(self, content: bytes) -> bool:
        try:
            _opened(content, self.passphrase)
        except CouldNotSeal:
            return False
        return True

    def _locked_again(self, content: bytes) -> bytes:
        """Encrypt a key that was in the open, or under the passphrase of its own folder, with the present one."""
        own = self.path.with_name(OWN_SECRET)
        before = own.read_text(encoding="utf-8") if content.startswith(SALT) and own.exists() else ""
        key, certificate = _opened(content, before), MARK + content.partition(MARK)[2]
        content = _locked(key, certificate, self.passphrase)
        replace(self.path, content)
        return content

    def certificate(self, holder: str = "") -> bytes:
        """Return the certificate in the key's file, as PEM. Where it names another than ``holder`` a new one for the
        same key takes its place there: ask this of no key whose certificate is on record.
        """
        content = self._content(holder)
        pem = MARK + content.partition(MARK)[2]
        if holder and read_chain(pem)[0].subject != subject_of(holder):
            pem = issue(self.public_key(), self.sign, holder)
            replace(self.path, _locked(_opened(content, self.passphrase), pem, self.passphrase))
        return pem

    def public_key(self) -> PublicKey:
        """Return its public half."""
        return fit(_opened(self._content(), self.passphrase).public_key())

    def sign(self, message: bytes) -> bytes:
        """Return its signature over the SHA-256 of ``message``."""
        return _sign(_opened(self._content(), self.passphrase), message)


def name_of(fingerprint: str) -> str:
    """Return the name of the file of a key that came by rotation."""
    return f"seal-{fingerprint[:16]}.pem"


def replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    scratch = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def add(given: str, holder: str) -> "LocalKey":
    """Make another key beside those that are there, its certificate naming ``holder``: the first half of a rotation."""
    folder = settings.DATA_DIR / "keys"
    passphrase = LocalKey.of(folder, "", given).passphrase
    content = make(passphrase, holder)
    (certificate,) = read_chain(MARK + content.partition(MARK)[2])
    path = folder / name_of(fingerprint_of(certificate))
    replace(path, content)
    return LocalKey(path, passphrase)


def forget(fingerprint: str) -> None:
    """Remove the private key of a certificate that seals no more; its certificate stays on record."""
    folder = settings.DATA_DIR / "keys"
    own = folder / name_of(fingerprint)
    for path in (own, folder / FIRST):
        if not path.exists():
            continue
        (certificate,) = read_chain(MARK + path.read_bytes().partition(MARK)[2])
        if fingerprint_of(certificate) == fingerprint:
            path.unlink()
