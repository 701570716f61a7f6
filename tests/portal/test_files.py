import hashlib
import io
import re
import secrets
import stat
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from vetting_portal import files
from vetting_portal.files import Blob, FileDamaged, open_stored, place, put, read_stored, safe_filename, serve_stored
from vetting_portal.inspection.names import check_name
from vetting_portal.inspection.policy import MAX_NAME
from vetting_portal.models import StoredFile
from vetting_portal.storages import FolderStorage


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    """A storage folder of the test's own."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "vetting_portal.storages.FolderStorage",
            "OPTIONS": {"location": str(tmp_path / "files"), "file_permissions_mode": 0o600},
        },
    }
    return tmp_path / "files"


@pytest.fixture(params=["folder", "s3"])
def store(request) -> str:
    """Both kinds of storage, one after the other: a folder, and a real S3-compatible server."""
    request.getfixturevalue(request.param)
    return request.param


def stored(content: bytes, media_type: str = "application/pdf") -> StoredFile:
    blob = put(content)
    return StoredFile(sha256=blob.sha256, size=blob.size, media_type=media_type)


def body(response) -> bytes:
    try:
        return b"".join(response.streaming_content)
    finally:
        response.file_to_stream.close()


def test_put_names_by_content(store):
    content = secrets.token_bytes(1000)
    blob = put(content)
    assert blob == Blob(hashlib.sha256(content).hexdigest(), 1000)
    assert storages["default"].exists(f"{blob.sha256[:2]}/{blob.sha256}")
    assert files.is_stored(blob.sha256)
    assert read_stored(blob) == content


def test_put_twice_is_one_file(store):
    assert put(b"the same") == put(io.BytesIO(b"the same"))
    assert read_stored(put(b"the same")) == b"the same"


@pytest.mark.parametrize("size", [0, 1, files.CHUNK, files.CHUNK + 1, 9_000_000], ids=str)
def test_put_keeps_every_size(store, size):
    content = secrets.token_bytes(size)
    blob = put(io.BytesIO(content))
    assert blob.size == size
    assert read_stored(blob) == content


def test_put_takes_uploaded_files_from_their_start(store):
    small = SimpleUploadedFile("a.pdf", b"small")
    small.read()
    assert read_stored(put(small)) == b"small"
    large = TemporaryUploadedFile("a.pdf", "application/pdf", 5, None)
    large.write(b"large")
    large.flush()
    assert read_stored(put(large)) == b"large"


def test_put_leaves_the_file_open(store):
    upload = ContentFile(b"content")
    put(upload)
    upload.seek(0)
    assert upload.read() == b"content"


def test_put_takes_a_file_from_where_it_stands(store):
    source = io.BytesIO(b"head and tail")
    source.seek(8)
    assert read_stored(put(source)) == b" and tail"[-5:]


def test_put_from_many_threads(store):
    blobs: list[Blob] = []
    threads = [threading.Thread(target=lambda: blobs.append(put(b"one content"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(blobs) == 8
    assert set(blobs) == {put(b"one content")}


def test_put_in_folder_is_private_and_leaves_nothing_else(folder):
    blob = put(b"secret")
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept == [folder / place(blob.sha256)]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(kept[0].parent.stat().st_mode) == 0o700


def test_put_that_breaks_off_leaves_nothing(folder):
    class Breaking:
        def __init__(self) -> None:
            self.pieces = [b"first", OSError("the line is dead")]

        def read(self, _: int = -1, /) -> bytes:
            piece = self.pieces.pop(0)
            if isinstance(piece, Exception):
                raise piece
            return piece

    with pytest.raises(OSError, match="dead"):
        put(Breaking())
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_put_flushes_before_it_names(folder, monkeypatch):
    """A power cut at any moment leaves the whole file, or no file of that name."""
    order: list[str] = []
    real_replace = Path.replace
    monkeypatch.setattr("vetting_portal.storages.os.fsync", lambda _: order.append("flush"))
    monkeypatch.setattr(Path, "replace", lambda self, to: (order.append("name"), real_replace(self, to))[1])
    put(b"whole")
    assert order == ["flush", "name", "flush", "flush"]


def test_put_again_mends_a_damaged_copy(store):
    blob = put(b"the right bytes")
    damage(blob, b"other bytes")
    with pytest.raises(FileDamaged):
        read_stored(blob)
    put(b"the right bytes")
    assert read_stored(blob) == b"the right bytes"


def damage(blob: Blob | StoredFile, content: bytes) -> None:
    """Replace a stored file behind the portal's back."""
    storage, name = storages["default"], place(blob.sha256)
    storage.delete(name)
    storage.save(name, ContentFile(content))


def test_read_stored_refuses_changed_bytes(store):
    blob = put(b"the agreement says 100")
    damage(blob, b"the agreement says 900")
    with pytest.raises(FileDamaged, match="not the one"):
        read_stored(blob)
    with pytest.raises(FileDamaged, match="not the one"):
        open_stored(blob)


