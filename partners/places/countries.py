"""Names of countries by their two letters (ISO 3166), and the time zone of their capital's side."""

from functools import cache

from babel import Locale
from babel.core import get_global

LETTERS = 2
NOT_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})


@cache
def country_choices() -> tuple[tuple[str, str], ...]:
    """Return code and English name of each country, by name."""
    names = Locale("en").territories
    found = [(code, name) for code, name in names.items() if len(code) == LETTERS and code.isalpha()]
    return tuple(sorted((pair for pair in found if pair[0] not in NOT_COUNTRIES), key=lambda pair: pair[1]))


def is_country(code: str) -> bool:
    """Whether two letters name a country."""
    return code in dict(country_choices())


def country_name(code: str) -> str:
    """Return the English name of a country, the code where there is none."""
    return dict(country_choices()).get(code, code)


def time_zone_of(country: str) -> str:
    """Return a time zone of the country, UTC where none is known."""
    zones = get_global("territory_zones").get(country, [])
    return str(zones[0]) if zones else "UTC"


def only_time_zone_of(country: str) -> str:
    """Return the time zone of a country that has one; an empty text where it has several, or none is known."""
    zones = get_global("territory_zones").get(country, [])
    return str(zones[0]) if len(zones) == 1 else ""
