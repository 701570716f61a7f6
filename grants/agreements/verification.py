"""Is this file ours, byte for byte? Nobody else's bytes are ever parsed: a file is hashed and looked through as it
comes, and only where its hash is on record is our own copy opened and its seal checked.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO

from asn1crypto import cms, x509
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from grants.agreements.models import Agreement
from grants.agreements.sealing import certificates
from grants.wordings.filling import say_date
from vetting_portal.canonical import sha256_hex
from vetting_portal.files import FileDamaged, read_stored

CHUNK = 256 * 1024
OVERLAP = 512
MOST_BYTES = 1_000_000_000
"""What is larger was never sealed here: it is not even read."""

MOST_CLAIMS = 50
_DIGITS = re.compile(rb"[0-9a-f]{64,}")  # with the ends of a hash in the pattern it takes three times as long
_HASH_DIGITS = 64
_REASON = re.compile(rb"Sealed record ([0-9a-f]{64})")
_SEAL_ALONE = re.compile(rb"<(?:[0-9A-Fa-f]{2})+>")
_PDF_STARTS_WITHIN = 1024
_MARK = 160


class Word(StrEnum):
    """The answer in a word."""

    GENUINE = "genuine"
    ALTERED = "altered"
    UNKNOWN = "unknown"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    text: str
    ok: bool


@dataclass(frozen=True)
class Seal:
    """The seal of a file of ours: whether it holds and covers every byte, and the certificate that made it."""

    is_valid: bool
    is_whole: bool
    name: str = ""
    fingerprint: str = ""
    certificate: bytes = b""


@dataclass(frozen=True)
class Verdict:
    """What we say of a file: the word, the checks, the file's hash and the agreement it is or claims to be."""

    word: Word
    sha256: str
    checks: tuple[Check, ...] = ()
    agreement: Agreement | None = None
    is_signed_original: bool = False
    seal: Seal | None = None

    @property
    def is_example(self) -> bool:
        """Whether it belongs to an example installation."""
        return self.agreement is not None and self.agreement.is_example

    @property
    def amendments(self) -> list[str]:
        """Return the later amendments of what was verified: number, date, hash of the sealed file."""
        if self.agreement is None or self.word != Word.GENUINE:
            return []
        return [
            f"amendment {one.terms.content['amendment']['number']} of {say_date(timezone.localdate(one.sealed_at))}, "
            f"SHA-256 {one.sealed_sha256}"
            for one in self.agreement.amended_by
        ]

    @property
    def sentence(self) -> str:
        """Return the verdict in one sentence."""
        agreement = self.agreement
        if self.word == Word.UNKNOWN or agreement is None:
            return self._unsealed if self.is_signed_original else "We have no record of this file."
        kind = agreement.title if agreement.kind == Agreement.Kind.AMENDMENT else f"the {agreement.title}"
        if self.word == Word.ALTERED:
            return "This file was changed after it was sealed. Do not rely on it."
        if self.word == Word.REVOKED:
            return f"This is {kind} that was sealed, byte for byte. It no longer holds."
        standing = {
            Agreement.Kind.STATEMENT: "It stands as counted at closing.",
            Agreement.Kind.CLOSING: "The grant ended as it says.",
            Agreement.Kind.COMPLETION: "The grant was completed as it says.",
        }.get(Agreement.Kind(agreement.kind), "It is in force.")
        done = "signed" if agreement.signed_sha256 else "sealed"
        said = " ".join(f"It was amended by {one}." for one in self.amendments)
        return f"This is {kind} that was {done}, byte for byte. {standing} {said}".strip()

    @property
    def _unsealed(self) -> str:
        agreement = self.agreement
        if agreement is not None and agreement.voided_at:
            at = timezone.localdate(agreement.voided_at)
            return f"This file stood to be signed. It was made void on {say_date(at)} and was never in force."
        if agreement is not None and agreement.sealed_at is None:
            return "This file was made to be signed. It is not sealed, so it is no agreement yet."
        return "This is the file that was signed, before it was sealed. Ask for the sealed file."


