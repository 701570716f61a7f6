#!/usr/bin/env python3
"""Checks the evidence of a grant without the portal that made it.

    python verify_bundle.py evidence-2026-014.zip --fingerprint FINGERPRINT [--json]

Needs Python 3.11 and two libraries, cryptography and pyhanko; no network. The fingerprint is the SHA-256 of the
funder's public key, known from elsewhere: without it the check tells whether everything in the bundle fits together,
not whose word it is. Exit codes: 0 everything holds (also where a document was revoked: the answer says so), 1
something does not, 2 it could not be checked (no such file, bad option, no room for the answer).

The format is described in docs/evidence.md of the portal.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import io
import json
import logging
import re
import signal
import struct
import sys
import unicodedata
import warnings
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign import general
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
except ImportError as error:
    sys.stderr.write(f"{error.name or error} is missing: this check needs two libraries. Install them: ")
    sys.stderr.write("pip install cryptography pyhanko\n")
    sys.exit(2)

FORMAT = "vetting-portal-evidence/1"
DATA = {"statement": ("statement.json",), "closing": ("closing.json",), "completion": ("completion.json",)}  # as data
NAMES = {"statement": "statement", "closing": "closing letter", "completion": "completion letter"}
SIGNED = ("agreement", "amendment", "closing")
TRAIL_DOMAIN = b"vetting-portal-audit-v1"
PASSKEY_FORMAT, PASSKEY_DOMAIN = "passkey-assertion-1", "vetting-portal/sign-document/1"
PASSKEY_GOOD_FOR = timedelta(seconds=120)
SAME_TIME = timedelta(minutes=5)
ES256, EDDSA, RS256 = -7, -8, -257
LEAST_TOLD, PRESENT_AND_VERIFIED = 37, 0x05
MANIFEST, SIGNATURE = "manifest.json", "manifest-signature.json"
MOST_FILES, MOST_BYTES = 10_000, 500_000_000
MOST_MANIFEST, MOST_SIGNATURE = 5_000_000, 10_000
MOST_MEMORY, MOST_SECONDS = 4_000_000_000, 300  # of the whole program; of one check
LOCAL, DESCRIPTOR, CENTRAL, END = b"PK\3\4", b"PK\7\x08", b"PK\1\2", b"PK\5\6"
VERSION, STREAMED, DEFLATED, DAY, UNIX, MODE = 20, 8, 8, 33, 3, 0o100644 << 16
METHODS, SIDES = {"passkey", "totp", "email"}, {"director", "partner"}
GENESIS = "0" * 64
CONDITIONS, ARRIVALS = "vetting/conditions.json", "payments/arrivals.json"
ARRIVAL_EVENTS = {
    "payment_confirmed", "payment_confirmation_corrected", "payment_missing", "payment_missing_answered",
    "payment_returned",
}  # fmt: skip
HEX64 = re.compile(r"[0-9a-f]{64}")
TREE, SEALED_LINES = "rfc6962-sha256", "match/sealed_lines.json"
SAFE_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
OK, FINDING, COULD_NOT = 0, 1, 2


class Broken(Exception):
    """Something does not hold; the text says what."""


class CouldNot(Exception):
    """It could not be checked at all."""


@dataclass
class Report:
    """What was checked and how it came out, and what the whole rests on."""

    grant: str = ""
    key: str = ""
    pinned: bool = False
    checks: list[tuple[str, bool]] = field(default_factory=list)
    rests_on: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything that was checked holds."""
        return bool(self.checks) and all(ok for _, ok in self.checks)

    def note(self, text: str, problems: list[str]) -> None:
        """Note one check: ``text`` where it holds, else each problem."""
        self.checks += [(f"{text}: {problem}", False) for problem in problems] or [(text, True)]

    def run(self, text: str, check: Callable[[], Iterator[str]]) -> None:
        """Run one check. What cannot be read, or not in time, does not hold."""
        problems: list[str] = []
        try:
            with in_time():
                problems.extend(check())
        except Broken as error:
            problems.append(str(error))
        except Exception as error:  # noqa: BLE001 whatever a file does to the check, it does not hold
            problems.append(f"cannot be read ({type(error).__name__}: {str(error)[:120]})")
        self.note(text, problems)


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """Raise Broken where a check takes too long: a file from anybody can be made to. Needs Unix and the main thread."""

    def late(*_: object) -> None:
        raise Broken(f"it takes longer than {MOST_SECONDS} seconds")

    try:
        before = signal.signal(signal.SIGALRM, late)
    except (AttributeError, ValueError):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS, 1)  # again each second: a library may swallow the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def need(holds: object, problem: str) -> None:
    """Raise Broken with ``problem`` unless it holds."""
    if not holds:
        raise Broken(problem)


