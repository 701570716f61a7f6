"""Countries of low or medium human development, as the United Nations Development Programme listed them."""

SOURCE = "UNDP, Human Development Report 2023/24, values of 2022"

_MEDIUM = """
AO BD BO BT CG CM CV FM GA GH GQ GT HN HT IN IQ KE KH KI KM LA MA MM NA NI NP NR PG SB SR ST SV SY SZ TJ TL TV UG
VE VU ZM ZW
"""
_LOW = """
AF BF BI BJ CD CF CI DJ ER ET GM GN GW LR LS MG ML MR MW MZ NE NG PK RW SD SL SN SO SS TD TG TZ YE
"""
MEDIUM = frozenset(_MEDIUM.split())
LOW = frozenset(_LOW.split())


def is_low_or_medium(country: str) -> bool:
    """Whether a country (ISO 3166, two letters) is on the list."""
    return country in MEDIUM or country in LOW
