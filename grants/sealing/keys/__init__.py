"""Where a key of the seal can be: a file of this installation, a token (PKCS#11), or a key service (KMS)."""

from typing import Protocol

from django.conf import settings

from grants.sealing.certificates import PublicKey
from grants.sealing.keys.local import LocalKey
from grants.sealing.keys.service import ServiceKey
from grants.sealing.keys.token import TokenKey
from grants.sealing.sources import TokenPlace, read_source, secret


class SealKey(Protocol):
    """A key that signs and never leaves its place."""

    def public_key(self) -> PublicKey:
        """Return its public half. Raises CouldNotSeal."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return its signature over the SHA-256 of ``message``. Raises CouldNotSeal."""
        ...


def key_of(source: str, fingerprint: str = "") -> SealKey:
    """Return the key that ``source`` (a value of SEALER) names; of local ones that of the certificate, or the first.

    Raises CouldNotSeal when SEALER has no such form.
    """
    where = read_source(source)
    if where is None:
        return LocalKey.of(settings.DATA_DIR / "keys", fingerprint, secret())
    return TokenKey(where, secret()) if isinstance(where, TokenPlace) else ServiceKey(where)
