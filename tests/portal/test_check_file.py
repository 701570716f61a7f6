import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.portal.inspection import made_offices, made_pdfs, made_pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.pdf").write_bytes(made_pdfs.by_hand())
    (tmp_path / "locked.pdf").write_bytes(made_pdfs.encrypted("x"))
    (tmp_path / "blob").write_bytes(made_offices.docx())
    (tmp_path / "picture.jpg").write_bytes(made_pictures.jpeg())
    return tmp_path


@pytest.fixture
def check_file(project: Path, tmp_path: Path):
    """Run the command as an operator does, in an installation that has no database."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        own = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": "", **variables}
        command = [sys.executable, str(project / "manage.py"), "check_file", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=own, cwd=tmp_path, check=False)

    return run


def test_check_file_accepts(check_file, folder):
    done = check_file("good.pdf", "picture.jpg", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [
        {"file": "good.pdf", "name": "good.pdf", "verdict": "accepted", "reason": None, "type": "application/pdf"},
        {"file": "picture.jpg", "name": "picture.jpg", "verdict": "accepted", "reason": None, "type": "image/jpeg"},
    ]
    assert not list((folder / "data").glob("*.sqlite3"))


def test_check_file_rejects_with_reason_and_type(check_file, folder):
    done = check_file("good.pdf", "locked.pdf", "--json")
    assert done.returncode == 1
    second = json.loads(done.stdout)[1]
    assert (second["verdict"], second["type"]) == ("rejected", "application/pdf")
    assert second["reason"] == "This PDF asks for a password. Save it without a password and send it again."


def test_check_file_takes_the_declared_name(check_file, folder):
    assert check_file("blob").returncode == 1
    done = check_file("blob", "--name", "report.docx", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)[0]["name"] == "report.docx"


def test_check_file_reads_a_list(check_file, folder):
    listed = f"good.pdf\n{folder / 'blob'}\tAnnual report.docx\r\n\nlocked.pdf\tlocked.pdf\nblob\n"
    (folder / "list.txt").write_text(listed)
    done = check_file("picture.jpg", "--from", "list.txt", "--json")
    assert done.returncode == 1
    assert [(one["name"], one["verdict"]) for one in json.loads(done.stdout)] == [
        ("picture.jpg", "accepted"),
        ("good.pdf", "accepted"),
        ("Annual report.docx", "accepted"),
        ("locked.pdf", "rejected"),
        ("blob", "rejected"),
    ]


def test_check_file_cannot_check_what_is_not_there(check_file, folder):
    done = check_file("locked.pdf", "none.pdf", "good.pdf", "--json")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    answers = json.loads(done.stdout)
    assert [one["verdict"] for one in answers] == ["rejected", "quarantined", "accepted"]
    assert answers[1] == {
        "file": "none.pdf",
        "name": "none.pdf",
        "verdict": "quarantined",
        "reason": "This file cannot be read: No such file or directory.",
        "type": None,
    }


def test_check_file_cannot_check_a_folder(check_file, folder):
    assert check_file(str(folder)).returncode == 2


def test_check_file_speaks_plainly(check_file, folder):
    done = check_file("good.pdf", "locked.pdf")
    assert done.stdout.splitlines() == [
        "accepted     good.pdf (application/pdf)",
        "rejected     locked.pdf: This PDF asks for a password. Save it without a password and send it again.",
    ]


@pytest.mark.parametrize(
    "arguments",
    [[], ["--from", "none.txt"], ["good.pdf", "blob", "--name", "a.pdf"], ["--nonsense"]],
    ids=["nothing", "no list", "one name for two", "bad option"],
)
def test_check_file_says_in_one_line_what_it_cannot_do(check_file, folder, arguments):
    done = check_file(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip()


def test_check_file_quarantines_without_the_scanner_that_is_set(check_file, folder):
    done = check_file("good.pdf", "--json", SCANNER="/nowhere/clamd.ctl")
    assert done.returncode == 2
    assert json.loads(done.stdout)[0]["verdict"] == "quarantined"
