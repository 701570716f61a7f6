"""The wordings that come with the portal, read once for the first published versions."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"
FIRST = "2026-1"
SHIPPED = (FIRST, "2026-2")
"""Oldest first; each after the first is its base and the texts that it changes."""


def shipped_content(version: str = FIRST) -> dict[str, Any]:
    """Return a shipped wording as a published version holds it."""
    told = tomllib.loads((FOLDER / f"{version}.toml").read_text(encoding="utf-8"))
    own = {"version": told["version"], "consent_version": told["version"]}
    if "based_on" in told:
        base = shipped_content(told["based_on"])
        return {**base, **own, "texts": {**base["texts"], **told["texts"]}}
    parts = ("language", "placeholders", "texts", "highlights", "sections", "certifications")
    return {"schema": 1, **own, **{part: told[part] for part in parts}}


def shipped_rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the passages of a shipped wording, as a new version copies them; each has its place in the first one."""
    rows: list[dict[str, Any]] = [{"kind": "highlight", **one} for one in content["highlights"]]
    for part in content["sections"]:
        rows.append({"kind": "part", "title": part["title"]})
        rows += [{"kind": "clause", "title": title, "text": text} for title, text in part["clauses"]]
    rows += [{"kind": "certification", **one} for one in content["certifications"]]
    rows += [{"kind": "named", "key": key, "text": text} for key, text in content["texts"].items()]
    return [{**row, "position": place, "lineage": f"{FIRST}-{place}"} for place, row in enumerate(rows, 1)]
