"""Whether a place is closed by comprehensive sanctions on a day. What cannot be read is closed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from partners.places.countries import country_name, is_country
from partners.places.models import Embargo
from vetting_portal.workflow import Blocker

OUTSIDE = "none"
"""The answer of somebody whose country has listed regions and who is in none of them."""

CODE = "C6"
UNREADABLE = "We cannot read {what}."
NO_LIST = "The list of places under sanctions is empty."


@dataclass(frozen=True)
class Place:
    """A country and a region of it, and in words what it is: ``the country where you work``."""

    country: str
    region: str
    what: str


def never(embargo: Embargo) -> bool:  # noqa: ARG001 the question that a licence answers
    """No licence covers anything."""
    return False


def region_choices(on: date) -> list[tuple[str, str]]:
    """Return the regions that are closed on a day, as choices; none where no region is."""
    regions = [embargo for embargo in Embargo.objects.in_force(on) if embargo.region]
    if not regions:
        return []
    named = [(embargo.region, embargo.name[:1].upper() + embargo.name[1:]) for embargo in regions]
    return [("", "Choose, if it is one of these countries"), (OUTSIDE, "None of these"), *named]


def region_hint(on: date) -> str:
    """Return for which countries the region matters: ``Only for Ukraine.``"""
    countries = sorted({country_name(embargo.country) for embargo in Embargo.objects.in_force(on) if embargo.region})
    return f"Only for {' and '.join(countries)}." if countries else ""


def place_blockers(
    places: Iterable[Place],
    *,
    on: date,
    covers: Callable[[Embargo], bool] = never,
    every: Sequence[Embargo] | None = None,
) -> list[Blocker]:
    """Return why places are closed on a day, each reason once; ``covers`` says which closed place a licence opens.

    ``every``: the whole list, where it is read already.

    Fails closed: a country that cannot be read, a region that was not told where it matters, or an empty list.
    """
    every = list(Embargo.objects.all()) if every is None else every
    if not every:
        return [Blocker(NO_LIST, hint="Until an administrator has mended it, nothing goes on.", code=CODE)]
    in_force = [embargo for embargo in every if embargo.holds(on)]
    found: dict[str, Blocker] = {}
    for place in places:
        for blocker in _blockers_of(place, in_force, covers):
            found.setdefault(str(blocker), blocker)
    return list(found.values())


def _blockers_of(place: Place, in_force: list[Embargo], covers: Callable[[Embargo], bool]) -> list[Blocker]:
    if not is_country(place.country):
        text = UNREADABLE.format(what=place.what)
        return [Blocker(text, hint="Choose it from the list. Without it we cannot go on.", code=CODE)]
    closing = [embargo for embargo in in_force if embargo.closes(place.country, place.region)]
    if closing:
        return [_closed(embargo) for embargo in closing if not covers(embargo)]
    regions = {embargo.region for embargo in in_force if embargo.region and embargo.country == place.country}
    if regions and place.region != OUTSIDE:
        text = f"Say in which region of {country_name(place.country)} it is."
        return [Blocker(text, hint=f"We ask it of {place.what}: some regions are under sanctions.", code=CODE)]
    return []


def _closed(embargo: Embargo) -> Blocker:
    return Blocker(
        f"We cannot work in {embargo.name} now.",
        hint=f"Comprehensive US sanctions are in force there ({embargo.source}). "
        "Only a licence would change that. This says nothing about you.",
        code=CODE,
    )