def sha256(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def canonical(value: Any) -> bytes:
    """Return a value as the bytes that were hashed: JSON, sorted keys, no spaces, NFC, UTF-8."""
    return json.dumps(_nfc(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", str(key)): _nfc(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_nfc(item) for item in value]
    need(not isinstance(value, float), "a sum is no whole number")
    return value


def readable(value: Any) -> bytes:
    """Return a value as the bundle writes its JSON for people."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def load(content: bytes) -> Any:
    """Return the value of JSON; a name that comes twice is refused."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len({name for name, _ in pairs}) == len(pairs), "a name comes twice in one object")
        return dict(pairs)

    return json.loads(content, object_pairs_hook=once)


def instant(text: str) -> datetime:
    """Return a moment that has an offset."""
    at = datetime.fromisoformat(text)
    need(at.tzinfo is not None, f"{text} has no offset from UTC")
    return at


# ------------------------------------------------------------------------------------- the archive and its manifest


class Bundle:
    """The files of a bundle by their path, and the records that most checks need."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.sealed_by: dict[str, str] = {}
        """The fingerprint of the certificate of each seal that holds, by the document's folder."""
        self._read: dict[str, Any] = {}

    def __getitem__(self, path: str) -> bytes:
        need(path in self.files, f"{path} is not there")
        return self.files[path]

    def __contains__(self, path: str) -> bool:
        return path in self.files

    def json(self, path: str) -> Any:
        """Return what a file of JSON says."""
        if path not in self._read:
            self._read[path] = load(self[path])
        return self._read[path]

    @property
    def grant(self) -> str:
        """The number of the grant that the manifest names."""
        return str(self.json(MANIFEST)["grant"])

    def documents(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the documents on record, of some kinds or all."""
        return [one for one in self.json("documents.json") if not kinds or one["kind"] in kinds]

    def terms(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the terms of a document."""
        found: dict[str, Any] = self.json(f"{document['folder']}/terms.json")
        return found

    def entries(self, event: str, subject: str = "") -> list[dict[str, Any]]:
        """Return the entries of the trail about one kind of event, of one kind of record where it is named."""
        entries = self.json("audit/entries.json")
        return [one for one in entries if one["event"] == event and subject in {"", one["subject_type"]}]

    def matching(self, start: str, end: str) -> list[str]:
        """Return the paths that begin and end so."""
        return sorted(path for path in self.files if path.startswith(start) and path.endswith(end))

    def certificates(self) -> dict[bytes, str]:
        """Return the certificates of the seal (DER), each with its fingerprint."""
        found = (x509.load_pem_x509_certificate(self[path]) for path in self.matching("certificates/", ".pem"))
        return {one.public_bytes(serialization.Encoding.DER): one.fingerprint(SHA256()).hex() for one in found}


def open_bundle(path: Path) -> Bundle:
    """Read every file of the archive. Raises CouldNot without a file, Broken for an archive that is damaged or odd."""
    if not path.is_file():
        raise CouldNot(f"There is no file {path}.")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CouldNot(f"{path} cannot be read: {error.strerror}.") from error
    need(len(content) <= MOST_BYTES, "the archive is too large")
    try:
        with in_time(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return Bundle(dict(_read_all(content, archive.infolist())))
    except Broken:
        raise
    except Exception as error:
        raise Broken(f"the archive is damaged ({type(error).__name__}: {str(error)[:120]})") from error


def _read_all(content: bytes, members: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """Yield each file. Every byte of the archive is a header as the portal writes it, or a file's: nothing else fits in
    between, before or behind, where the manifest would not speak of it and another program might read it.
    """
    need(len(members) <= MOST_FILES and sum(one.file_size for one in members) <= MOST_BYTES, "the archive is too large")
    names = [one.filename for one in members]
    need(len({name.lower() for name in names}) == len(names), "a file is there twice")
    at, central = 0, b""
    for member in members:
        need(SAFE_PATH.fullmatch(member.filename), f"{member.filename!r} is no path of a bundle")
        name = member.filename.encode()
        kind = (VERSION, STREAMED, DEFLATED, 0, DAY)
        sums = (member.CRC, member.compress_size, member.file_size)
        head = struct.pack("<4s5H3L2H", LOCAL, *kind, 0, 0, 0, len(name), 0) + name
        start = at + len(head)
        end = start + member.compress_size
        tail = struct.pack("<4s3L", DESCRIPTOR, *sums)
        holds = content[at:start] == head and content[end : end + len(tail)] == tail
        need(holds, f"{member.filename} is not written as the portal writes it")
        yield member.filename, _inflated(content[start:end], member)
        made = (VERSION, UNIX, *kind, *sums, len(name), 0, 0, 0, 0, MODE, at)
        central += struct.pack("<4s2B5H3L5H2L", CENTRAL, *made) + name
        at = end + len(tail)
    end_record = struct.pack("<4s4H2LH", END, 0, 0, len(members), len(members), len(central), at, 0)
    need(content[at:] == central + end_record, "the archive is not written as the portal writes it")


def _inflated(data: bytes, member: zipfile.ZipInfo) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    content = stream.decompress(data, member.file_size + 1)
    whole = stream.eof and not stream.unused_data and not stream.unconsumed_tail
    need(whole and len(content) == member.file_size, f"{member.filename} has another length")
    need(zlib.crc32(content) == member.CRC, f"{member.filename} is damaged")
    return content


def check_manifest(bundle: Bundle) -> Iterator[str]:
    """Every file is in the manifest, every file of the manifest is there, and none was changed."""
    manifest = bundle.json(MANIFEST)
    need(bundle[MANIFEST] == readable(manifest), "the manifest is not written as it was signed")
    need(manifest["format"] == FORMAT, "this verifier does not know the format")
    need(bundle.grant == bundle.json(SIGNATURE)["grant"], "the signature is about another grant")
    listed = {one["path"]: one for one in manifest["files"]}
    need(len(listed) == len(manifest["files"]), "the manifest names a file twice")
    there = set(bundle.files) - {MANIFEST, SIGNATURE}
    yield from (f"{path} was removed" for path in sorted(set(listed) - there))
    yield from (f"{path} was added" for path in sorted(there - set(listed)))
    for path in sorted(there & set(listed)):
        content = bundle[path]
        if canonical(listed[path]) != canonical({"path": path, "sha256": sha256(content), "size": len(content)}):
            yield f"{path} was changed"


def check_manifest_signature(bundle: Bundle) -> Iterator[str]:
    """The signature is over the bytes of this manifest; nothing of the manifest is read before."""
    need(
        len(bundle[SIGNATURE]) <= MOST_SIGNATURE and len(bundle[MANIFEST]) <= MOST_MANIFEST, "the manifest is too large"
    )
    stated = bundle.json(SIGNATURE)
    need(bundle[SIGNATURE] == readable(stated), "the signature is not written as it was made")
    body = {"format": FORMAT, "grant": stated["grant"], "manifest_sha256": sha256(bundle[MANIFEST])}
    said = {**body, "algorithm": "Ed25519", "public_key": stated["public_key"], "signature": stated["signature"]}
    need(stated == said, "the signature is about another manifest")
    key, signature = bytes.fromhex(stated["public_key"]), bytes.fromhex(stated["signature"])
    need((key.hex(), signature.hex()) == (stated["public_key"], stated["signature"]), "the signature is odd")
    need(_ed25519(key, signature, canonical(body)), "the signature is not valid")
    yield from ()


def _ed25519(key: bytes, signature: bytes, content: bytes) -> bool:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


# --------------------------------------------------------------------------------------------- the sealed documents


def attachments(reader: PdfFileReader) -> dict[str, bytes]:
    """Return the files that a PDF carries, by name."""
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    found = [(str(names[place]), names[place + 1]["/EF"]["/F"].data) for place in range(0, len(names), 2)]
    need(len(dict(found)) == len(found), "an attachment is there twice")
    return dict(found)


def covers_every_byte(seal: EmbeddedPdfSignature, content: bytes) -> bool:
    """Whether a seal covers the whole file but for itself: what its byte range leaves out is the seal in hexadecimal
    and nothing else. That the lengths add up does not tell: a second document fits where only the seal should stand.
    """
    start, before, after, rest = (int(number) for number in seal.byte_range)
    hole = content[before:after]
    if start or not 0 < before < after or after + rest != len(content):
        return False
    if not re.fullmatch(rb"<(?:[0-9A-Fa-f]{2})+>", hole):
        return False
    inside = bytes.fromhex(hole[1:-1].decode())
    length = len(general.cms.ContentInfo.load(inside).dump())
    return inside == seal.pkcs7_content and not inside[length:].strip(b"\0")


def check_seal(bundle: Bundle, document: dict[str, Any]) -> Iterator[str]:
    """One seal, valid, over the whole file, allowing no change, by a certificate of the bundle; and what it carries."""
    content = bundle[f"{document['folder']}/sealed.pdf"]
    need(sha256(content) == document["sealed_sha256"], "it is not the sealed file on record")
    reader = PdfFileReader(io.BytesIO(content))
    need(len(reader.embedded_signatures) == 1, "it does not carry exactly one seal")
    seal = reader.embedded_signatures[0]
    seal.compute_integrity_info(skip_diff=True)
    if seal.coverage != SignatureCoverageLevel.ENTIRE_FILE or not covers_every_byte(seal, content):
        yield "the seal does not cover the whole file"
    if seal.docmdp_level != MDPPerm.NO_CHANGES:
        yield "the seal allows changes"
    certificate = bundle.certificates().get(seal.signer_cert.dump(), "")
    if not certificate:
        yield "the seal's certificate is not one of certificates/"
    intact, valid = validate_sig_integrity(seal.signer_info, seal.signer_cert, "data", seal.compute_digest())
    if not (intact and valid):
        yield "the seal is not valid"
    bundle.sealed_by[document["folder"]] = certificate
    if str(seal.sig_object["/Reason"]) != f"Sealed record {document['content_sha256']}":
        yield "the seal was put on another record"
    yield from _carried(bundle, document, attachments(reader))


def _carried(bundle: Bundle, document: dict[str, Any], carried: dict[str, bytes]) -> Iterator[str]:
    """The sealed file carries the terms, and the signed file or what it says as data or both, with the hashes on
    record.
    """
    folder, number = document["folder"], bundle.grant
    data = DATA.get(document["kind"], ())
    sources = [("terms.json", document["terms_sha256"]), *((path, document["content_sha256"]) for path in data)]
    if document["kind"] in SIGNED:
        sources.append(("signed.pdf", document["signed_sha256"]))
    for path, wanted in sources:
        if sha256(carried.get(path, b"")) != wanted:
            yield f"the {path} inside it has not the hash on record"
        if bundle[f"{folder}/{path}"] != carried.get(path):
            yield f"the {path} inside it is not the one beside it"
    for path in ["terms.json", *data]:
        value = bundle.json(f"{folder}/{path}")
        if canonical(value) != bundle[f"{folder}/{path}"]:
            yield f"{path} is not written as it was hashed"
        if value["number"] != number or document["number"] != number:
            yield f"{path} is of grant {value['number']}"
    yield from _on_record(bundle, document)


def _on_record(bundle: Bundle, document: dict[str, Any]) -> Iterator[str]:
    """What is on record of a document is what its terms and the trail say."""
    said = {name: bundle.terms(document)[name] for name in ("version", "example")}
    if said != {name: document[name] for name in said}:
        yield "its version, or whether it is an example, is another in the terms"
    if document["kind"] not in DATA and document["content_sha256"] != document["terms_sha256"]:
        yield "it was not made from its terms"
    sealed = [
        one["facts"]
        for one in bundle.entries("sealed", "grants.Agreement")
        if one["facts"]["sealed_sha256"] == document["sealed_sha256"]
    ]
    if len(sealed) != 1:
        yield "the trail has no entry of this seal"
    seal = {"level": document["seal_level"], "certificate": bundle.sealed_by[document["folder"]]}
    if any(facts.get(name, value) != value for facts in sealed for name, value in seal.items()):
        yield "the trail tells of another seal"
    revoked = [one["facts"].get("sealed_sha256") for one in bundle.entries("revoked", "grants.Agreement")]
    if (document["sealed_sha256"] in revoked) != bool(document["revoked"]):
        yield "the trail and the record differ on whether it was revoked"


def check_documents(bundle: Bundle) -> Iterator[str]:
    """The documents belong together: one agreement, at most one statement, each folder of the bundle on record once."""
    folders = [one["folder"] for one in bundle.documents()]
    need(len(set(folders)) == len(folders), "a folder is on record twice")
    there = {path.partition("/")[0] for path in bundle.files if path.endswith("/terms.json")}
    need(there == set(folders), "the folders are not those on record")
    kinds = {"agreement", "amendment", *DATA}
    need({one["kind"] for one in bundle.documents()} <= kinds, "a document is of no kind that there is")
    sealed = Counter(one["facts"]["sealed_sha256"] for one in bundle.entries("sealed", "grants.Agreement"))
    need(sealed == Counter(one["sealed_sha256"] for one in bundle.documents()), "the trail tells of other documents")
    need(len(bundle.documents("agreement")) == 1, "there is not exactly one agreement")
    need(len(bundle.documents("statement")) <= 1, "there are several statements")
    need(len(bundle.documents("closing", "completion")) <= 1, "there are several letters on how the grant ended")
    agreement = bundle.documents("agreement")[0]
    for amendment in bundle.documents("amendment"):
        if bundle.terms(amendment)["amendment"]["amends"]["sealed_sha256"] != agreement["sealed_sha256"]:
            yield f"{amendment['folder']} amends another agreement"
    for one in bundle.documents("statement", "closing", "completion"):
        said, name = bundle.json(f"{one['folder']}/{DATA[one['kind']][0]}"), NAMES[one["kind"]]
        if said["agreement_sealed_sha256"] != agreement["sealed_sha256"]:
            yield f"the {name} is about another agreement"
        if said["agreement_signed_sha256"] != agreement["signed_sha256"]:
            yield f"the {name} is about another signed file"
        if said["terms_sha256"] != one["terms_sha256"]:
            yield f"the {name} is about other terms"
    yield from _ended(bundle, agreement)
    yield from _completed(bundle)


def _ended(bundle: Bundle, agreement: dict[str, Any]) -> Iterator[str]:
    """A grant that was ended has a closing letter that somebody asked for and somebody else confirmed; no other has."""
    ended = bundle.entries("terminate", "grants.Grant")
    letters = bundle.documents("closing")
    for letter in letters:
        said = bundle.json(f"{letter['folder']}/closing.json")
        asked = [
            one for one in bundle.entries("ending_asked") if one["facts"]["document_sha256"] == letter["signed_sha256"]
        ]
        confirmed = bundle.entries("confirm", "grants.Ending")
        if len(asked) != 1 or asked[0]["facts"]["money"] != said["money"]:
            yield "the trail tells of another request to end the grant"
        elif {one["actor_id"] for one in confirmed} & {asked[0]["actor_id"]}:
            yield "the one who asked that the grant ends confirmed it"
        if not any(one["facts"]["document_sha256"] == letter["signed_sha256"] for one in confirmed):
            yield "the trail tells of no director who confirmed the closing letter"
        money = said["money"]
        parts = ("earned_minor", "at_risk_minor", "to_return_minor", "unpaid_minor")
        if sum(money[name] for name in parts) != money["granted_minor"]:
            yield "the sums of the closing letter do not add up"
    if ended and letters and not agreement["revoked"]:
        yield "the grant was ended, and its agreement was not revoked"


def _completed(bundle: Bundle) -> Iterator[str]:
    """A completion letter is of a grant that somebody completed, tells what the trail tells, and its sums add up."""
    for letter in bundle.documents("completion"):
        said = bundle.json(f"{letter['folder']}/completion.json")
        money = said["money"]
        written = [one["facts"] for one in bundle.entries("completion_written")]
        if [one["content_sha256"] for one in written] != [letter["content_sha256"]] or written[0]["money"] != money:
            yield "the trail tells of another completion letter"
        if len(bundle.entries("complete", "grants.Grant")) != 1:
            yield "the trail tells of no completion"
        if money["paid_minor"] + money["unpaid_minor"] != money["granted_minor"]:
            yield "the sums of the completion letter do not add up"
        if sum(one["amount_minor"] for one in said["payments"]) != money["paid_minor"]:
            yield "the payments of the completion letter do not add up to what was paid"
        here = [one for one in bundle.json(ARRIVALS) if one["paid_on"]]
        paid = {one["number"]: (one["paid_minor"], one["paid_on"]) for one in here}
        if {one["number"]: (one["amount_minor"], one["paid_on"]) for one in said["payments"]} != paid:
            yield "the completion letter tells of other payments"


def check_certificates(bundle: Bundle, pins: list[str]) -> Iterator[str]:
    """Each certificate made a seal; where some were given, every seal was made by one of them."""
    made = set(bundle.sealed_by.values())
    yield from (f"{one} made no seal" for one in sorted(set(bundle.certificates().values()) - made))
    if pins:
        yield from (f"you gave {pin}, which made no seal" for pin in pins if pin not in made)
        yield from (f"a seal was made by {one}, which you did not give" for one in sorted(made - set(pins)))


# --------------------------------------------------------------------------------------------------- the signatures


def check_signers(bundle: Bundle) -> Iterator[str]:
    """Every signature is of an agreement, an amendment or a closing letter, for a side and by a means that there is,
    and in the trail; and every one of these documents that the trail tells of is here.
    """
    made = bundle.json("signatures.json")
    folders = {one["folder"] for one in bundle.documents(*SIGNED)}
    for one in made:
        if one["folder"] not in folders or one["side"] not in SIDES or one["method"] not in METHODS:
            yield f"{one['number']} is no signature that there can be"
    files = {one["signed_sha256"] for one in bundle.documents(*SIGNED)}
    told = [one["facts"] for one in bundle.entries("signed") if one["facts"]["document_sha256"] in files]
    if sorted(one["signature"] for one in told) != sorted(one["id"] for one in made):
        yield "the trail tells of other signatures"


def check_signatures(bundle: Bundle, document: dict[str, Any]) -> Iterator[str]:
    """As many directors as the terms ask for and one partner signed this very file, under a closing letter one director
    alone; each in the trail, none twice.
    """
    made = [one for one in bundle.json("signatures.json") if one["folder"] == document["folder"]]
    is_letter = document["kind"] == "closing"
    needed = 1 if is_letter else int(bundle.terms(document)["directors"]["needed"])
    directors = [one for one in made if one["side"] == "director"]
    if len(directors) < needed:
        yield f"{len(directors)} of {needed} directors signed"
    if sum(one["side"] == "partner" for one in made) != (0 if is_letter else 1):
        yield "the partner signed a closing letter" if is_letter else "not exactly one signature is the partner's"
    if len({one["actor_id"] for one in made}) != len(made) or len({one["challenge"]["nonce"] for one in made}) != len(
        made
    ):
        yield "a person or a challenge signed twice"
    judged = {one["actor_id"] for one in [*bundle.entries("version_frozen"), *bundle.entries("recommended")]}
    if judged & {one["actor_id"] for one in directors}:
        yield "a director who signed had reviewed or recommended"
    for one in made:
        yield from (f"{one['number']}: {problem}" for problem in _signature(bundle, document, one))


def _signature(bundle: Bundle, document: dict[str, Any], one: dict[str, Any]) -> Iterator[str]:
    file, challenge = sha256(bundle[f"{document['folder']}/signed.pdf"]), one["challenge"]
    if {one["document_sha256"], challenge["document_sha256"], document["signed_sha256"]} != {file}:
        yield "it is over another file"
    times = [instant(challenge["made_at"]), instant(challenge["used_at"]), instant(challenge["expires_at"])]
    if times != sorted(times) or instant(one["signed_at"]) > instant(document["sealed_at"]) + timedelta(seconds=1):
        yield "its times are out of order"
    facts = {
        "document_sha256": file, "side": one["side"], "signature": one["id"], "method": one["method"],
        "consent": one["consent"]["version"],
    }  # fmt: skip
    told = [entry for entry in bundle.entries("signed") if facts.items() <= entry["facts"].items()]
    if [entry["actor_id"] for entry in told] != [one["actor_id"]]:
        yield "the trail has no such signature"
    for entry in told:
        if entry["words"] is not None and entry["words"]["name"] != one["name"]:
            yield "the trail names somebody else"
        if abs(instant(entry["at"]) - instant(one["signed_at"])) > SAME_TIME:
            yield "the trail has another time"
    if (one["method"] == "passkey") != bool(one["assertion"]):
        yield "a passkey's assertion is missing, or stands where none belongs"
    elif one["assertion"]:
        yield from assertion_problems(document, one)


def b64url(text: str) -> bytes:
    """Return the bytes of base64url without padding, written in the one way there is."""
    content = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    need(base64.urlsafe_b64encode(content).rstrip(b"=").decode() == text, "base64url is written oddly")
    return content


def assertion_problems(document: dict[str, Any], one: dict[str, Any]) -> Iterator[str]:
    """What a passkey signed is this file, for this approval, with its user verified, at the funder's own address."""
    made, parts, challenge = one["assertion"], one["assertion"]["challenge"], one["challenge"]
    approval = f"{document['kind']} {document['number']} version {document['version']}, {one['side']} {one['actor_id']}"
    wanted = {
        "domain": PASSKEY_DOMAIN, "document_sha256": one["document_sha256"], "approval": approval,
        "nonce": challenge["nonce"],
    }  # fmt: skip
    if made["format"] != PASSKEY_FORMAT or {name: parts[name] for name in wanted} != wanted:
        yield "the passkey answered another challenge"
    if instant(challenge["used_at"]) - instant(challenge["made_at"]) > PASSKEY_GOOD_FOR:
        yield "the passkey answered too late"
    client, told = b64url(made["client_data_json"]), b64url(made["authenticator_data"])
    yield from _client_problems(load(client), wanted, made)
    if not _is_site(made["rp_id"], made["origin"]):
        yield "the relying party is no site of the web"
    rp = hashlib.sha256(made["rp_id"].encode()).digest()
    if len(told) < LEAST_TOLD or told[:32] != rp:
        yield "the passkey signed for another relying party"
    elif told[32] & PRESENT_AND_VERIFIED != PRESENT_AND_VERIFIED:
        yield "the passkey did not verify its user"
    signed = told + hashlib.sha256(client).digest()
    if not _assertion_is_signed(b64url(made["public_key"]), made["algorithm"], b64url(made["signature"]), signed):
        yield "the passkey's signature is not valid"


def _is_site(name: str, origin: str) -> bool:
    """Whether a relying party has a name of its own, and its pages come encrypted (but for a machine by itself)."""
    return name == "localhost" or ("." in name.strip(".") and urlsplit(origin).scheme == "https")


def _client_problems(client: dict[str, Any], wanted: dict[str, str], made: dict[str, Any]) -> Iterator[str]:
    parts = (
        wanted["domain"].encode(), bytes.fromhex(wanted["document_sha256"]), wanted["approval"].encode(),
        bytes.fromhex(wanted["nonce"]),
    )  # fmt: skip
    asked = hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
    host = urlsplit(client["origin"]).hostname or ""
    if client["type"] != "webauthn.get" or b64url(client["challenge"]) != asked:
        yield "the browser told another challenge"
    if client.get("crossOrigin") or client.get("topOrigin"):
        yield "it was made inside another site's page"
    if client["origin"] != made["origin"] or not (host == made["rp_id"] or host.endswith(f".{made['rp_id']}")):
        yield "it comes from another site"


def _assertion_is_signed(public: bytes, algorithm: int, signature: bytes, signed: bytes) -> bool:
    key = serialization.load_der_public_key(public)
    try:
        if algorithm == ES256 and isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
            key.verify(signature, signed, ec.ECDSA(SHA256()))
        elif algorithm == EDDSA and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        elif algorithm == RS256 and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


# --------------------------------------------------------------------------------------------------- the audit trail


def entry_hash(entry: dict[str, Any]) -> str:
    """Return the hash that an entry should have: over all of it, each part with its length before it."""
    digest = hashlib.sha256(TRAIL_DOMAIN)
    names = ("event", "subject_type", "subject_id", "from_state", "to_state", "actor_id")
    parts = [
        str(entry["schema"]),
        str(entry["seq"]),
        entry["prev_hash"],
        entry["at"],
        *(str(entry[name]) for name in names),
    ]
    for part in [*(part.encode() for part in parts), canonical(entry["facts"]), entry["words_hash"].encode()]:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def words_hash(words: dict[str, str]) -> str:
    """Return the hash of an entry's words: salt, name, role and note."""
    digest = hashlib.sha256()
    for name in ("salt", "name", "role", "note"):
        content = words[name].encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def read_chain(content: bytes) -> dict[int, str]:
    """Return number and hash of every entry; the numbers leave no gap. Raises Broken."""
    found: dict[int, str] = {}
    for line in content.decode("ascii").splitlines():
        seq, _, value = line.partition(" ")
        need(HEX64.fullmatch(value) and seq.isdecimal(), f"the line {line[:80]!r} is none of a chain")
        need(not found or int(seq) == next(reversed(found)) + 1, f"the chain has a gap before entry {seq}")
        found[int(seq)] = value
    need(content == "".join(f"{seq} {value}\n" for seq, value in found.items()).encode(), "the chain is written oddly")
    need(len(set(found.values())) == len(found), "a hash is there twice")
    return found


def check_trail(bundle: Bundle) -> Iterator[str]:
    """Every entry has its hash, stands on the chain right after the one it names, and the last one is signed."""
    chain, entries = read_chain(bundle["audit/chain.txt"]), bundle.json("audit/entries.json")
    numbers = [entry["seq"] for entry in entries]
    need(numbers and numbers == sorted(set(numbers)), "the entries are not in order")
    need((numbers[0] - 1 or 1, numbers[-1]) == (min(chain), max(chain)), "the chain is of other entries")
    for entry in entries:
        seq = entry["seq"]
        _need_types(entry)
        if entry_hash(entry) != entry["hash"] or chain[seq] != entry["hash"]:
            yield f"entry {seq} was changed"
        if entry["prev_hash"] != (chain[seq - 1] if seq > 1 else GENESIS):
            yield f"entry {seq} does not follow the one before it"
        if entry["words"] is not None and words_hash(entry["words"]) != entry["words_hash"]:
            yield f"the words of entry {seq} were changed"
    yield from _checkpoint(bundle, entries[-1])


def _need_types(entry: dict[str, Any]) -> None:
    """Raise Broken where a part of an entry is of another type: 7 and "7" have one text, and so one hash."""
    whole = all(type(entry[name]) is int for name in ("seq", "schema"))
    texts = ("event", "subject_type", "subject_id", "from_state", "to_state", "prev_hash", "hash", "at", "words_hash")
    actor = entry["actor_id"]
    fits = whole and all(type(entry[name]) is str for name in texts) and (actor is None or type(actor) is int)
    need(fits and isinstance(entry["facts"], dict), f"entry {entry['seq']} is not of the types it was hashed from")


def _checkpoint(bundle: Bundle, last: dict[str, Any]) -> Iterator[str]:
    stated = bundle.json("audit/checkpoint.json")
    body = {name: stated[name] for name in ("seq", "hash", "at")}
    if body != {name: last[name] for name in ("seq", "hash", "at")}:
        yield "the checkpoint is about another entry"
    key, signature = (base64.b64decode(stated[name], validate=True) for name in ("public_key", "signature"))
    if key.hex() != bundle.json(SIGNATURE)["public_key"]:
        yield "the checkpoint was signed by another key than the manifest"
    if not _ed25519(key, signature, canonical(body)):
        yield "the checkpoint's signature is not valid"


def check_vetting(bundle: Bundle) -> Iterator[str]:
    """Reviews and briefs are the ones that the trail tells of."""
    frozen = Counter(
        (str(one["subject_id"]), one["facts"]["version"], one["facts"]["sha256"])
        for one in bundle.entries("version_frozen")
    )
    here: Counter[tuple[str, int, str]] = Counter()
    for review in bundle.json("vetting/scores.json"):
        for version in review["versions"]:
            here[str(review["review"]), version["number"], version["sha256"]] += 1
            if sha256(canonical(version["content"])) != version["sha256"]:
                yield f"a version of {review['reviewer']} was changed"
    if here != frozen:
        yield "the reviews are not those of the trail"
    briefed = Counter(one["facts"]["brief_sha256"] for one in bundle.entries("briefed"))
    briefs = Counter(sha256(bundle[path]) for path in bundle.matching("brief-v", "/brief.json"))
    if briefs != briefed:
        yield "the briefs are not those of the trail"
    decided = bundle.json("vetting/decisions.json")
    sent = bundle.entries("submit", "partners.Submission") + bundle.entries("resubmit", "partners.Submission")
    submitted = [(one["facts"]["version"], one["facts"]["sha256"]) for one in sorted(sent, key=lambda one: one["seq"])]
    if [(one["number"], one["sha256"]) for one in decided["submission"]["versions"]] != submitted:
        yield "the submission's versions are not those of the trail"
    outcomes = [
        (one["outcome"], one["composite_exact"], one["band"], one["is_override"], one["actor_id"])
        for one in decided["recommendations"]
    ]
    names = ("outcome", "composite", "band", "override")
    told = [(*(one["facts"][name] for name in names), one["actor_id"]) for one in bundle.entries("recommended")]
    if outcomes != told or decided["overrides"] != [one for one in decided["recommendations"] if one["is_override"]]:
        yield "the recommendations are not those of the trail"


def check_declarations(bundle: Bundle) -> Iterator[str]:
    """What was declared and agreed is what the trail tells, each once; reviewers are numbers here."""
    decided = bundle.json("vetting/decisions.json")
    told = bundle.entries("declared", "reviews.ConflictDeclaration")
    for one in decided["declarations"]:
        entry = next((entry for entry in told if _declared(one, entry)), None)
        if entry is None:
            yield f"the trail has no such declaration of {one['person']}"
        else:
            told.remove(entry)
    if told:
        yield "the trail tells of more declarations"
    agreed = [(one["criterion"], one["concerns"]) for one in decided["moderations"]]
    if agreed != [(one["facts"]["criterion"], one["facts"]["concerns"]) for one in bundle.entries("moderated")]:
        yield "the resolutions are not those of the trail"


def _declared(one: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Whether an entry of the trail tells of this declaration."""
    said = (entry["facts"]["as_role"], entry["facts"]["has_interest"]) == (one["as"], one["has_interest"])
    person = one["person"] == f"person {entry['actor_id']}" or one["person"].startswith("reviewer ")
    return said and person and abs(instant(one["at"]) - instant(entry["at"])) <= SAME_TIME


def check_conditions(bundle: Bundle) -> Iterator[str]:
    """Every condition that stops something is here as the trail tells it: asked, shown, met by another person, waived.

    A bundle that is older than conditions has no such file; then neither its terms nor its trail may hold one.
    """
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in bundle.json("audit/entries.json"):
        if entry["subject_type"] == "grants.Condition":
            told[str(entry["subject_id"])].append(entry)
    here = bundle.json(CONDITIONS) if CONDITIONS in bundle else []
    if sorted(str(one["id"]) for one in here) != sorted(told):
        yield "the trail tells of other conditions"
    for one in here:
        yield from (f"condition {one['number']}: {problem}" for problem in _condition(one, told[str(one["id"])]))
    by_number = {one["number"]: one for one in here}
    need(len(by_number) == len(here), "two conditions have one number")
    for asked in _terms_in_force(bundle)["conditions"]:
        if isinstance(asked, str):
            continue  # text alone, as terms of schema 1 hold it: nothing waited for it
        one = by_number.get(asked["number"])
        if one is None or any(one[name] != asked[name] for name in asked):
            yield f"condition {asked['number']} of the terms is not here as it was signed"


def _terms_in_force(bundle: Bundle) -> dict[str, Any]:
    """Return the terms that held last: of the newest agreement or amendment that came into force."""
    return bundle.terms(held_documents(bundle)[-1])


def held_documents(bundle: Bundle) -> list[dict[str, Any]]:
    """Return the sealed agreement, and the amendments that the trail says came into force, by version."""
    entered = {
        entry["facts"].get("sealed_sha256")
        for entry in bundle.json("audit/entries.json")
        if entry["event"] == "enter_into_force" and entry["facts"]
    }
    signed = sorted(bundle.documents("agreement", "amendment"), key=lambda one: int(one["version"]))
    return [one for one in signed if one["kind"] == "agreement" or one["sealed_sha256"] in entered]


def _condition(one: dict[str, Any], entries: list[dict[str, Any]]) -> Iterator[str]:
    """What is here of a condition is what its entries tell."""
    made = [entry["facts"] for entry in entries if entry["event"] in {"condition_made", "condition_changed"}]
    names = ("number", "blocks", "of", "asked_of", "due_on")
    if not made or any(made[-1][name] != one[name] for name in names):
        yield "the trail tells of something else"
    moved = [entry for entry in entries if entry["to_state"]]
    if one["state"] != (moved[-1]["to_state"] if moved else "open"):
        yield "the trail has it in another state"
    shown = [entry for entry in entries if entry["event"] == "show"]
    given = []
    for answer in one["answers"]:
        document = answer["document"] or {"sha256": ""}
        given.append((answer["id"], sha256(answer["text"].encode()), document["sha256"], answer["actor_id"]))
    words = ("answer", "text_sha256", "document_sha256")
    if given != [(*(entry["facts"][name] for name in words), entry["actor_id"]) for entry in shown]:
        yield "its evidence is not that of the trail"
    for state, event in (("met", "accept"), ("waived", "waive"), ("ended", "drop")):
        if (one["state"] == state) != bool(one[state]):
            yield f"it is {one['state']}, and how is not said"
        elif one[state] and not (moved and _same_outcome(one[state], moved[-1], event)):
            yield f"the trail does not tell that it was {state} so"
    if one["state"] == "met" and shown and shown[-1]["actor_id"] == one["met"]["actor_id"]:
        yield "who gave the evidence accepted it"


def _same_outcome(said: dict[str, Any], entry: dict[str, Any], event: str) -> bool:
    """Whether the last move of a condition is this outcome, by this person."""
    same = (entry["event"], entry["actor_id"]) == (event, said["actor_id"])
    note = entry["words"] is None or entry["words"]["note"] == said["reason"]
    return same and note and abs(instant(said["at"]) - instant(entry["at"])) <= SAME_TIME


def check_arrivals(bundle: Bundle) -> Iterator[str]:
    """What was paid, and each word on its arrival, is what the trail tells. An older bundle has no such file."""
    if ARRIVALS not in bundle:
        if any(bundle.entries(event) for event in ARRIVAL_EVENTS):
            yield "the trail tells of arrivals that are not here"
        return
    here, paid = bundle.json(ARRIVALS), {}
    moves = [*bundle.entries("pay", "grants.Tranche"), *bundle.entries("bounce", "grants.Tranche")]
    for entry in sorted(moves, key=lambda one: one["seq"]):
        paid[str(entry["subject_id"])] = entry["facts"] if entry["event"] == "pay" else {}  # the bank returned it
    if sorted(str(one["id"]) for one in here) != sorted(paid):
        yield "the trail tells of other payments"
    names = ("number", "kind", "currency", "amount_minor", "charges_minor", "arrived_on")
    for one in here:
        facts = paid.get(str(one["id"]), {})
        if (facts.get("amount_minor"), facts.get("paid_on")) != (one["paid_minor"], one["paid_on"]):
            yield f"payment {one['number']} was paid otherwise"
        returns = [word for word in one["words"] if word["kind"] == "returned"]
        days = [entry["facts"]["returned_on"] for entry in moves if _bounced(entry, one)]
        if days != [word["arrived_on"] for word in returns]:
            yield f"the trail tells of other returns of payment {one['number']}"
        told = [
            (*(entry["facts"][name] for name in names), entry["actor_id"])
            for entry in bundle.json("audit/entries.json")
            if entry["event"] in ARRIVAL_EVENTS and str(entry["subject_id"]) == str(one["id"])
        ]
        if told != [(*(word[name] for name in names), word["actor_id"]) for word in one["words"]]:
            yield f"the trail tells something else of the arrival of payment {one['number']}"


def _bounced(entry: dict[str, Any], payment: dict[str, Any]) -> bool:
    """Whether an entry says that the bank returned this payment."""
    return entry["event"] == "bounce" and str(entry["subject_id"]) == str(payment["id"])


def check_timestamps(bundle: Bundle, path: str) -> Iterator[str]:
    """A timestamp is over the sealed file, and signed by the first of the certificates kept with it."""
    folder = path.removeprefix("timestamps/").rpartition("-")[0]
    signed = general.cms.ContentInfo.load(bundle[path], strict=True)["content"]
    info = signed["encap_content_info"]["content"].parsed
    imprint, file = info["message_imprint"], hashlib.sha256(bundle[f"{folder}/sealed.pdf"]).digest()
    if imprint["hash_algorithm"]["algorithm"].native != "sha256" or imprint["hashed_message"].native != file:
        yield "it is not of the sealed file"
    kept = x509.load_pem_x509_certificates(bundle[path.removesuffix(".tsr") + ".pem"])[0]
    authority = general.x509.Certificate.load(kept.public_bytes(serialization.Encoding.DER))
    signer = signed["signer_infos"][0]
    algorithm = signer["digest_algorithm"]["algorithm"].native
    digest = hashlib.new(algorithm, bytes(signed["encap_content_info"]["content"]))
    if validate_sig_integrity(signer, authority, "tst_info", digest.digest()) != (True, True):
        yield "its signature is not valid"


# -------------------------------------------------------------------------------------------------------- the match


@dataclass
class Gift:
    """A recorded gift: what was given, refunded of it, and matched."""

    key: str
    donor: str
    gross: int
    fee: int
    eligible: bool
    inside: bool
    refunded: int = 0
    matched: int = 0
    disputes: dict[str, str] = field(default_factory=dict)

    @property
    def at_risk(self) -> bool:
        """Whether a dispute about it is open."""
        return "open" in self.disputes.values()


class Ignored(Exception):
    """An event that is refused and changes nothing."""


class Match:
    """The match of a campaign told again from its events, by the rule of the signed terms (R1 to R7)."""

    def __init__(self, money: dict[str, Any]) -> None:
        self.money, self.cap = money, int(money["cap_minor"])
        self.start, self.end = (instant(money["window"][edge]) for edge in ("starts_at", "ends_at"))
        self.gifts: dict[str, Gift] = {}
        self.refunds: dict[str, tuple[Any, ...]] = {}
        self.disputes: dict[str, str] = {}
        self.waiting: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.matched = 0
        self.of_donor: Counter[str] = Counter()
        self.caps: list[int] = []
        self.at_closing: list[dict[str, Any]] | None = None
        self.closed_at: datetime | None = None
        self.closing_sums: dict[str, int] = {}

    def play(self, event: dict[str, Any]) -> None:
        """Apply one event."""
        kinds = {"gift", "refund", "dispute", "eligibility", "fee_of", "cap", "close"} & event.keys()
        need(len(kinds) == 1, f"an event is of no kind that can be played: {sorted(event)}")
        try:
            getattr(self, f"_{kinds.pop()}")(event)
        except Ignored:
            return

    def _ceiling(self, gift: Gift) -> int:
        p, q = self.money["ratio"]
        fee = gift.fee if self.money["basis"] == "net" else 0
        return int(max(0, gift.gross - fee - gift.refunded) * p // q)

    def _entitled(self, gift: Gift) -> int:
        return min([self._ceiling(gift), *([self.money["gift_cap_minor"]] if self.money["gift_cap_minor"] else [])])

    def _earn(self, gift: Gift, room: int) -> int:
        """Let a gift earn what is still open of it, within ``room`` and its donor's cap; return how much."""
        most = [self._entitled(gift) - gift.matched, room]
        if (cap := self.money["donor_cap_minor"]) is not None:
            most.append(cap - self.of_donor[gift.donor])
        share = max(0, min(most))
        self._move(gift, share)
        return share

    def _move(self, gift: Gift, change: int) -> None:
        gift.matched += change
        self.matched += change
        self.of_donor[gift.donor] += change

    def _gift(self, event: dict[str, Any]) -> None:
        need(event["gift"] not in self.gifts, f"gift {event['gift']} is there twice")
        for name in ("gross", "fee"):
            need(type(event[name]) is int and event[name] >= 0, f"gift {event['gift']} has no whole {name}")
        inside = event["at"] is None or self.start <= instant(event["at"]) < self.end
        eligible = not event.get("ineligible") and inside and self.closed_at is None
        gift = Gift(event["gift"], event["donor"], event["gross"], event["fee"], eligible, inside)
        self.gifts[gift.key] = gift
        if eligible:
            self._earn(gift, self.cap - self.matched)
        for one in self.waiting.pop(gift.key, []):
            self._apply(gift, one)

    def _apply(self, gift: Gift, event: dict[str, Any]) -> None:
        try:
            if "dispute" in event:
                self._settle(gift, event)
            else:
                self._give_back(gift, event)
        except Ignored:
            self.refunds.pop(event.get("id", ""), None)

    def _refund(self, event: dict[str, Any]) -> None:
        name, contents = event.get("id"), (event["refund"], event.get("amount"), event.get("total"))
        need(all(said is None or type(said) is int for said in contents[1:]), "a refund is no whole amount")
        if any(said is not None and said < 1 for said in contents[1:]):
            return
        if name is not None and name in self.refunds:
            return
        if (gift := self.gifts.get(event["refund"])) is not None:
            self._give_back(gift, event)
        else:
            self.waiting[event["refund"]].append(event)
        if name is not None:
            self.refunds[name] = contents

    def _give_back(self, gift: Gift, event: dict[str, Any]) -> None:
        left, amount, total = gift.gross - gift.refunded, event.get("amount"), event.get("total")
        if amount is not None:
            if not 0 < amount <= left:
                raise Ignored
            self._release(gift, amount)
        elif total is not None:
            if not 0 < total <= gift.gross:
                raise Ignored
            self._release(gift, max(0, total - gift.refunded))
        else:
            self._release(gift, left)

    def _dispute(self, event: dict[str, Any]) -> None:
        if self.disputes.setdefault(event["id"], event["dispute"]) != event["dispute"]:
            raise Ignored
        if (gift := self.gifts.get(event["dispute"])) is not None:
            self._settle(gift, event)
        else:
            self.waiting[event["dispute"]].append(event)

    def _settle(self, gift: Gift, event: dict[str, Any]) -> None:
        if gift.disputes.get(event["id"]) in {"won", "lost"}:
            return
        gift.disputes[event["id"]] = event["status"]
        if event["status"] == "lost":
            self._release(gift, gift.gross - gift.refunded)

    def _release(self, gift: Gift, amount: int) -> None:
        """Refund ``amount``: the match falls to what is left (R6); before the closing earlier gifts get it (R7)."""
        gift.refunded += amount
        self._let_go(gift, self._ceiling(gift))

    def _let_go(self, gift: Gift, ceiling: int) -> None:
        free = max(0, gift.matched - ceiling)
        self._move(gift, -free)
        if self.closed_at is not None or self.money["refund_policy"] == "forward":
            return
        for other in self.gifts.values():
            if not free:
                break
            if other.eligible:
                free -= self._earn(other, free)

    def _eligibility(self, event: dict[str, Any]) -> None:
        """An officer's correction: the gift earns from now on, out of what is left now; or its match goes back."""
        gift = self.gifts.get(event["eligibility"])
        if gift is None:
            raise Ignored
        if event.get("ineligible"):
            gift.eligible = False
            self._let_go(gift, 0)
        elif not gift.eligible:
            if self.closed_at is not None or not gift.inside:
                raise Ignored
            gift.eligible = True
            self._earn(gift, self.cap - self.matched)

    def _fee_of(self, event: dict[str, Any]) -> None:
        """The fee of a gift that came without one, told once."""
        gift, fee = self.gifts.get(event["fee_of"]), event["fee"]
        need(type(fee) is int and fee > 0, f"the fee of {event['fee_of']} is no whole amount")
        if gift is None or gift.fee:
            raise Ignored
        gift.fee = fee
        self._let_go(gift, self._ceiling(gift))

    def _cap(self, event: dict[str, Any]) -> None:
        need(type(event["cap"]) is int, "a cap is no whole amount")
        if event["cap"] > self.cap and self.closed_at is None:
            self.cap = event["cap"]
            self.caps.append(self.cap)

    def _close(self, event: dict[str, Any]) -> None:
        if self.closed_at is None:
            self.closed_at, self.at_closing, self.closing_sums = instant(event["close"]), self.lines(), self.sums()

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines as they stand."""
        names = ("key", "gross", "fee", "refunded", "matched")
        gifts = enumerate(self.gifts.values(), start=1)
        return [{"seq": seq, **{name: getattr(gift, name) for name in names}} for seq, gift in gifts]

    def sums(self) -> dict[str, int]:
        """Return what a statement says, counted from the gifts (R8)."""
        gifts = list(self.gifts.values())
        gross, fees, refunded = (sum(getattr(gift, name) for gift in gifts) for name in ("gross", "fee", "refunded"))
        net = {gift.key: gift.gross - gift.fee - gift.refunded for gift in gifts}
        most = self.money.get("fee_top_up_minor")
        added = min(most or 0, sum(gift.fee for gift in gifts if not gift.at_risk))
        return {
            **({} if most is None else {"fee_top_up_minor": added}),
            "first_seq": min(1, len(gifts)),
            "last_seq": len(gifts),
            "gifts": len(gifts),
            "gross_minor": gross,
            "fees_minor": fees,
            "refunded_minor": refunded,
            "net_minor": gross - fees - refunded,
            "matched_minor": self.matched,
            "unmatched_minor": self.cap - self.matched,
            "at_risk_match_minor": sum(gift.matched for gift in gifts if gift.at_risk),
            "payable_minor": sum(net[gift.key] + gift.matched for gift in gifts if not gift.at_risk) + added,
        }


def money_of(bundle: Bundle) -> tuple[dict[str, Any], list[int]]:
    """Return the rule of the match in the signed terms, and the caps that agreement and amendments say."""
    moneys: list[dict[str, Any]] = [bundle.terms(one)["money"] for one in held_documents(bundle)]
    first = moneys[0]
    for money in moneys:
        for name in ("currency", "ratio", "basis", "refund_policy", "donor_cap_minor", "gift_cap_minor"):
            need(money[name] == first[name], f"an amendment changes the {name} of the match")
        added = [one.get("fee_top_up_minor") for one in (money, first)]
        need(added[0] == added[1], "an amendment changes what is added for card fees")
    return moneys[-1], [int(money["cap_minor"]) for money in moneys]


def check_match(bundle: Bundle) -> Iterator[str]:
    """The lines follow from the events by the rule of the signed terms, and the statement's sums from the lines."""
    money, caps = money_of(bundle)
    vector = bundle.json("match/events.json")["vectors"]
    need(len(vector) == 1 and vector[0]["id"] == bundle.grant, "the events are of another grant")
    lines = bundle.json("match/lines.json")
    need(lines["currency"] == money["currency"], "the lines are in another currency")
    start = vector[0]["campaign"]["cap"]
    if [start] != [entry["facts"]["cap_minor"] for entry in bundle.entries("planned", "grants.Campaign")]:
        yield "the campaign began with another cap"
    match = Match({**money, "cap_minor": start})
    for event in vector[0]["events"]:
        match.play(event)
    if not {start, *match.caps} <= set(caps):
        yield "the cap was raised without an amendment"
    if canonical(match.lines()) != canonical(lines["today"]):
        yield "the lines of today do not follow from the events"
    if canonical(match.at_closing) != canonical(lines["at_closing"]):
        yield "the lines at the closing do not follow from the events"
    if match.matched > match.cap:
        yield "more is matched than the cap"
    yield from _recorded(bundle, [gift.gross for gift in match.gifts.values()])
    statements = bundle.documents("statement")
    if match.closed_at is not None and statements:
        yield from _statement(bundle, match, bundle.json(f"{statements[0]['folder']}/statement.json"))
    elif statements:
        yield "there is a statement, and no closing"


def _recorded(bundle: Bundle, gross: list[int]) -> Iterator[str]:
    """The gifts are those that the trail tells of: each batch begins where the last one ended, and has its sum."""
    reached = 0
    for facts in (entry["facts"] for entry in bundle.entries("gifts_recorded", "grants.Campaign")):
        first, last = facts["first_seq"], facts["last_seq"]
        if first != reached + 1 or sum(gross[reached:last]) != facts["gross_minor"]:
            yield f"the trail tells of other gifts from number {first} on"
        reached = last
    if reached != len(gross):
        yield f"the trail tells of {reached} gifts, the events of {len(gross)}"


def _statement(bundle: Bundle, match: Match, said: dict[str, Any]) -> Iterator[str]:
    figures, counted = said["figures"], match.closing_sums
    for name in sorted(figures.keys() | counted.keys()):
        if canonical(figures.get(name)) != canonical(counted.get(name)):
            yield f"the statement says {name} {figures.get(name)}, its lines {counted.get(name)}"
    if instant(said["closed_at"]) != match.closed_at:
        yield "the statement was closed at another time"
    if said["currency"] != match.money["currency"]:
        yield "the statement is in another currency"
    if figures not in [entry["facts"]["figures"] for entry in bundle.entries("statement_opened")]:
        yield "the trail tells other figures"


def root_of(hashes: list[bytes]) -> bytes:
    """Return the root of the tree of RFC 6962 over the hashes of its lines."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(hashes[::2], hashes[1::2], strict=False)
        ]
        hashes = [*pairs, *hashes[2 * len(pairs) :]]
    return hashes[0]


def names_a_root(bundle: Bundle) -> bool:
    """Whether there are sealed lines, or a statement that names their root; what cannot be read is looked at again."""
    try:
        statements = [bundle.json(f"{one['folder']}/statement.json") for one in bundle.documents("statement")]
        return SEALED_LINES in bundle or any("lines" in one for one in statements)
    except Exception:  # noqa: BLE001 whatever a file does to the check, it is looked at again
        return True


def check_sealed_lines(bundle: Bundle) -> Iterator[str]:
    """The sealed lines are those at the closing, each with a salt of its own, and lead to the statement's root."""
    statements = bundle.documents("statement")
    need(statements, "there are sealed lines, and no statement")
    said = bundle.json(f"{statements[0]['folder']}/statement.json").get("lines")
    need(said is not None, "there are sealed lines, and the statement names no root")
    given = bundle.json(SEALED_LINES)
    need(given["tree"] == said["tree"] == TREE, "this verifier does not know the kind of tree")
    lines, names = given["lines"], ("seq", "gross", "refunded", "matched")
    at_closing = bundle.json("match/lines.json")["at_closing"]
    if [{name: line[name] for name in names} for line in lines] != [
        {name: line[name] for name in names} for line in at_closing
    ]:
        yield "the sealed lines are not those at the closing"
    if not all(HEX64.fullmatch(line["salt"]) for line in lines) or len({line["salt"] for line in lines}) != len(lines):
        yield "a line has no salt of its own"
    texts = (" ".join(["match-line/1", *(f"{name}={line[name]}" for name in (*names, "salt"))]) for line in lines)
    root = root_of([hashlib.sha256(b"\x00" + text.encode()).digest() for text in texts])
    if (root.hex(), len(lines)) != (said["root"], said["count"]):
        yield "the sealed lines do not lead to the root that the statement names"


# --------------------------------------------------------------------------------------------------------- the whole


def verify(bundle: Bundle, pins: list[str]) -> Report:
    """Check a whole bundle. ``pins`` are fingerprints that were known before: the key's, and then of certificates."""
    report = Report()
    if not all(is_so() for is_so in _beginnings(report, bundle, pins)):
        return report
    report.grant = bundle.grant
    report.run("The documents belong together", lambda: check_documents(bundle))
    report.run("The audit entries are whole and lie on the signed chain", lambda: check_trail(bundle))
    report.run("Each document and timestamp", lambda: _check_each(report, bundle))
    certificates = [pin for pin in pins if pin != report.key]
    report.run("Every certificate made a seal", lambda: check_certificates(bundle, certificates))
    report.run("Each signature is of a document here and in the trail", lambda: check_signers(bundle))
    report.run("Reviews, briefs and recommendations are those of the trail", lambda: check_vetting(bundle))
    report.run("Declarations and resolutions are those of the trail", lambda: check_declarations(bundle))
    report.run("Each condition of the terms came out as the trail tells", lambda: check_conditions(bundle))
    report.run("Payments and their arrival are those of the trail", lambda: check_arrivals(bundle))
    if "match/events.json" in bundle:
        report.run("The match follows, gift by gift, from the events and the signed terms", lambda: check_match(bundle))
    else:
        report.run("There is no match", lambda: _no_match(bundle))
    if names_a_root(bundle):
        report.run("The sealed lines lead to the root that the statement names", lambda: check_sealed_lines(bundle))
    report.run("What it rests on can be told", lambda: _note_rests(bundle, report))
    return report


def _beginnings(report: Report, bundle: Bundle, pins: list[str]) -> Iterator[Callable[[], bool]]:
    """Yield the checks without which nothing else of the bundle is read; each says whether all is well so far."""

    def signed() -> bool:
        report.run("The manifest's signature is valid", lambda: check_manifest_signature(bundle))
        return report.ok

    def pinned() -> bool:
        report.key = sha256(bytes.fromhex(bundle.json(SIGNATURE)["public_key"]))
        report.pinned = report.key in pins
        if pins:
            report.run("The fingerprint is the one you gave", lambda: _pinned(report))
        return report.ok

    def listed() -> bool:
        text = "The manifest names every file, and no file was changed, added or removed"
        report.run(text, lambda: check_manifest(bundle))
        return report.ok

    yield from (signed, pinned, listed)


def _pinned(report: Report) -> Iterator[str]:
    if not report.pinned:
        yield f"the key that signed this bundle is {report.key}, which is none that you gave"


def _no_match(bundle: Bundle) -> Iterator[str]:
    if bundle.documents("statement") or bundle.entries("planned", "grants.Campaign"):
        yield "there is a campaign or a statement, and no gifts"


def _check_each(report: Report, bundle: Bundle) -> Iterator[str]:
    """Check every document and every timestamp, each as a check of its own."""
    for one in bundle.documents():
        title = f"{one['folder']} ({one['kind']} of grant {one['number']})"
        report.run(f"The seal of {title} is valid, covers the whole file and carries its sources",
                   lambda one=one: check_seal(bundle, one))  # type: ignore[misc]  # fmt: skip
        if one["kind"] in SIGNED:
            report.run(f"The signatures of {title} are over the signed file",
                       lambda one=one: check_signatures(bundle, one))  # type: ignore[misc]  # fmt: skip
    for path in bundle.matching("timestamps/", ".tsr"):
        report.run(f"The timestamp {path} is of the sealed file", lambda path=path: check_timestamps(bundle, path))  # type: ignore[misc]
    yield from ()


def _note_rests(bundle: Bundle, report: Report) -> Iterator[str]:
    report.rests_on = list(_rests_on(bundle, report))
    yield from ()


def _rests_on(bundle: Bundle, report: Report) -> Iterator[str]:
    last = bundle.json("audit/checkpoint.json")
    yield f"It tells what was on record at entry {last['seq']} of the trail, {last['at']}: ask for what came later."
    if report.pinned:
        yield "The signature's key is the one whose fingerprint you gave."
    else:
        yield f"Nobody but the bundle says whose key this is: ask the funder whether its fingerprint is {report.key}."
    for fingerprint in sorted(set(bundle.sealed_by.values())):
        yield f"The seals are made with the certificate whose fingerprint is {fingerprint}."
    signatures = bundle.json("signatures.json")
    attested = sorted(one["number"] for one in signatures if one["method"] != "passkey")
    proven = sorted(one["number"] for one in signatures if one["method"] == "passkey")
    if proven:
        sites = sorted({one["assertion"]["origin"] for one in signatures if one["method"] == "passkey"})
        yield f"Signed by passkey, checked here: {', '.join(proven)}. Whose key each is rests on the portal's word."
        yield f"The passkeys were asked by {', '.join(sites)}: see that this is the funder's portal."
    if attested:
        yield f"Signed by a code, which rests on the portal's word: {', '.join(attested)}."
    entries = bundle.json("audit/entries.json")
    hidden = sum(one["words"] is None for one in entries)
    if hidden:
        yield f"Names and notes of {hidden} of {len(entries)} audit entries are withheld or erased."
    for one in bundle.documents():
        if one["revoked"]:
            yield f"REVOKED on {one['revoked']['at']}: {one['folder']}. {one['revoked']['reason']}"
        if one["example"]:
            yield f"EXAMPLE: {one['folder']} is no real grant."


def _fingerprint(text: str) -> str:
    value = re.sub(r"[\s:.-]", "", text).lower()
    if not HEX64.fullmatch(value):
        raise argparse.ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return value


def _say(report: Report) -> str:
    lines = [f"{'yes' if ok else 'NO '}  {text}" for text, ok in report.checks]
    lines += [f"     {text}" for text in report.rests_on]
    title = f" of grant {report.grant}" if report.grant else ""
    end = "Everything that can be checked here holds." if report.ok else "This evidence does not hold."
    return "\n".join(_plain(line) for line in [f"Evidence{title}", *lines, end])


def _plain(text: str) -> str:
    """Return a line without what would steer a terminal: a bundle may come from anybody."""
    return "".join(char if char.isprintable() else "?" for char in text)


def main(argv: list[str] | None = None) -> int:
    """Check one bundle and say how it came out."""
    parser = argparse.ArgumentParser(description="Check the evidence of a grant.")
    parser.add_argument("bundle", type=Path, help="the ZIP")
    parser.add_argument(
        "--fingerprint", type=_fingerprint, action="append", default=[], help="SHA-256 of the funder's key"
    )
    parser.add_argument("--json", action="store_true", help="print only JSON")
    options = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        report = verify(open_bundle(options.bundle), options.fingerprint)
    except Broken as error:
        report = Report(checks=[(f"The archive can be read: {error}", False)])
    except CouldNot as error:
        sys.stderr.write(_plain(str(error)) + "\n")
        return COULD_NOT
    checks = [{"text": text, "ok": ok} for text, ok in report.checks]
    told = {"ok": report.ok, "grant": report.grant, "key": report.key, "pinned": report.pinned}
    answer = json.dumps({**told, "checks": checks, "rests_on": report.rests_on}) if options.json else _say(report)
    try:
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    except OSError as error:
        sys.stderr.write(f"The answer cannot be written: {error.strerror}.\n")
        return COULD_NOT
    return OK if report.ok else FINDING


def _bound() -> None:
    """Take no more memory than any bundle needs, where the system can hold a program to it; say even what a terminal
    cannot show.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 not every system has it

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


if __name__ == "__main__":
    _bound()
    sys.exit(main())
