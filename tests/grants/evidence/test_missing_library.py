"""The verifier on a machine without its libraries says in one line what to install."""

import subprocess
import sys

import pytest

from tests.grants.evidence.bundles import TOOL


@pytest.mark.parametrize("library", ["pyhanko", "cryptography"])
def test_a_missing_library_is_named_in_one_line(tmp_path, library):
    (tmp_path / f"{library}.py").write_text(f"raise ModuleNotFoundError('No module', name='{library}')\n")
    done = subprocess.run(
        [sys.executable, TOOL, "evidence.zip"],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{library} is missing")
    assert line.endswith("pip install cryptography pyhanko")
