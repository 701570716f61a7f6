"""What SEALER and SEAL_SECRET say: where the key of the seal is, and the word that opens it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote

from django.conf import settings

from grants.sealing.failing import CouldNotSeal

LOCAL = "local"
KMS = "kms:"
PKCS11 = "pkcs11:"


@dataclass(frozen=True)
class TokenPlace:
    """Where the key is: the library, the token's label, the key's label. Written as RFC 7512 says."""

    module: str
    token: str
    label: str

    @classmethod
    def read(cls, uri: str) -> "TokenPlace":
        """Read ``pkcs11:token=…;object=…?module-path=…``. Raises CouldNotSeal when a part is missing."""
        path, _, query = uri.removeprefix("pkcs11:").partition("?")
        parts = dict(part.partition("=")[::2] for part in path.split(";"))
        module = parse_qs(query).get("module-path", [""])[0]
        token, label = unquote(parts.get("token", "")), unquote(parts.get("object", ""))
        if not (module and token and label):
            raise CouldNotSeal("SEALER names a token as pkcs11:token=LABEL;object=KEY?module-path=/path/library.so")
        return cls(module, token, label)


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


def read_source(source: str) -> TokenPlace | str | None:
    """Return where a value of SEALER says the key is: a token, a service's key by its number, or None for a local one.

    Raises CouldNotSeal when it has no such form.
    """
    if source == LOCAL:
        return None
    if source.startswith(KMS) and source != KMS:
        return source.removeprefix(KMS)
    if source.startswith(PKCS11):
        return TokenPlace.read(source)
    message = f"SEALER is 'local', 'pkcs11:…' or 'kms:…', not '{source}'."
    raise CouldNotSeal(message)
