"""A list of duties a page at a time, and its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from grants.cases.leading import with_cases
from vetting_portal.duties import OpenDuty, Wanted, counts, duties, duty_kinds
from vetting_portal.models import User

type Numbers = Mapping[str, tuple[int, int]]


def total(numbers: Numbers) -> int:
    """Return how many duties there are, over all kinds."""
    return sum(many for many, _ in numbers.values())


def groups_of(numbers: Numbers) -> dict[str, int]:
    """Return how many duties each group has, in the order of the kinds."""
    groups: dict[str, int] = {}
    for key, kind in duty_kinds().items():
        if key in numbers:
            groups[kind.group] = groups.get(kind.group, 0) + numbers[key][0]
    return groups


@dataclass(frozen=True)
class Page:
    """What a paginator reads: the duties of a list from one place to another. ``both`` takes others' too."""

    user: User
    wanted: Wanted
    many: int
    both: bool = False

    def count(self) -> int:
        """Return how many there are; counted before, by the numbers of the tabs."""
        return self.many

    def __len__(self) -> int:
        return self.many

    def __getitem__(self, places: slice) -> list[OpenDuty]:
        start, end = int(places.start or 0), int(places.stop)
        if not self.both:
            return with_cases(self.user, duties(self.user, self.wanted, start, end))
        mine = duties(self.user, self.wanted, 0, end)
        others = duties(self.user, replace(self.wanted, is_mine=False), 0, end)
        rows = sorted([*mine, *others], key=lambda duty: (duty.due, duty.key, duty.record))[start:end]
        return with_cases(self.user, rows)


def listed(user: User, wanted: Wanted, numbers: Numbers) -> Page:
    """Return a list; what is counted already in ``numbers`` is not counted again, unless words cut it."""
    if wanted.words:
        numbers = counts(user, wanted)
    kinds = duty_kinds()
    kept = [number for key, number in numbers.items() if not wanted.group or kinds[key].group == wanted.group]
    many = sum(behind if wanted.is_late else every for every, behind in kept)
    return Page(user, wanted, many, both=wanted.is_coming)


def chips(show: str, groups: Mapping[str, int], numbers: Numbers) -> list[dict[str, Any]]:
    """Return the filters of a list with their numbers: everything, what is late, each group."""
    late = sum(behind for _, behind in numbers.values())
    found: list[dict[str, Any]] = [
        {"label": "All", "count": total(numbers), "url": "?", "current": show != "late" and show not in groups}
    ]
    if late:
        found.append({"label": "Late", "count": late, "url": "?show=late", "current": show == "late"})
    found += [
        {"label": group, "count": many, "url": f"?show={group}", "current": show == group}
        for group, many in groups.items()
    ]
    return found
