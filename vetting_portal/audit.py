"""The audit trail: appending under the head's lock, checking the chain, signed checkpoints."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from vetting_portal.canonical import canonical_json, sha256_hex
from vetting_portal.keys import kept
from vetting_portal.models import AuditEntry, AuditHead, AuditWords, User
from vetting_portal.models.trail import GENESIS

SCHEMA = 1
DOMAIN = b"vetting-portal-audit-v1"


@dataclass(frozen=True)
class Draft:
    """An entry that waits for the end of its transaction."""

    event: str
    subject_type: str
    subject_id: str
    actor: User
    at: datetime
    from_state: str = ""
    to_state: str = ""
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def draft(
    event: str,
    subject: models.Model,
    *,
    by: User,
    note: str = "",
    from_state: str = "",
    to_state: str = "",
    facts: dict[str, Any] | None = None,
) -> Draft:
    """Return an entry about ``subject`` as it would be appended now."""
    return Draft(
        event=event,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        actor=by,
        at=timezone.now(),
        from_state=from_state,
        to_state=to_state,
        note=note,
        facts=json.loads(canonical_json(facts or {})),
    )


def moment(at: datetime) -> str:
    """Return an instant as UTC text with microseconds, the same on every database."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def words_hash(salt: str, name: str, role: str, note: str) -> str:
    """Return SHA-256(salt ‖ name, role, note), each with its length before it."""
    digest = hashlib.sha256()
    for part in (salt, name, role, note):
        content = part.encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def entry_hash(entry: AuditEntry) -> str:
    """Return the hash that ``entry`` should have: over every column but itself, each with its length before it."""
    digest = hashlib.sha256(DOMAIN)
    parts: Sequence[bytes] = (
        str(entry.schema).encode(),
        str(entry.seq).encode(),
        entry.prev_hash.encode(),
        moment(entry.at).encode(),
        entry.event.encode(),
        entry.subject_type.encode(),
        entry.subject_id.encode(),
        entry.from_state.encode(),
        entry.to_state.encode(),
        str(entry.actor_id).encode(),
        canonical_json(entry.facts),
        entry.words_hash.encode(),
    )
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def append(drafts: Sequence[Draft]) -> None:
    """Append ``drafts`` in order, at the end of the caller's transaction: the head is the last lock taken."""
    head = AuditHead.objects.select_for_update(no_key=True).get(pk=1)
    seq, prev = head.seq, head.hash
    entries, words = [], []
    for waiting in drafts:
        seq += 1
        role = ", ".join(sorted(waiting.actor.role_keys)) or ("system" if waiting.actor.is_system else "partner")
        salt = secrets.token_hex(32)
        entry = AuditEntry(
            seq=seq,
            prev_hash=prev,
            schema=SCHEMA,
            at=waiting.at,
            event=waiting.event,
            subject_type=waiting.subject_type,
            subject_id=waiting.subject_id,
            from_state=waiting.from_state,
            to_state=waiting.to_state,
            actor_id=waiting.actor.pk,
            facts=waiting.facts,
            words_hash=words_hash(salt, waiting.actor.name, role, waiting.note),
        )
        entry.hash = prev = entry_hash(entry)
        entries.append(entry)
        words.append(AuditWords(entry_id=seq, salt=salt, name=waiting.actor.name, role=role, note=waiting.note))
    AuditEntry.objects.bulk_create(entries)
    AuditWords.objects.bulk_create(words)
    head.seq, head.hash = seq, prev
    head.save(update_fields=["seq", "hash"])


def erase_person(user: User) -> int:
    """Remove name, role, note and salt from every entry of ``user``; the chain holds. Returns how many entries."""
    mine = AuditWords.objects.filter(entry__actor_id=user.pk, erased_at__isnull=True)
    return mine.update(salt="", name="", role="", note="", erased_at=timezone.now())