class Scan:
    """Takes a file piece by piece and keeps no piece: its hash and size, the hashes it names, whether the bytes of our
    certificate stand in it, and its hash up to where a file of ours that it names would end.
    """

    def __init__(self) -> None:
        keys = [certificate.dump().hex().encode() for certificate in certificates()]
        self._marks = [key[start : start + _MARK] for key in keys for start in (0, len(key) // 2, len(key) - _MARK)]
        self._digest = hashlib.sha256()
        self._tail = b""
        self._ends: set[int] = set()
        self.size = 0
        self.claims: dict[str, None] = {}
        self.prefixes: set[str] = set()
        self.carries_seal = self.is_pdf = False

    @property
    def sha256(self) -> str:
        """The hash of what came so far."""
        return self._digest.hexdigest()

    @property
    def is_suspect(self) -> bool:
        """Whether it may be a changed file of ours: it carries our seal, or is a PDF that names a record."""
        return self.carries_seal or (self.is_pdf and bool(self.claims))

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""
        window = self._tail + chunk
        self.is_pdf = self.is_pdf or (self.size < _PDF_STARTS_WITHIN and b"%PDF-" in window[:_PDF_STARTS_WITHIN])
        self._note_claims(window)
        if not self.carries_seal:
            folded = window.lower()
            self.carries_seal = any(mark in folded for mark in self._marks)
        self._hash(chunk)
        self._tail = window[-OVERLAP:]

    def _note_claims(self, window: bytes) -> None:
        """Note the hashes that ``window`` names, those of a seal's reason whatever stood before them."""
        found = [match[1] for match in _REASON.finditer(window)][:MOST_CLAIMS]
        hashes = (match[0] for match in _DIGITS.finditer(window) if len(match[0]) == _HASH_DIGITS)
        found += _limited(hashes, MOST_CLAIMS - len(self.claims))
        new = [claim for claim in dict.fromkeys(each.decode() for each in found) if claim not in self.claims]
        if not new or len(self.claims) > 2 * MOST_CLAIMS:
            return
        self.claims.update(dict.fromkeys(new))
        self._ends |= set(Agreement.objects.sealed().filter(content_sha256__in=new).sizes())

    def _hash(self, chunk: bytes) -> None:
        """Add ``chunk`` to the hash; note the hash at each place where a file of ours would end."""
        start = 0
        for end in sorted(end - self.size for end in self._ends if 0 < end - self.size <= len(chunk)):
            self._digest.update(chunk[start:end])
            self.prefixes.add(self.sha256)
            start = end
        self._digest.update(chunk[start:])
        self.size += len(chunk)


def _limited[T](found: Iterable[T], most: int) -> Iterator[T]:
    for _, one in zip(range(most), found, strict=False):
        yield one


def verify_pdf(file: IO[bytes]) -> Verdict:
    """Return the verdict on an open file; it is read in pieces and nothing of it is kept.

    Raises FileDamaged where it is another file when it is opened than when it was hashed.
    """
    file.seek(0, io.SEEK_END)
    if file.tell() > MOST_BYTES:
        return Verdict(Word.UNKNOWN, "", (Check("Larger than any file that was sealed here", ok=False),))
    file.seek(0)
    scan = Scan()
    while chunk := file.read(CHUNK):
        scan.feed(chunk)

    def again(_: Agreement) -> bytes:
        file.seek(0)
        content = file.read(scan.size)
        if sha256_hex(content) != scan.sha256:
            message = "The file changed while it was read."
            raise FileDamaged(message)
        return content

    return judge(scan, content=again)


def _our_copy(agreement: Agreement) -> bytes:
    """Return the sealed bytes from our own storage. Raises FileDamaged."""
    if agreement.sealed_file is None:
        message = f"{agreement} has no sealed file."
        raise ValueError(message)
    return read_stored(agreement.sealed_file)


def judge(scan: Scan, *, content: Callable[[Agreement], bytes] = _our_copy) -> Verdict:
    """Return the verdict on a file that was scanned. ``content`` gives the bytes of one whose hash is on record: ours,
    unless the file is still at hand.
    """
    agreements, sha256 = Agreement.objects.for_verification(), scan.sha256
    ours = agreements.filter(sealed_sha256=sha256).first()
    if ours is not None:
        return _verdict_on_ours(ours, sha256, content(ours))
    signed = agreements.filter(signed_sha256=sha256).first()
    if signed is not None:
        return Verdict(Word.UNKNOWN, sha256, agreement=signed, is_signed_original=True)
    claimed = agreements.sealed().filter(content_sha256__in=scan.claims).first() if scan.is_suspect else None
    if claimed is None and not scan.carries_seal:
        return Verdict(Word.UNKNOWN, sha256)
    return Verdict(Word.ALTERED, sha256, _altered_checks(scan, claimed), claimed)


def _verdict_on_ours(agreement: Agreement, sha256: str, content: bytes) -> Verdict:
    """Judge a file whose hash is on record: the seal must be valid and cover it whole as well."""
    seal = read_seal(content, at=agreement.sealed_at)
    checks = (
        Check("Seal is valid" if seal.is_valid else "Seal is not valid", seal.is_valid),
        Check("Seal covers every byte" if seal.is_whole else "Seal does not cover every byte", seal.is_whole),
        Check("Same file as in our record", ok=True),
    )
    if not (seal.is_valid and seal.is_whole):
        return Verdict(Word.ALTERED, sha256, checks, agreement, seal=seal)
    word = Word.REVOKED if agreement.revoked_at else Word.GENUINE
    return Verdict(word, sha256, checks, agreement, seal=seal)


def covers_every_byte(seal: EmbeddedPdfSignature, content: bytes) -> bool:
    """Whether a seal covers the whole file but for itself: what its byte range leaves out is the seal in hexadecimal
    and nothing else. That the lengths add up, which libraries ask, does not tell: a second document fits in a hole
    where only the seal should stand. ``tools/verify_bundle.py`` asks the same.
    """
    start, before, after, rest = (int(number) for number in seal.byte_range)
    hole = content[before:after]
    if start or not 0 < before < after or after + rest != len(content):
        return False
    if not _SEAL_ALONE.fullmatch(hole):
        return False
    inside = bytes.fromhex(hole[1:-1].decode())
    length = len(cms.ContentInfo.load(inside).dump())
    return inside == seal.pkcs7_content and not inside[length:].strip(b"\0")


def read_seal(content: bytes, *, at: datetime | None = None) -> Seal:
    """Return the one seal of a PDF of ours, judged as of the time on record; one that is not valid where there is none,
    or more than one.
    """
    seals = PdfFileReader(io.BytesIO(content)).embedded_signatures
    if len(seals) != 1:
        return Seal(is_valid=False, is_whole=False)
    trust = ValidationContext(trust_roots=certificates(at), moment=at, allow_fetching=False)
    status = validate_pdf_signature(seals[0], signer_validation_context=trust)
    certificate: x509.Certificate = seals[0].signer_cert
    return Seal(
        is_valid=bool(status.bottom_line),
        is_whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE and covers_every_byte(seals[0], content),
        name=certificate.subject.native.get("common_name", ""),
        fingerprint=certificate.sha256.hex(),
        certificate=certificate.dump(),
    )


def seal_of(agreement: Agreement) -> Seal:
    """Return the seal of a sealed agreement, read from our own copy. Raises FileDamaged."""
    return read_seal(_our_copy(agreement), at=agreement.sealed_at)


def seal_holds(content: bytes, *, at: datetime | None = None) -> tuple[bool, bool]:
    """Return whether the seal of a PDF is valid under our certificate, and whether it covers the whole file."""
    seal = read_seal(content, at=at)
    return seal.is_valid, seal.is_whole


def _altered_checks(scan: Scan, claimed: Agreement | None) -> tuple[Check, ...]:
    """Say what is wrong with a file that carries our seal or names our record."""
    checks = [
        Check("It carries our seal" if scan.carries_seal else "Our seal is missing or damaged", scan.carries_seal)
    ]
    if claimed is not None and claimed.sealed_file is not None:
        size = claimed.sealed_file.size
        if scan.size > size and claimed.sealed_sha256 in scan.prefixes:
            checks.append(Check("Bytes were added after the seal", ok=False))
        elif scan.size < size:
            checks.append(Check("Bytes are missing", ok=False))
        else:
            checks.append(Check("Bytes inside it were changed", ok=False))
    checks.append(Check("Not the file in our record", ok=False))
    return tuple(checks)
