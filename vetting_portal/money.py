"""Money as whole minor units: the only place that reads, rounds and writes amounts."""

import re
from functools import cache

from babel.core import get_global
from babel.numbers import format_currency, format_decimal
from django.core.exceptions import ValidationError

_AMOUNT = re.compile(r"([0-9]{1,13}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.([0-9]*))?")
MINUS = "\u2212"


def minor_digits(currency: str) -> int:
    """Return how many decimals ``currency`` has (ISO 4217 by Unicode CLDR): 2 for USD, 0 for JPY, 3 for KWD."""
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def parse_amount(text: str, currency: str, *, exact: bool = False) -> int:
    """Return the minor units that ``text`` (major units, as ``25.50``) stands for.

    ``exact`` asks for all of the currency's decimals, as files of gifts do.
    Raises ValidationError in plain words for anything else, negative amounts included.
    """
    digits = minor_digits(currency)
    cleaned = text.strip()
    sample = f"25.{'50'.ljust(digits, '0')[:digits]}" if digits else "25"
    if cleaned.startswith(("-", MINUS)):
        message = "An amount cannot be negative."
        raise ValidationError(message)
    found = _AMOUNT.fullmatch(cleaned)
    if not found:
        message = f"Give an amount in {currency}, for example {sample}."
        raise ValidationError(message)
    whole, decimals = found.group(1).replace(",", ""), found.group(2)
    if decimals is not None and len(decimals) > digits:
        message = f"{currency} has {digits} decimals, not {len(decimals)}: for example {sample}."
        raise ValidationError(message)
    if exact and digits and (decimals is None or len(decimals) != digits):
        message = f"Give {currency} with {digits} decimals, for example {sample}."
        raise ValidationError(message)
    return int(whole + (decimals or "").ljust(digits, "0"))


def figures(minor: int, currency: str) -> str:
    """Return the amount's figures without a currency: ``15,000.00``; a minus is U+2212."""
    digits = minor_digits(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    text = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    return f"{MINUS if minor < 0 else ''}{text}"


def format_amount(minor: int, currency: str) -> str:
    """Return ``USD 15,000.00``, as staff and agreements read it."""
    return f"{currency} {figures(minor, currency)}"


def format_public(minor: int, currency: str) -> str:
    """Return ``$15,000``, as donors read it: cents only where there are some."""
    digits = minor_digits(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    sign = MINUS if minor < 0 else ""
    symbol = format_currency(0, currency, format="¤", locale="en_US", currency_digits=False).strip()
    amount = format_decimal(whole, locale="en_US") + (f".{rest:0{digits}d}" if rest else "")
    return f"{sign}{symbol}{amount}" if len(symbol) == 1 else f"{sign}{currency} {amount}"


def format_whole(minor: int, currency: str) -> str:
    """Return ``$15,000``: whole units, half up, for a public table in which every figure is written alike."""
    unit = 10 ** minor_digits(currency)
    units = (2 * abs(minor) + unit) // (2 * unit)
    return format_public((-units if minor < 0 else units) * unit, currency)


def is_currency(code: str) -> bool:
    """Return whether Unicode CLDR names ``code`` as a currency that is paid with now: no metal, no test code."""
    return code in _current_currencies()


@cache
def _current_currencies() -> frozenset[str]:
    territories = get_global("territory_currencies").values()
    return frozenset(str(code) for rows in territories for code, _, end, tender in rows if end is None and tender)


def plain(minor: int, currency: str) -> str:
    """Return ``15000.00`` for a file that a machine reads."""
    digits = minor_digits(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}" + (f".{rest:0{digits}d}" if digits else "")


def at_rate(minor: int, currency: str, rate: str, into: str) -> int:
    """Return what ``minor`` of ``currency`` comes to in ``into``, half up, not below zero.

    ``rate`` is decimal text above zero: how many units of ``currency`` one unit of ``into`` gave.
    """
    whole, _, rest = rate.partition(".")
    above = minor * 10 ** minor_digits(into) * 10 ** len(rest)
    below = int(f"{whole}{rest}") * 10 ** minor_digits(currency)
    return (2 * above + below) // (2 * below)
