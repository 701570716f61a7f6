"""The sentence that somebody signs, by its version: the signing policy of the terms names which."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grants.agreements import wording
from vetting_portal.models.policy import FIRST_CONSENT

_TEXTS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_DECLARED = {"funder": "text", "partner": "text"}


def versions() -> list[str]:
    """Return the versions that a policy can name, the newest first."""
    return sorted(_TEXTS, reverse=True)


def text(version: str, side: str, values: Mapping[str, Any]) -> str:
    """Return one sentence, filled."""
    return wording.fill(_TEXTS[version][side], values, _DECLARED)


def consent(content: Mapping[str, Any], side: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Return version and text of the consent that terms ask of somebody on ``side``.

    Terms from before the signing policy carry the sentence of their wording. Raises WordingError for an unknown one.
    """
    version = content.get("signing", {}).get("consent", FIRST_CONSENT)
    if version == FIRST_CONSENT:
        return wording.consent(content["wording"], side, values)
    if version not in _TEXTS:
        raise wording.WordingError(f"There is no consent {version}.")
    return version, text(version, side, values)
