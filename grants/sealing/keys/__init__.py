"""Where a key of the seal can be: a file of this installation, a token (PKCS#11), or a key service (KMS)."""

from pathlib import Path
from typing import Protocol

from django.conf import settings

from grants.sealing.certificates import PublicKey
from grants.sealing.failing import CouldNotSeal
from grants.sealing.keys.local import FIRST, LocalKey
from grants.sealing.keys.service import ServiceKey
from grants.sealing.keys.token import TokenKey, TokenPlace

LOCAL = "local"
KMS = "kms:"
PKCS11 = "pkcs11:"


class SealKey(Protocol):
    """A key that signs and never leaves its place."""

    def public_key(self) -> PublicKey:
        """Return its public half. Raises CouldNotSeal."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return its signature over the SHA-256 of ``message``. Raises CouldNotSeal."""
        ...


def secret() -> str:
    """Return SEAL_SECRET: itself, or what stands in the file that ``file:/path`` names. Raises CouldNotSeal."""
    given: str = settings.SEAL_SECRET
    if not given.startswith("file:"):
        return given
    path = Path(given.removeprefix("file:"))
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"SEAL_SECRET names the file {path}, which cannot be read."
        raise CouldNotSeal(message) from error


def key_of(source: str, fingerprint: str = "") -> SealKey:
    """Return the key that ``source`` (a value of SEALER) names; of local ones that of the certificate, or the first.

    Raises CouldNotSeal when SEALER has no such form.
    """
    if source == LOCAL:
        return LocalKey.of(settings.DATA_DIR / "keys", fingerprint, secret())
    if source.startswith(KMS) and source != KMS:
        return ServiceKey(source.removeprefix(KMS))
    if source.startswith(PKCS11):
        return TokenKey(TokenPlace.read(source), secret())
    message = f"SEALER is 'local', 'pkcs11:…' or 'kms:…', not '{source}'."
    raise CouldNotSeal(message)


__all__ = ["FIRST", "KMS", "LOCAL", "PKCS11", "SealKey", "key_of", "secret"]
