"""Languages by their ISO 639-1 codes and English names (Unicode CLDR)."""

from functools import cache

from babel import Locale

CODE_LENGTH = 2
EVERYBODY = "en"  # the portal is in English: everybody on the staff reads it


@cache
def names() -> dict[str, str]:
    """Return the English name of each language by its code of two letters."""
    every = Locale("en").languages
    return {code: str(name) for code, name in sorted(every.items()) if len(code) == CODE_LENGTH and code.isalpha()}


@cache
def _codes() -> dict[str, str]:
    return {name.lower(): code for code, name in names().items()}


def language_code(text: str) -> str:
    """Return the code of a language that is told by code or English name; empty where there is none."""
    told = text.strip().lower()
    return told if told in names() else _codes().get(told, "")


def language_name(code: str) -> str:
    """Return the English name of a language; what is no code stays as it is."""
    return names().get(code, code)
