"""Account numbers at rest: encrypted with a key of the installation, bound to the record they belong to."""

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from vetting_portal.keys import kept

KEY_BYTES = 32
NONCE_BYTES = 12
FORM = "v1."


def _key() -> bytes:
    """Return the installation's own key for account numbers, made at first use."""
    return kept(settings.DATA_DIR / "keys" / "bank.key", lambda: secrets.token_bytes(KEY_BYTES))


def lock_up(text: str, about: str) -> str:
    """Return ``text`` encrypted. ``about`` names its record: elsewhere it cannot be opened."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORM + base64.b64encode(nonce + AESGCM(_key()).encrypt(nonce, text.encode(), about.encode())).decode()


def open_up(locked: str, about: str) -> str:
    """Return the text. Raises cryptography's InvalidTag where it was changed or belongs to another record."""
    content = base64.b64decode(locked.removeprefix(FORM))
    return AESGCM(_key()).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], about.encode()).decode()


def mark_of(text: str) -> str:
    """Return a mark by which equal account numbers are found without being read."""
    return hmac.new(hashlib.sha256(b"mark" + _key()).digest(), text.encode(), hashlib.sha256).hexdigest()
