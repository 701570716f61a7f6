"""A real timestamp authority (RFC 3161) on loopback: OpenSSL stamps, and the server between can be told to lie."""

import contextlib
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.servers import free_port

CONFIG = """[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_cert = {folder}/{who}.pem
certs = {folder}/{who}.pem
signer_key = {folder}/{who}.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
"""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(name, key, issuer, issuer_key, days, *, is_root):
    start, end = days
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=start))
        .not_valid_after(now + timedelta(days=end))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


@dataclass
class Authority:
    """The authority: ``behaviour`` says how the next questions are answered; ``asked`` counts them."""

    folder: Path
    port: int
    behaviour: str = "honest"
    asked: int = 0
    hashes: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/stamp"

    @property
    def roots(self) -> Path:
        """The file with its root."""
        return self.folder / "root.pem"

    def enrol(self) -> None:
        """Make the root, and signers that are good, expired, and of a root that nobody trusts."""
        keys = {who: rsa.generate_private_key(65537, 2048) for who in ("root", "strange_root", "signer")}
        times = (-400, 400)
        made = {
            "root": _certificate(
                "Root of the clocks", keys["root"], "Root of the clocks", keys["root"], times, is_root=True
            ),
            "good": _certificate("Clock one", keys["signer"], "Root of the clocks", keys["root"], times, is_root=False),
            "expired": _certificate(
                "Clock two", keys["signer"], "Root of the clocks", keys["root"], (-400, -2), is_root=False
            ),
            "strange": _certificate(
                "Clock three", keys["signer"], "Nobody", keys["strange_root"], times, is_root=False
            ),
        }
        for who, certificate in made.items():
            (self.folder / f"{who}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
            (self.folder / f"{who}.key").write_bytes(
                keys["signer"].private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
            (self.folder / f"{who}.cnf").write_text(CONFIG.format(folder=self.folder, who=who))
        (self.folder / "serial").write_text("01\n")

    def stamp(self, question: bytes, who: str = "good") -> bytes:
        """Return OpenSSL's answer."""
        asked, answered = self.folder / "q.tsq", self.folder / "r.tsr"
        asked.write_bytes(question)
        command = [
            "openssl",
            "ts",
            "-reply",
            "-config",
            self.folder / f"{who}.cnf",
            "-queryfile",
            asked,
            "-out",
            answered,
        ]
        subprocess.run(command, check=True, capture_output=True)
        return answered.read_bytes()

    def answer(self, question: bytes) -> bytes:
        """Return an answer as the behaviour says."""
        query = tsp.TimeStampReq.load(question)
        self.asked += 1
        self.hashes.append(query["message_imprint"]["hashed_message"].native.hex())
        if self.behaviour == "garbage":
            return b"\x30\x82 this is no timestamp"
        if self.behaviour == "empty":
            return b""
        if self.behaviour == "nonce":
            query["nonce"] = query["nonce"].native + 1
        if self.behaviour == "imprint":
            query["message_imprint"]["hashed_message"] = bytes(32)
        if self.behaviour == "refuses":
            query["message_imprint"]["hash_algorithm"] = {"algorithm": "sha1"}
            query["message_imprint"]["hashed_message"] = bytes(20)
        who = self.behaviour if self.behaviour in {"expired", "strange"} else "good"
        reply = self.stamp(query.dump(force=True), who)
        if self.behaviour == "flipped":
            reply = reply[:-5] + bytes([reply[-5] ^ 1]) + reply[-4:]
        return reply


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        """Answer, however long somebody waits for it."""
        with contextlib.suppress(OSError):
            self._answer()

    def _answer(self):
        authority = self.server.authority
        question = self.rfile.read(int(self.headers["Content-Length"]))
        if authority.behaviour == "slow":
            time.sleep(1)
        if authority.behaviour == "trickles":
            for _ in range(20):
                self.wfile.write(b"H")
                time.sleep(0.1)
            return
        answer = bytes(200_000) if authority.behaviour == "long" else authority.answer(question)
        self.send_response(503 if authority.behaviour == "busy" else 200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory) -> Path:
    """The authority's keys and certificates, made once for the run."""
    folder = tmp_path_factory.mktemp("authority")
    Authority(folder, 0).enrol()
    return folder


@pytest.fixture
def authority(enrolled: Path, settings):
    """An authority that answers, and an installation that asks it."""
    made = Authority(enrolled, free_port())
    server = ThreadingHTTPServer(("127.0.0.1", made.port), _Handler)
    server.authority, server.daemon_threads = made, True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.TSA_URL, settings.TSA_CERTIFICATES = made.url, str(made.roots)
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