def test_read_stored_refuses_missing_file(store):
    blob = Blob(hashlib.sha256(secrets.token_bytes(8)).hexdigest(), 8)
    assert not files.is_stored(blob.sha256)
    with pytest.raises(FileDamaged, match="no file"):
        read_stored(blob)


def test_open_stored_stands_at_the_start(store):
    with open_stored(put(b"0123456789")) as file:
        assert file.read(4) == b"0123"
        assert file.read() == b"456789"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "g" * 64, "0" * 63, "0" * 64 + "\n", "0" * 65])
def test_place_takes_hashes_only(name):
    with pytest.raises(ValueError, match="not a SHA-256"):
        place(name)


def test_serve_stored_is_a_private_attachment(store, rf):
    response = serve_stored(rf.get("/"), stored(b"%PDF-"), filename="Report.pdf")
    assert body(response) == b"%PDF-"
    assert {key.lower(): value for key, value in response.items()} == {
        "content-type": "application/pdf",
        "content-length": "5",
        "content-disposition": 'attachment; filename="Report.pdf"',
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-store",
    }


@pytest.mark.parametrize("media_type", ["application/pdf", "image/jpeg", "image/png"])
def test_serve_stored_shows_papers_in_a_sandbox(folder, rf, media_type):
    response = serve_stored(rf.get("/"), stored(b"x", media_type), filename="a", inline=True)
    assert response["Content-Disposition"] == 'inline; filename="a"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert body(response)


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/octet-stream", "image/heic"])
def test_serve_stored_shows_nothing_else(folder, rf, media_type):
    response = serve_stored(rf.get("/"), stored(b"<script>", media_type), filename="a", inline=True)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert body(response)


def test_serve_stored_sends_no_damaged_byte(folder, rf):
    one = stored(b"right")
    damage(one, b"wrong")
    with pytest.raises(FileDamaged):
        serve_stored(rf.get("/"), one, filename="a.pdf")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a "quoted".pdf', 'attachment; filename="a \\"quoted\\".pdf"'),
        ("a\r\nSet-Cookie: x=1.pdf", 'attachment; filename="aSet-Cookie: x=1.pdf"'),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
        ("C:\\Users\\x\\a.pdf", 'attachment; filename="a.pdf"'),
        ("invoice\u202efdp.exe", 'attachment; filename="invoicefdp.exe"'),
        ("รายงาน.pdf", "attachment; filename*=utf-8''%E0%B8%A3%E0%B8%B2%E0%B8%A2%E0%B8%87%E0%B8%B2%E0%B8%99.pdf"),
        ("📄.pdf", "attachment; filename*=utf-8''%F0%9F%93%84.pdf"),
        ("", 'attachment; filename="document"'),
        ("...", 'attachment; filename="document"'),
    ],
)
def test_serve_stored_writes_the_name_safely(folder, rf, name, header):
    response = serve_stored(rf.get("/"), stored(b"x"), filename=name)
    assert response["Content-Disposition"] == header
    assert body(response)


@pytest.mark.parametrize("letter", ["a", "\u0e01"])
def test_long_name_is_kept_shortened_and_passes_the_checks(letter):
    kept = safe_filename(letter * 240 + ".pdf")
    assert (len(kept), kept[-5:]) == (MAX_NAME, f"{letter}.pdf")
    check_name(letter * 240 + ".pdf")
    check_name(kept)


def test_safe_filename_keeps_the_ending():
    name = safe_filename("a" * 400 + ".docx")
    assert len(name) == MAX_NAME
    assert name.endswith("a.docx")


@pytest.mark.both
@pytest.mark.django_db
def test_record_makes_one_row_for_one_content(folder):
    blob = put(b"content")
    first = StoredFile.objects.record(blob, media_type="application/pdf")
    assert StoredFile.objects.record(put(b"content"), media_type="application/pdf") == first
    assert (first.sha256, first.size) == (blob.sha256, 7)


def test_s3_is_private(s3, s3_bucket):
    """Who knows the address and is not the portal gets nothing."""
    blob = put(b"secret")
    address = f"{s3.endpoint_url}/{s3_bucket}/{place(blob.sha256)}"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address, timeout=5)  # noqa: S310  loopback
    assert refused.value.code == 403
    listed = s3.client().list_objects_v2(Bucket=s3_bucket)["Contents"]
    assert [one["Key"] for one in listed] == [place(blob.sha256)]


def test_s3_that_keeps_less_is_an_error(s3, monkeypatch):
    monkeypatch.setattr(storages["default"].__class__, "size", lambda *_: 3)
    with pytest.raises(OSError, match="whole file"):
        put(b"more than three")


def test_s3_addresses_expire(s3):
    address = storages["default"].url(place(put(b"x").sha256))
    assert re.search(r"X-Amz-Expires=60\b", address)


def test_folder_has_no_address(folder):
    """Nothing serves the folder by itself: a file goes through a view that asks permission."""
    storage = storages["default"]
    assert isinstance(storage, FolderStorage)
    with pytest.raises(ValueError, match="no address"):
        storage.url("a")
