import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from vetting_portal.inspection import Finding, Verdict
from vetting_portal.inspection.scanning import Scan, after_scan, scan

ACCEPTED = Finding(Verdict.ACCEPTED, None, "application/pdf")
CONTENT = bytes(range(256)) * 20


def receive(connection: socket.socket, count: int) -> bytes:
    heard = b""
    while len(heard) < count:
        piece = connection.recv(count - len(heard))
        if not piece:
            raise ConnectionError
        heard += piece
    return heard


def instream(connection: socket.socket) -> bytes:
    """Receive a file by clamd's INSTREAM, as its manual describes it."""
    assert receive(connection, len(b"nINSTREAM\n")) == b"nINSTREAM\n"
    heard = b""
    while size := struct.unpack("!L", receive(connection, 4))[0]:
        heard += receive(connection, size)
    return heard


@contextmanager
def clamd(behave: Callable[[socket.socket], None], family: int = socket.AF_INET, address=("127.0.0.1", 0)) -> Iterator:
    """A server for one connection that speaks clamd's protocol, or behaves badly."""
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.bind(address)
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                behave(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()
        thread.join()


def answering(words: bytes, seen: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        heard = instream(connection)
        if seen is not None:
            seen.append(heard)
        connection.sendall(words)

    return behave


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"stream: OK\n", Scan.CLEAN),
        (b"stream: Eicar-Test-Signature FOUND\n", Scan.INFECTED),
        (b"INSTREAM size limit exceeded. ERROR\n", Scan.UNAVAILABLE),
        (b"stream: Can't allocate memory ERROR\n", Scan.UNAVAILABLE),
        (b"", Scan.UNAVAILABLE),
        (b"nonsense\n", Scan.UNAVAILABLE),
        (b"\xff\xfe\n", Scan.UNAVAILABLE),
    ],
)
def test_scan_reads_answer(words, expected):
    seen: list[bytes] = []
    with clamd(answering(words, seen)) as (host, port):
        assert scan(io.BytesIO(CONTENT), f"{host}:{port}") is expected
    assert seen == [CONTENT]


def test_scan_speaks_through_a_socket_file(tmp_path):
    path = str(tmp_path / "clamd.ctl")
    with clamd(answering(b"stream: OK\n"), socket.AF_UNIX, path):
        assert scan(io.BytesIO(CONTENT), f"unix://{path}") is Scan.CLEAN


def test_scan_cut_off_is_unavailable():
    """The daemon closes the connection when a file passes its StreamMaxLength."""
    with clamd(lambda connection: receive(connection, 5)) as (host, port):
        assert scan(io.BytesIO(bytes(5_000_000)), f"{host}:{port}") is Scan.UNAVAILABLE


def test_scan_nobody_there_is_unavailable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert scan(io.BytesIO(CONTENT), f"tcp://127.0.0.1:{port}") is Scan.UNAVAILABLE
    assert scan(io.BytesIO(CONTENT), "/nowhere/clamd.ctl") is Scan.UNAVAILABLE


def test_scan_none_skips():
    assert scan(io.BytesIO(CONTENT), "none") is Scan.SKIPPED


@pytest.mark.parametrize("scanner", ["", "clamav", "localhost", "http://127.0.0.1:80", "a b:1"])
def test_scan_refuses_other_settings(scanner):
    with pytest.raises(ValueError, match="SCANNER"):
        scan(io.BytesIO(CONTENT), scanner)


def test_after_scan_never_takes_silence_for_clean():
    assert after_scan(ACCEPTED, Scan.SKIPPED) == ACCEPTED
    assert after_scan(ACCEPTED, Scan.CLEAN) == Finding(Verdict.ACCEPTED, None, "application/pdf", scanned=True)
    assert after_scan(ACCEPTED, Scan.INFECTED).verdict is Verdict.REJECTED
    assert after_scan(ACCEPTED, Scan.UNAVAILABLE).verdict is Verdict.QUARANTINED
    rejected = Finding(Verdict.REJECTED, "x", "image/png")
    assert {after_scan(rejected, answer) for answer in Scan} == {rejected}
