"""A page to seal, keys in a folder of their own, and how a seal is looked at from outside."""

import io
import subprocess

import pikepdf
import pytest

from tests.factories import grants


@pytest.fixture
def sheet() -> bytes:
    """A PDF of one empty page."""
    pdf, written = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.save(written)
    return written.getvalue()


@pytest.fixture
def by(db):
    """The system user of background work."""
    return grants.system()


@pytest.fixture
def folder(settings, tmp_path):
    """An installation whose folder is empty; returns where its keys will stand."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "keys"


@pytest.fixture
def pdfsig(tmp_path):
    """What poppler says of a PDF."""

    def look(content: bytes) -> str:
        path = tmp_path / "looked-at.pdf"
        path.write_bytes(content)
        return subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout

    return look
