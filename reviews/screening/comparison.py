"""One of our records beside an entry of a list: fact by fact, with the finding in words. A difference never clears
anybody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from partners.places.countries import country_name
from reviews.screening.models import ListEntry, ScreeningHit, entry_record
from reviews.screening.spelling import tokens

NOTHING = "nothing to compare"
FAR_YEARS = 2
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
COUNTRY_CODE = 2


@dataclass(frozen=True)
class Line:
    """One fact in both records. ``icon`` is equal, about, differ or nothing; ``is_near`` makes it stand out."""

    label: str
    ours: str
    theirs: str
    finding: str = NOTHING
    icon: str = ""
    is_near: bool = False


def _day(text: str) -> str:
    """Return a day as people write it; what is no full date stays as the list has it."""
    try:
        return f"{date.fromisoformat(text):%-d %B %Y}"
    except ValueError:
        return text


def _country(value: str) -> str:
    codes = [part.strip() for part in value.split(";") if part.strip()]
    return ", ".join(country_name(code) if len(code) == COUNTRY_CODE else code for code in codes)


def _same_words(ours: str, theirs: str, kind: str) -> Line | None:
    """Return the finding on two names in the same script, or None where one is missing."""
    mine, listed = set(tokens(ours, kind)), set(tokens(theirs, kind))
    if mine == listed:
        return Line("", "", "", "Same", "equal", is_near=True)
    if shared := mine & listed:
        return Line(
            "", "", "", f"{'One word' if len(shared) == 1 else f'{len(shared)} words'} the same", "about", is_near=True
        )
    return None


def _script(hit: ScreeningHit, entry: Mapping[str, Any]) -> Line:
    ours = hit.subject.local_name
    theirs = next((name for name in entry.get("names", []) if not name.isascii()), "")
    if not ours or not theirs:
        return Line("Local script", ours or "none given", theirs or "none listed")
    found = _same_words(ours, theirs, hit.subject.kind)
    if found is None:
        return Line("Local script", ours, theirs, "Different words", "differ")
    return Line("Local script", ours, theirs, found.finding, found.icon, found.is_near)


def _born(hit: ScreeningHit, entry: Mapping[str, Any]) -> Line:
    ours, theirs = hit.subject.born, str(entry.get("born", ""))
    shown = _day(ours), _day(theirs)
    mine = _YEAR.search(ours)
    listed = [int(year) for year in _YEAR.findall(theirs)]
    if not mine or not listed:
        return Line("Born", shown[0] or "none given", shown[1] or "none listed")
    apart = min(abs(int(mine.group()) - year) for year in listed)
    if ours and ours in theirs:
        return Line("Born", *shown, "Same day", "equal", is_near=True)
    if apart == 0:
        return Line("Born", *shown, "Same year", "about", is_near=True)
    words = f"{apart} year{'' if apart == 1 else 's'} apart"
    return Line("Born", *shown, words, "about" if apart <= FAR_YEARS else "differ", is_near=apart <= FAR_YEARS)


def _nationality(hit: ScreeningHit, entry: Mapping[str, Any]) -> Line:
    label = "Nationality" if hit.person_id else "Country"
    ours, theirs = _country(hit.subject.country), _country(str(entry.get("country", "")))
    if not ours or not theirs:
        return Line(label, ours or "none given", theirs or "none listed")
    same = ours.lower() in theirs.lower()
    return Line(label, ours, theirs, "Same" if same else "Different", "equal" if same else "differ", is_near=same)


def shown_entry(hit: ScreeningHit, current: ListEntry | None) -> dict[str, Any]:
    """Return the entry to compare with: as the current list has it where it differs, else as it was found."""
    if current is None or current.fingerprint == hit.entry_fingerprint:
        return dict(hit.entry)
    return {**hit.entry, **entry_record(current)}


def compare(hit: ScreeningHit, entry: Mapping[str, Any]) -> list[Line]:
    """Return the comparison of our record with ``entry``, the parts that identify best first."""
    others = [
        name
        for name in [*entry.get("names", []), *entry.get("weak_names", [])]
        if name != hit.listed_name and name.isascii()
    ]
    weak = set(entry.get("weak_names", []))
    subject = hit.subject
    ours = hit.our_name if hit.our_name in subject.names else subject.names[0]
    also = ", ".join(f"“{name}” (weak)" if name in weak else name for name in others)
    ours_also = ", ".join(name for name in subject.names if name not in {ours, subject.local_name})
    lines = [
        Line("Name", ours, hit.listed_name, f"{hit.score} of 100", "about", is_near=True),
        _script(hit, entry),
        Line("Also known as", ours_also or "none given", also or "none listed"),
    ]
    if hit.person_id:
        lines.append(_born(hit, entry))
    lines.append(_nationality(hit, entry))
    if entry.get("gender"):
        lines.append(Line("Sex", "not recorded", str(entry["gender"]).capitalize()))
    listed_for = ", ".join(
        filter(
            None,
            [
                str(entry.get("programme", "")),
                f"since {_day(str(entry['listed_on']))}" if entry.get("listed_on") else "",
            ],
        )
    )
    lines.append(Line("Listed for", "–", listed_for or "not said", ""))
    if entry.get("remarks"):
        lines.append(Line("Remarks of the list", "–", str(entry["remarks"])[:600], ""))
    return lines