def breaks() -> Iterator[str]:
    """Yield a sentence for each place where the trail is not whole, oldest first."""
    expected_seq, prev = 0, GENESIS
    for entry in AuditEntry.objects.select_related("words").order_by("seq").iterator(chunk_size=2000):
        expected_seq += 1
        if entry.seq != expected_seq:
            yield f"entry {expected_seq} is missing"
            expected_seq = entry.seq
        if entry.prev_hash != prev:
            yield f"entry {entry.seq} does not follow the one before it"
        if entry.hash != entry_hash(entry):
            yield f"entry {entry.seq} was changed"
        yield from _words_breaks(entry)
        prev = entry.hash
    head = AuditHead.objects.filter(pk=1).first()
    if head is None:
        yield "the head of the trail is missing"
    elif (head.seq, head.hash) != (expected_seq, prev):
        yield f"the trail ends at entry {expected_seq}, its head says {head.seq}"


def _words_breaks(entry: AuditEntry) -> Iterator[str]:
    words = getattr(entry, "words", None)
    if words is None:
        yield f"the words of entry {entry.seq} are missing"
    elif words.erased_at is None and words_hash(words.salt, words.name, words.role, words.note) != entry.words_hash:
        yield f"the words of entry {entry.seq} were changed"


def _checkpoint_key() -> Ed25519PrivateKey:
    """Return the installation's own key for checkpoints, made at first use."""

    def make() -> bytes:
        return Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    key = serialization.load_pem_private_key(kept(settings.DATA_DIR / "keys" / "checkpoint.pem", make), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        message = "the checkpoint key is not an Ed25519 key"
        raise TypeError(message)
    return key


def checkpoint() -> dict[str, str | int]:
    """Return a signed statement of where the trail stands: its newest entry, the time, the key, the signature."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update(no_key=True).get(pk=1)
        body: dict[str, str | int] = {"seq": head.seq, "hash": head.hash, "at": moment(timezone.now())}
    return _checkpoint(body)


def checkpoint_at(entry: AuditEntry) -> dict[str, str | int]:
    """Return the signed statement that the trail holds ``entry``, as of that entry: the same each time it is asked."""
    return _checkpoint({"seq": entry.seq, "hash": entry.hash, "at": moment(entry.at)})


def _checkpoint(body: dict[str, str | int]) -> dict[str, str | int]:
    public, signature = signed(canonical_json(body))
    return {
        **body,
        "public_key": base64.b64encode(public).decode(),
        "signature": base64.b64encode(signature).decode(),
    }


def signed(content: bytes) -> tuple[bytes, bytes]:
    """Return the public key of the installation and its Ed25519 signature over ``content``."""
    return _public_key(), _checkpoint_key().sign(content)


def _public_key() -> bytes:
    return _checkpoint_key().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_fingerprint() -> str:
    """Return the SHA-256 of the public key that signs checkpoints and evidence: what others know it by."""
    return sha256_hex(_public_key())


def checkpoint_breaks(path: Path) -> Iterator[str]:
    """Yield what is wrong between the checkpoint in ``path`` and the trail. Raises ValueError if it is none."""
    stated = json.loads(path.read_text())
    if not isinstance(stated, dict) or not {"seq", "hash", "at", "public_key", "signature"} <= stated.keys():
        message = f"{path} is not a checkpoint of the trail"
        raise ValueError(message)
    body = {name: stated[name] for name in ("seq", "hash", "at")}
    own = _public_key()
    if base64.b64decode(stated["public_key"]) != own:
        yield "the checkpoint was signed by another key than this installation's"
    try:
        Ed25519PublicKey.from_public_bytes(own).verify(base64.b64decode(stated["signature"]), canonical_json(body))
    except InvalidSignature:
        yield "the checkpoint's signature is not valid"
        return
    if stated["seq"] == 0:
        return
    entry = AuditEntry.objects.filter(seq=stated["seq"]).first()
    if entry is None:
        yield f"entry {stated['seq']} of the checkpoint is no longer there"
    elif entry.hash != stated["hash"]:
        yield f"entry {stated['seq']} is not the one of the checkpoint"


def fingerprint(value: Any) -> str:
    """Return a hash that stays the same while ``value`` does."""
    return sha256_hex(canonical_json(value))
