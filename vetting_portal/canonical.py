"""One way to write a record as bytes, so that its hash means the same everywhere and in ten years."""

import hashlib
import json
import unicodedata
from typing import Any


def _plain(value: Any) -> Any:
    """Return ``value`` with NFC text and textual keys. Raises TypeError for floats: sums are whole minor units."""
    if isinstance(value, float):
        message = f"a float ({value!r}) has no place in a record that is hashed"
        raise TypeError(message)
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def canonical_json(value: Any) -> bytes:
    """Return ``value`` as JSON in UTF-8: sorted keys, no spaces, NFC, no floats."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of ``value``."""
    return sha256_hex(canonical_json(value))
