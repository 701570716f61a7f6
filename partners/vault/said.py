"""What a partner says of a file: who issued it, when, until when it is good, in which language."""

from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError

from vetting_portal.clock import lies_ahead
from vetting_portal.languages import read_languages

EARLIEST = date(1800, 1, 1)
LATEST_YEAR = 2199


@dataclass(frozen=True)
class Dates:
    """What is said of a paper: its own date, the day it ends, its language, who issued it."""

    issued_on: date | None = None
    expires_on: date | None = None
    language: str = ""
    issuer: str = ""


NOTHING_SAID = Dates()


def check_said(said: Dates) -> Dates:
    """Return what was said with languages as codes. Raises ValidationError by field, in words for who typed it."""
    errors: dict[str, str] = {}
    if said.issued_on and lies_ahead(said.issued_on):
        errors["issued_on"] = "This day has not come yet. Give the date that stands on the paper."
    elif said.issued_on and said.issued_on < EARLIEST:
        errors["issued_on"] = "This is too long ago. Give the year in full, for example 2026."
    if said.expires_on and said.expires_on.year > LATEST_YEAR:
        errors["expires_on"] = "This is too far away. Leave it empty if no end date stands on the paper."
    elif said.expires_on and said.issued_on and said.expires_on < said.issued_on:
        errors["expires_on"] = "The paper cannot end before its own date."
    language = ""
    try:
        language = read_languages(said.language)
    except ValueError as unknown:
        errors["language"] = f"We do not know the language “{unknown}”. Write its English name, for example Thai."
    if errors:
        raise ValidationError(errors)
    return replace(said, language=language, issuer=" ".join(said.issuer.split()))
