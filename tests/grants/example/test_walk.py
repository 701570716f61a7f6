"""The walk as an operator runs it: in a process and an installation of its own, then checked from outside."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.rig import ROOT

FIGURES = {
    "goal": 3_000_000,
    "cap": 1_500_000,
    "gross": 1_500_000,
    "fees": 48_000,
    "net": 1_452_000,
    "matched": 1_500_000,
    "payable": 2_952_000,
}


def manage(*arguments, data_dir, **environment):
    """Run a command of the portal in its own process, as an operator would; DATABASE_URL is never the tests' own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "STORAGE"}}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)],
        env={**kept, "DATA_DIR": str(data_dir), "LOG_LEVEL": "ERROR", **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """An installation in which the walk was walked, and what the command answered."""
    folder = tmp_path_factory.mktemp("walk") / "kept"
    done = manage(
        "walk",
        "--json",
        "--keep",
        folder,
        data_dir=tmp_path_factory.mktemp("other"),
        DATABASE_URL="sqlite:////nonexistent/never.sqlite3",  # the walk ignores it
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_the_walk_ends_with_the_match_at_its_cap(walked):
    _, answer = walked
    assert {name: answer[name] for name in FIGURES} == FIGURES
    assert answer["campaign"] == "someone-stays"
    assert len(answer["steps"]) == 24
    assert all(step["name"] and step["seconds"] >= 0 for step in answer["steps"])


@pytest.mark.parametrize("which", ["agreement", "statement"])
def test_the_sealed_files_hold_their_fonts_and_say_the_amounts(walked, which):
    path = walked[1][which]
    assert Path(path).is_absolute()
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts), fonts
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    assert "15,000.00" in text
    assert ("30,000.00" if which == "agreement" else "29,520.00") in text


@pytest.mark.parametrize("which", ["agreement", "statement"])
def test_verification_tells_genuine_from_altered(walked, which, tmp_path):
    folder, answer = walked
    assert manage("verify_agreement", answer[which], data_dir=folder).returncode == 0
    content = bytearray(Path(answer[which]).read_bytes())
    content[len(content) // 3] ^= 1
    (tmp_path / "altered.pdf").write_bytes(content)
    altered = manage("verify_agreement", tmp_path / "altered.pdf", data_dir=folder)
    assert (altered.returncode, altered.stdout.split(":")[0]) == (1, "altered")


def test_the_trail_is_whole_until_a_row_is_changed_behind_the_triggers(walked, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(walked[0], copy)
    assert manage("verify_audit", data_dir=copy).returncode == 0
    with sqlite3.connect(copy / "portal.sqlite3") as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            if name.startswith("vetting_portal_auditentry"):
                database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE vetting_portal_auditentry SET actor_id = actor_id + 1 WHERE seq = 100")
    database.close()
    broken = manage("verify_audit", data_dir=copy)
    assert (broken.returncode, "entry 100 was changed" in broken.stdout) == (1, True)


def test_every_invariant_holds_after_the_walk(walked):
    done = manage("check_invariants", "--json", data_dir=walked[0])
    assert (done.returncode, json.loads(done.stdout)) == (0, {"broken": []})


def test_the_statement_agrees_with_the_ledger(walked):
    folder, answer = walked
    stated = json.loads(manage("match_statement", answer["campaign"], "--json", data_dir=folder).stdout)
    assert {name: stated[name] for name in ("cap", "gross", "fees", "net", "matched", "payable")} == {
        name: FIGURES[name] for name in ("cap", "gross", "fees", "net", "matched", "payable")
    }
    assert sum(gift["matched"] for gift in stated["gifts"]) == FIGURES["matched"]


def test_a_folder_with_something_in_it_is_refused(walked, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    refused = manage("walk", "--keep", tmp_path, data_dir=tmp_path / "other")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    again = manage("walk", "--keep", walked[0], data_dir=walked[0])
    assert (again.returncode, "holds an installation already" in again.stderr) == (2, True)
