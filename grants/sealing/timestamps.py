"""Trusted timestamps (RFC 3161): asks the configured server, and believes nothing it says before it is checked."""

import asyncio
import contextlib
import http.client
import secrets
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.utils import timezone
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from grants.sealing.failing import CouldNotTimestamp

SECONDS = 10
MOST_BYTES = 64 * 1024
ASKS, ANSWERS = "application/timestamp-query", "application/timestamp-reply"


class _Reply(core.Sequence):
    """RFC 3161's answer: one that refuses has no token, which the library's own definition does not allow for."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


@dataclass(frozen=True)
class Token:
    """A timestamp that was checked: the token's bytes, its time by its authority's clock, and the certificates from
    the authority's own to the root it was believed by (PEM).
    """

    content: bytes
    stamped_at: datetime
    authority: str
    pem: str


def roots() -> list[asn1_x509.Certificate]:
    """Return the certificates in TSA_CERTIFICATES. Raises CouldNotTimestamp."""
    path = Path(settings.TSA_CERTIFICATES)
    try:
        return list(load_certs_from_pemder_data(path.read_bytes()))
    except (OSError, ValueError) as error:
        message = f"TSA_CERTIFICATES names {path}, which holds no certificates."
        raise CouldNotTimestamp(message) from error


def ask(sha256: str) -> Token:
    """Have the configured server stamp the hash of a sealed file. Raises CouldNotTimestamp.

    The answer must be for this hash and this question (nonce), and signed by an authority that the roots vouch for now.
    """
    trusted, nonce = roots(), secrets.randbits(63) | 1 << 62
    imprint = tsp.MessageImprint(
        {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": bytes.fromhex(sha256)}
    )
    question = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    answer = _post(settings.TSA_URL, question.dump())
    try:
        reply = _Reply.load(answer, strict=True)
        status = reply["status"]["status"].native
        content = reply["time_stamp_token"].dump() if status in {"granted", "granted_with_mods"} else b""
        given = _info(content)["nonce"].native if content else nonce
    except Exception as error:
        raise CouldNotTimestamp("The timestamp server’s answer cannot be read.") from error
    if not content:
        message = f"The timestamp server refused: {status}."
        raise CouldNotTimestamp(message)
    if given != nonce:
        raise CouldNotTimestamp("The timestamp server answered another question than ours (nonce).")
    return check_token(content, sha256=sha256, trusted=trusted, at=timezone.now())


def check_token(content: bytes, *, sha256: str, trusted: Sequence[asn1_x509.Certificate], at: datetime) -> Token:
    """Return what a token says, when at ``at`` it can be relied on. Raises CouldNotTimestamp.

    To check a stored one again later, give the root that was stored with it, and the time it was stored.
    """
    try:
        info = _info(content)
        signed: cms.SignedData = cms.ContentInfo.load(content)["content"]
        wanted = ValidationContext(trust_roots=list(trusted), moment=at, allow_fetching=False)
        kwargs = asyncio.run(validate_tst_signed_data(signed, wanted, lambda name: _hash(sha256, name)))
        status = TimestampSignatureStatus(**kwargs)
    except Exception as error:
        raise CouldNotTimestamp("The timestamp cannot be read.") from error
    if not status.intact or info["message_imprint"]["hashed_message"].native != bytes.fromhex(sha256):
        raise CouldNotTimestamp("The timestamp is not of our file.")
    if not status.valid:
        raise CouldNotTimestamp("The timestamp’s signature does not hold.")
    if not status.trusted:
        raise CouldNotTimestamp("The timestamp’s certificate is expired, of another use, or of nobody we trust.")
    path = list(status.validation_path or ())[::-1]
    return Token(content, info["gen_time"].native, status.signing_cert.subject.human_friendly, _pem(path))


def stored_trust(pem: str) -> list[asn1_x509.Certificate]:
    """Return the root that a stored timestamp was believed by: the last of the certificates kept with it."""
    return list(load_certs_from_pemder_data(pem.encode()))[-1:]


def _hash(sha256: str, name: str) -> bytes:
    """Return the hash of the file when it is asked for by the one algorithm we have it in; else what equals nothing."""
    return bytes.fromhex(sha256) if name == "sha256" else b"another algorithm"


def _info(content: bytes) -> tsp.TSTInfo:
    """Return what the authority signed. Raises ValueError when the token is none."""
    signed = cms.ContentInfo.load(content, strict=True)["content"]
    info = signed["encap_content_info"]["content"].parsed
    if not isinstance(info, tsp.TSTInfo):
        raise TypeError("no TSTInfo")
    return info


def _pem(path: Sequence[asn1_x509.Certificate]) -> str:
    return "".join(
        x509.load_der_x509_certificate(one.dump()).public_bytes(serialization.Encoding.PEM).decode() for one in path
    )


def _post(url: str, question: bytes) -> bytes:
    """Send the question; follow no redirect, read no long answer, and hang up after ``SECONDS`` in all."""
    where = urlsplit(url)
    connection = (
        http.client.HTTPSConnection(where.netloc, timeout=SECONDS, context=ssl.create_default_context())
        if where.scheme == "https"
        else http.client.HTTPConnection(where.netloc, timeout=SECONDS)
    )
    hang_up = threading.Timer(SECONDS, _hang_up, [connection])
    hang_up.start()
    place = (where.path or "/") + (f"?{where.query}" if where.query else "")
    try:
        connection.request("POST", place, question, {"Content-Type": ASKS, "Accept": ANSWERS})
        response = connection.getresponse()
        answer = response.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        message = f"The timestamp server at {where.netloc} does not answer ({type(error).__name__})."
        raise CouldNotTimestamp(message) from error
    finally:
        hang_up.cancel()
        connection.close()
    if response.status != http.HTTPStatus.OK or len(answer) > MOST_BYTES:
        message = f"The timestamp server at {where.netloc} answers with status {response.status}, or too much."
        raise CouldNotTimestamp(message)
    return answer


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """End a connection that takes too long in all, however busily it trickles."""
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
