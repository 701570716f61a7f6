"""The documents say what is so: their commands run, their tables and drawings are those of the code."""

import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.rig import OURS
from tests.support.servers import free_port
from vetting_portal.drawing import permissions_page, states_page
from vetting_portal.settings import env as schema  # noqa: TID251 - its table in the README is compared

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
PATIENCE = 300


def _commands(project: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", (project / "README.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if line.strip() and not line.startswith("#")]


def _environment(data: Path) -> dict[str, str]:
    """Return an environment with an installation of its own, and nothing of the test run's."""
    kept = {name: value for name, value in os.environ.items() if name not in {*OURS, "DJANGO_SETTINGS_MODULE"}}
    return {**kept, "DATA_DIR": str(data)}


def test_readme_is_short(project):
    assert (project / "README.md").read_text().count("\n") <= 120


def test_decisions_are_short(project):
    decisions = sorted((project / "docs/decisions").glob("*.md"))
    assert len(decisions) >= 9
    assert [path.name for path in decisions if len(path.read_text().split()) > 250] == []


def test_links_lead_somewhere(project):
    pages = [*project.glob("*.md"), *(project / "docs").rglob("*.md")]
    assert [
        f"{page.relative_to(project)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ] == []


def test_readme_lists_every_setting(project):
    listed = re.findall(r"^\| `([A-Z0-9_]+)`", (project / "README.md").read_text(), flags=re.MULTILINE)
    assert set(listed) == set(schema.scheme)


def test_rig_forgets_every_setting():
    """A variable of the person who runs the tests must not reach them."""
    assert set(OURS) == set(schema.scheme)


@pytest.mark.parametrize(("name", "page"), [("states.md", states_page), ("permissions.md", permissions_page)])
def test_drawn_page_is_what_the_code_draws(project, name, page):
    assert (project / "docs" / name).read_text() == page(), "run: manage.py draw"


def test_bare_make_helps(project):
    said = subprocess.run(["make"], cwd=project, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^([a-z-]+):(?!=)", (project / "Makefile").read_text(), flags=re.MULTILINE)
    assert [target for target in targets if f"make {target} " not in said] == []


def test_readme_commands_are_known_here(project):
    """Each is run below, the walk by the long tests, but for the one that is running this."""
    assert set(_commands(project)) == {"make run", "make test", ".venv/bin/python manage.py walk"}


@pytest.mark.long
def test_readme_walk_runs(project, tmp_path):
    (command,) = [line for line in _commands(project) if line.endswith(" walk")]
    words = [sys.executable, *shlex.split(command)[1:]]
    done = subprocess.run(
        words, cwd=project, env=_environment(tmp_path), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    # The walk has a folder of its own, and leaves none; the keys are made wherever settings are read.
    assert {path.name for path in tmp_path.iterdir()} <= {"keys"}


@pytest.mark.long
def test_readme_make_run_serves_and_ends_cleanly(project, tmp_path):
    """The real command, from an empty folder to a page, ended as by Ctrl-C."""
    port = free_port()
    serving = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=project,
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = ""
    try:
        while f"http://localhost:{port}" not in said:
            line = serving.stdout.readline()
            assert line, said
            said += line
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=30) as answer:
            assert answer.status == 200
    finally:
        os.killpg(serving.pid, signal.SIGINT)  # what a terminal sends: to make and to all below it
        said += serving.communicate(timeout=60)[0]
    assert "Traceback" not in said, said
    # Only an example installation says how to sign in, one user of each role.
    for role in ("partner owner", "reviewer", "programme officer", "director", "finance officer", "auditor"):
        assert role in said.lower().replace("_", " ")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://localhost:{port}/", timeout=5)
