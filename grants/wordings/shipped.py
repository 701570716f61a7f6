"""The agreement texts that come with the portal, read once for the first published versions."""

import tomllib
from pathlib import Path
from typing import Any

from grants.wordings.catalogue import CONSENTS

FOLDER = Path(__file__).parent / "data"
FIRST = "2026-1"
SHIPPED = (FIRST, "2026-2", "2026-3")
"""Published by the migration, the oldest first; each after the first is its base and the texts that it changes."""
PARTS = ("language", "placeholders", "texts", "highlights", "sections", "certifications")


def _read(version: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{version}.toml").read_text(encoding="utf-8"))


def base_of(version: str) -> str:
    """Return the version that a shipped one is based on; empty for the first."""
    return str(_read(version).get("based_on", ""))


def shipped_content(version: str = FIRST) -> dict[str, Any]:
    """Return a shipped agreement text as a published version holds it.

    A version that leaves the sentences that are signed as they were keeps the version of these (``consent_version``).
    """
    told = _read(version)
    own: dict[str, Any] = {"version": told["version"], "consent_version": told["version"]}
    if "based_on" not in told:
        return {"schema": 1, **own, **{part: told[part] for part in PARTS}}
    base = shipped_content(told["based_on"])
    made: dict[str, Any] = {**base, **{part: told[part] for part in PARTS[3:] if part in told}}
    made |= {part: {**base[part], **told.get(part, {})} for part in ("placeholders", "texts")}
    if all(made["texts"][key] == base["texts"][key] for key in CONSENTS):
        own["consent_version"] = base["consent_version"]
    return {**made, **own}


def _passages(content: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"kind": "highlight", **one} for one in content["highlights"]]
    for part in content["sections"]:
        rows.append({"kind": "part", "title": part["title"]})
        rows += [{"kind": "clause", "title": title, "text": text} for title, text in part["clauses"]]
    rows += [{"kind": "certification", **one} for one in content["certifications"]]
    rows += [{"kind": "named", "key": key, "text": text} for key, text in content["texts"].items()]
    return [{**row, "position": place} for place, row in enumerate(rows, 1)]


def _names(rows: list[dict[str, Any]], was: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """Return what each passage is known by: its key or title (in the version before, where ``was`` renames it), a
    certification by its number.
    """
    certifications = [row["position"] for row in rows if row["kind"] == "certification"]
    return [
        (
            row["kind"],
            str(certifications.index(row["position"]))
            if row["kind"] == "certification"
            else row.get("key") or was.get(f"{row['kind']}s", {}).get(row["title"], row["title"]),
        )
        for row in rows
    ]


def shipped_rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the passages of a shipped agreement text, as a new version copies them. Each has the lineage of the
    passage that it comes from, so that two versions can be compared; a new one has its place in its own version.
    """
    version, rows = content["version"], _passages(content)
    told = _read(version)
    if "sections" not in told or "based_on" not in told:
        return [{**row, "lineage": f"{FIRST}-{row['position']}"} for row in rows]
    before = shipped_rows(shipped_content(told["based_on"]))
    known = {name: row["lineage"] for name, row in zip(_names(before, {}), before, strict=True)}
    names = _names(rows, told.get("was", {}))
    return [
        {**row, "lineage": known.get(name, f"{version}-{row['position']}")}
        for name, row in zip(names, rows, strict=True)
    ]
