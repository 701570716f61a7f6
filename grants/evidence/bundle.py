"""The evidence of one grant as one ZIP: read from the records first, then written piece by piece."""

from collections.abc import Iterator
from dataclasses import dataclass

from grants.agreements.models import Grant
from grants.evidence import trail
from grants.evidence.archive import Archive, Member, readable
from grants.evidence.contents import FORMAT, documents, members
from vetting_portal.audit import checkpoint_at, signed
from vetting_portal.canonical import canonical_json, sha256_hex
from vetting_portal.models import AuditEntry

ATTEMPTS = 3


class StillMoving(Exception):
    """The grant changed each time while its evidence was read: nothing was made."""


@dataclass(frozen=True)
class Evidence:
    """What was read of one grant, all of one moment: the files, and the number of the newest entry about it."""

    number: str
    last_seq: int
    members: list[Member]

    @property
    def file_name(self) -> str:
        """The name of the file when somebody downloads it."""
        return f"evidence-{self.number}.zip"

    def stream(self) -> Iterator[bytes]:
        """Yield the archive; the manifest, which holds the hash of every other file, comes last, with its signature."""
        archive = Archive()
        for member in self.members:
            yield from archive.add(member)
        listed = {"format": FORMAT, "grant": self.number, "files": sorted(archive.files, key=lambda one: one["path"])}
        manifest = readable(listed)
        yield from archive.add(Member("manifest.json", manifest))
        yield from archive.add(Member("manifest-signature.json", _signature(self.number, manifest)))
        yield archive.end()


def _signature(number: str, manifest: bytes) -> bytes:
    """Return the installation's signature over the manifest of a grant's evidence."""
    body = {"format": FORMAT, "grant": number, "manifest_sha256": sha256_hex(manifest)}
    public, signature = signed(canonical_json(body))
    return readable({**body, "algorithm": "Ed25519", "public_key": public.hex(), "signature": signature.hex()})


def read_evidence(grant: Grant) -> Evidence:
    """Read everything about a grant whose agreement is sealed. Raises StillMoving, FileDamaged.

    Every change leaves an entry: where one came while we read, we read again.
    """
    for _ in range(ATTEMPTS):
        numbers = trail.entry_numbers(grant)
        found = [*members(grant, documents(grant)), *_proof(grant, numbers)]
        if trail.entry_numbers(grant) == numbers:
            return Evidence(grant.number, numbers[-1], found)
    message = f"Grant {grant.number} is being changed just now. Try again in a minute."
    raise StillMoving(message)


def _proof(grant: Grant, numbers: list[int]) -> Iterator[Member]:
    """Yield the entries, the hashes of the whole trail between them, and the signed word on where they end."""
    first, last = numbers[0], numbers[-1]
    yield Member("audit/entries.json", readable(trail.told(grant, numbers)))
    yield Member("audit/chain.txt", trail.chain(first - 1, last))
    yield Member("audit/checkpoint.json", readable(checkpoint_at(AuditEntry.objects.get(seq=last))))
