"""The wording that comes with the portal: its file, read once for the first published version."""

import tomllib
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "data" / "2026-1.toml"


def shipped_content() -> dict[str, Any]:
    """Return the shipped wording as a published version holds it."""
    told = tomllib.loads(PATH.read_text(encoding="utf-8"))
    return {
        "schema": 1,
        "version": told["version"],
        "language": told["language"],
        "consent_version": told["version"],
        "placeholders": told["placeholders"],
        "texts": told["texts"],
        "highlights": told["highlights"],
        "sections": told["sections"],
        "certifications": told["certifications"],
    }


def shipped_rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the passages of the shipped wording, as a new version copies them."""
    rows: list[dict[str, Any]] = [{"kind": "highlight", **one} for one in content["highlights"]]
    for part in content["sections"]:
        rows.append({"kind": "part", "title": part["title"]})
        rows += [{"kind": "clause", "title": title, "text": text} for title, text in part["clauses"]]
    rows += [{"kind": "certification", **one} for one in content["certifications"]]
    rows += [{"kind": "named", "key": key, "text": text} for key, text in content["texts"].items()]
    return [{**row, "position": place, "lineage": f"{content['version']}-{place}"} for place, row in enumerate(rows, 1)]
