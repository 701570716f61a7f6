"""The receipt's program, run as a donor does: in a process that knows no portal."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.rig import ROOT

TOOL = ROOT / "tools" / "verify_receipt.py"


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """Run it, and return what it says and how it ends."""
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", TOOL, *map(str, words)],
        capture_output=True, text=True, check=False, cwd="/", env={"PATH": "/usr/bin"},
    )  # fmt: skip


def written(folder: Path, name: str, value: Any) -> Path:
    """Write a value as JSON, or a text as it is; return where."""
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path
