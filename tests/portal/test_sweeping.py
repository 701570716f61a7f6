"""What no record names is swept after a day; what a record names, or what was stored just now, stays."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from vetting_portal import daily, sweeping
from vetting_portal.files import Blob, is_stored, put
from vetting_portal.models import StoredFile
from vetting_portal.sweeping import LEFT_FOR, sweep, sweep_storage

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    location = str(tmp_path / "files")
    entry = {"BACKEND": "vetting_portal.storages.FolderStorage", "OPTIONS": {"location": location}}
    settings.STORAGES = {**settings.STORAGES, "default": entry}
    return Path(location)


def age(name: str, by: timedelta) -> None:
    """Set a file's date back."""
    path = storages["default"].path(name)
    then = (timezone.now() - by).timestamp()
    os.utime(path, (then, then))


def left(by: timedelta) -> Blob:
    blob = put(secrets.token_bytes(100))
    age(f"{blob.sha256[:2]}/{blob.sha256}", by)
    return blob


def test_what_no_record_names_is_swept_after_a_day(folder):
    old, recorded = left(LEFT_FOR * 2), left(LEFT_FOR * 2)
    fresh, nearly = put(b"stored just now"), left(LEFT_FOR - timedelta(minutes=5))
    StoredFile.objects.record(recorded, media_type="application/pdf")
    sweep_storage.call()
    assert not is_stored(old.sha256)
    assert [is_stored(blob.sha256) for blob in (recorded, fresh, nearly)] == [True, True, True]


def test_a_half_written_file_is_swept_too(folder):
    scratch, _, _ = storages["default"].write_hashed([b"half of it"])
    again, _, _ = storages["default"].write_hashed([b"being written"])
    age(f"incoming/{scratch.name}", LEFT_FOR * 2)
    sweep_storage.call()
    assert (scratch.exists(), again.exists()) == (False, True)


def test_nothing_else_in_the_folder_is_touched(folder):
    for name in ("notes.txt", "ab/notes.txt", "ab/" + "cd" * 32):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"somebody's own")
        age(name, LEFT_FOR * 9)
    assert sweep(before=timezone.now()) == []


def test_a_content_that_is_recorded_meanwhile_stays(folder, monkeypatch):
    blob = left(LEFT_FOR * 2)
    monkeypatch.setattr(sweeping, "_nameless", lambda _storage: iter([f"{blob.sha256[:2]}/{blob.sha256}"]))
    StoredFile.objects.record(blob, media_type="application/pdf")
    assert sweep(before=timezone.now()) == []
    assert is_stored(blob.sha256)


def test_an_object_store_is_swept_as_well(s3):
    gone, kept = put(secrets.token_bytes(10)), put(secrets.token_bytes(10))
    StoredFile.objects.record(kept, media_type="application/pdf")
    assert sweep(before=timezone.now() - LEFT_FOR) == []
    assert sweep(before=timezone.now() + timedelta(minutes=1)) == [f"{gone.sha256[:2]}/{gone.sha256}"]
    assert (is_stored(gone.sha256), is_stored(kept.sha256)) == (False, True)


def test_the_daily_round_sweeps():
    assert sweep_storage in list(daily.daily_tasks())
