"""Is this file ours, byte by byte? Only a file with a recorded hash is ever parsed; others are read as bytes."""

import hashlib
import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import IO

from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from grants.agreements.models import Agreement
from grants.agreements.sealing import certificates
from grants.wordings.filling import say_date

CHUNK = 256 * 1024
OVERLAP = 512
_HASH = re.compile(rb"[0-9a-f]{64}")
MOST_CLAIMS = 50


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
class Verdict:
    """What we say of a file: the word, the checks, the file's hash and the agreement it is or claims to be."""

    word: Word
    sha256: str
    checks: tuple[Check, ...] = ()
    agreement: Agreement | None = None
    is_signed_original: bool = False

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
            if self.is_signed_original and agreement is not None and agreement.voided_at is not None:
                at = timezone.localdate(agreement.voided_at)
                return f"This file stood to be signed. It was made void on {say_date(at)} and was never in force."
            if self.is_signed_original:
                return "This is the file that was signed, before it was sealed. Ask for the sealed file."
            return "We have no record of this file."
        kind = agreement.title if agreement.kind == Agreement.Kind.AMENDMENT else f"the {agreement.title}"
        if self.word == Word.ALTERED:
            return "This file was changed after it was sealed. Do not rely on it."
        if self.word == Word.REVOKED:
            return f"This is {kind} that was sealed, byte by byte. It no longer holds."
        standing = (
            "It stands as counted at closing." if agreement.kind == Agreement.Kind.STATEMENT else "It is in force."
        )
        done = "signed" if agreement.signed_sha256 else "sealed"
        said = " ".join(f"It was amended by {one}." for one in self.amendments)
        return f"This is {kind} that was {done}, byte for byte. {standing} {said}".strip()


@dataclass
class _Scan:
    sha256: str = ""
    size: int = 0
    claims: list[str] = field(default_factory=list)
    carries_seal: bool = False


def verify_pdf(file: IO[bytes]) -> Verdict:
    """Return the verdict on ``file``; it is read in pieces and nothing of it is kept."""
    scan = _scan(file)
    agreements = Agreement.objects.for_verification()
    ours = agreements.filter(sealed_sha256=scan.sha256).first()
    if ours is not None:
        file.seek(0)
        return _verdict_on_ours(ours, scan.sha256, file.read(scan.size))
    signed = agreements.filter(signed_sha256=scan.sha256).first()
    if signed is not None:
        return Verdict(Word.UNKNOWN, scan.sha256, agreement=signed, is_signed_original=True)
    claimed = agreements.filter(content_sha256__in=scan.claims, sealed_at__isnull=False).first()
    if claimed is None and not scan.carries_seal:
        return Verdict(Word.UNKNOWN, scan.sha256)
    return Verdict(Word.ALTERED, scan.sha256, _altered_checks(file, scan, claimed), claimed)


def _scan(file: IO[bytes]) -> _Scan:
    """Read ``file`` once: its hash, the hashes it names, and whether the bytes of our certificate stand in it."""
    keys = [certificate.dump().hex().encode() for certificate in certificates()]
    marks = [key[start : start + 160] for key in keys for start in (0, len(key) // 2, len(key) - 160)]
    digest, scan, tail = hashlib.sha256(), _Scan(), b""
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        scan.size += len(chunk)
        window = tail + chunk
        if len(scan.claims) < MOST_CLAIMS:
            scan.claims += [found.decode() for found in _HASH.findall(window)][:MOST_CLAIMS]
        scan.carries_seal = scan.carries_seal or any(mark in window.lower() for mark in marks)
        tail = window[-OVERLAP:]
    scan.sha256 = digest.hexdigest()
    return scan


def _verdict_on_ours(agreement: Agreement, sha256: str, content: bytes) -> Verdict:
    """Judge a file whose hash is on record: the seal must be valid and cover it whole as well."""
    valid, whole = seal_holds(content, at=agreement.sealed_at)
    checks = (
        Check("Seal is valid" if valid else "Seal is not valid", valid),
        Check("Seal covers every byte" if whole else "Seal does not cover every byte", whole),
        Check("Same file as in our record", ok=True),
    )
    if not (valid and whole):
        return Verdict(Word.ALTERED, sha256, checks, agreement)
    word = Word.REVOKED if agreement.revoked_at else Word.GENUINE
    return Verdict(word, sha256, checks, agreement)


def seal_holds(content: bytes, *, at: datetime | None = None) -> tuple[bool, bool]:
    """Return whether the seal of a PDF is valid under a certificate that counted ``at`` the time on record, and whether
    it covers the whole file. A certificate that expired later, or a key that was given up later, changes nothing.
    """
    reader = PdfFileReader(io.BytesIO(content))
    seals = reader.embedded_signatures
    if len(seals) != 1:
        return False, False
    trust = ValidationContext(trust_roots=certificates(at), moment=at, allow_fetching=False)
    status = validate_pdf_signature(seals[0], signer_validation_context=trust)
    return bool(status.bottom_line), status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def _altered_checks(file: IO[bytes], scan: _Scan, claimed: Agreement | None) -> tuple[Check, ...]:
    """Say what is wrong with a file that carries our seal or names our record."""
    checks = [
        Check("It carries our seal" if scan.carries_seal else "Our seal is missing or damaged", scan.carries_seal)
    ]
    if claimed is not None and claimed.sealed_file is not None:
        size = claimed.sealed_file.size
        if scan.size > size and _starts_with(file, size, claimed.sealed_sha256):
            checks.append(Check("Bytes were added after the seal", ok=False))
        elif scan.size < size:
            checks.append(Check("Bytes are missing", ok=False))
        else:
            checks.append(Check("Bytes inside it were changed", ok=False))
    checks.append(Check("Not the file in our record", ok=False))
    return tuple(checks)


def _starts_with(file: IO[bytes], size: int, sha256: str) -> bool:
    digest, left = hashlib.sha256(), size
    file.seek(0)
    while left and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest() == sha256
