"""The checklist that the portal ships with, read from its data file."""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "data" / "default_checklist.json"


def default_checklist() -> dict[str, Any]:
    """Return the name of the default checklist and its criteria, in order."""
    loaded: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return loaded
