"""The questions that the portal ships with, read from their data file."""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "data" / "default_questionnaire.json"


def default_questionnaire() -> dict[str, Any]:
    """Return the name of the default questions and their sections, in order."""
    loaded: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return loaded
