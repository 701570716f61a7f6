import io
import tracemalloc
from pathlib import Path

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import load_handler
from django.http import HttpRequest
from django.test import RequestFactory

from vetting_portal.inspection import inspect_file
from vetting_portal.uploads import KEPT_BYTES, REQUEST_BYTES, LimitedUploadHandler

BOUNDARY = "limit"


class Body(io.RawIOBase):
    """A multipart body with files of zero bytes, made as it is read."""

    def __init__(self, *sizes: int) -> None:
        self.pieces = []
        for number, size in enumerate(sizes):
            head = (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file{number}"; filename="a.pdf"\r\n'
                "Content-Type: application/pdf\r\n\r\n"
            ).encode()
            self.pieces += [head, size, b"\r\n"]
        self.pieces.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nReport\r\n--{BOUNDARY}--\r\n'.encode()
        )
        self.length = sum(piece if isinstance(piece, int) else len(piece) for piece in self.pieces)
        self.sent = 0

    def read(self, size: int = -1, /) -> bytes:
        while self.pieces:
            piece = self.pieces.pop(0)
            if isinstance(piece, int):
                take = min(piece, size)
                if piece - take:
                    self.pieces.insert(0, piece - take)
                out = bytes(take)
            else:
                out = piece
            if out:
                self.sent += len(out)
                return out
        return b""


@pytest.fixture
def post():
    """Make requests with a body; their files are closed after the test, as the server does after the response."""
    made: list[HttpRequest] = []

    def make(body: Body, length: int | None = None) -> HttpRequest:
        request = RequestFactory().post("/", content_type=f"multipart/form-data; boundary={BOUNDARY}")
        request.META["CONTENT_LENGTH"] = str(body.length if length is None else length)
        request._stream = body
        request._read_started = False
        made.append(request)
        return request

    yield make
    for request in made:
        request.close()


@pytest.fixture(autouse=True)
def places(settings, tmp_path: Path) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def test_settings_use_the_handler(settings):
    assert settings.FILE_UPLOAD_HANDLERS == ["vetting_portal.uploads.LimitedUploadHandler"]
    assert isinstance(load_handler(settings.FILE_UPLOAD_HANDLERS[0], None), LimitedUploadHandler)


def test_handler_keeps_a_file_and_the_fields(post):
    request = post(Body(1000, 2000))
    assert request.POST["title"] == "Report"
    assert [(one.size, len(one.read())) for one in request.FILES.values()] == [(1000, 1000), (2000, 2000)]


def test_handler_cuts_what_is_too_large_and_keeps_the_fields(post, places):
    request = post(Body(60_000_000, 10))
    assert request.POST["title"] == "Report"
    large, small = request.FILES.values()
    assert large.size == 60_000_000
    assert Path(large.temporary_file_path()).stat().st_size == KEPT_BYTES
    assert small.read() == bytes(10)
    finding = inspect_file(large, name=large.name)
    assert "At most 25 MB" in (finding.reason or "")


def test_handler_ends_a_request_that_announces_too_much(post):
    body = Body(REQUEST_BYTES + 1)
    with pytest.raises(RequestDataTooBig):
        _ = post(body).POST
    assert body.sent == 0


def test_handler_ends_a_request_that_understates_its_length(post, places):
    """Several files, each within reason, together past the limit, and a server that trusts no length."""
    body = Body(*[KEPT_BYTES] * 5)
    request = post(body, length=REQUEST_BYTES - 1)
    with pytest.raises(RequestDataTooBig):
        _ = request.POST
    assert body.sent < REQUEST_BYTES + 1_000_000
    assert list(places.iterdir()) == []


def test_handler_needs_little_memory(post):
    tracemalloc.start()
    try:
        request = post(Body(25_000_000))
        assert request.FILES["file0"].size == 25_000_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


def test_handler_writes_private_files(post, places):
    request = post(Body(10))
    path = Path(request.FILES["file0"].temporary_file_path())
    assert path.stat().st_mode & 0o077 == 0
