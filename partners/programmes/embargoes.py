"""Countries and regions under comprehensive US sanctions, with the days between which each was in force."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Embargo:
    """One country, or one region of a country, and the programme that closes it."""

    key: str
    name: str
    country: str
    region: str
    since: date
    until: date | None
    source: str

    def in_force(self, on: date) -> bool:
        """Whether it holds on the day; the last day counts."""
        return self.since <= on and (self.until is None or on <= self.until)


# As published by the US Treasury (OFAC). Kept with dates: a decision of last year is read with the law of last year.
EMBARGOES: tuple[Embargo, ...] = (
    Embargo("cuba", "Cuba", "CU", "", date(1963, 7, 8), None, "31 CFR part 515"),
    Embargo("iran", "Iran", "IR", "", date(1995, 5, 7), None, "31 CFR part 560"),
    Embargo("north_korea", "North Korea", "KP", "", date(2016, 3, 16), None, "31 CFR part 510, E.O. 13722"),
    Embargo("syria", "Syria", "SY", "", date(2011, 8, 18), date(2025, 6, 30), "E.O. 13582; ended by E.O. 14312"),
    Embargo("crimea", "Crimea", "UA", "crimea", date(2014, 12, 19), None, "E.O. 13685"),
    Embargo("donetsk", "the so-called Donetsk region", "UA", "donetsk", date(2022, 2, 21), None, "E.O. 14065"),
    Embargo("luhansk", "the so-called Luhansk region", "UA", "luhansk", date(2022, 2, 21), None, "E.O. 14065"),
)
REGIONS: tuple[tuple[str, str], ...] = (
    ("", "None of these"),
    ("crimea", "Crimea"),
    ("donetsk", "The so-called Donetsk People's Republic"),
    ("luhansk", "The so-called Luhansk People's Republic"),
)


def embargo_on(country: str, region: str, on: date) -> Embargo | None:
    """Return what closes a place on a day, or None where it is open. A region counts whatever country is named."""
    for embargo in EMBARGOES:
        here = embargo.region == region if embargo.region else embargo.country == country
        if here and embargo.in_force(on):
            return embargo
    return None
