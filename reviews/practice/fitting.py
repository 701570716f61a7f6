"""Which criteria of a checklist the practice application has reference scores for, and which are left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from partners.checklists.default import default_checklist
from partners.checklists.models import Criterion
from reviews.practice.content import PracticeApplication


@dataclass(frozen=True)
class Fit:
    """``scored`` are the criteria that both have, in order. ``uncovered`` has the checklist alone, ``gone`` (titles)
    the practice application alone.
    """

    scored: tuple[Criterion, ...]
    uncovered: tuple[Criterion, ...]
    gone: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out on either side."""
        return not self.uncovered and not self.gone


@cache
def _shipped() -> dict[str, tuple[str, list[str]]]:
    """Return title and score descriptions of the criteria that the portal ships with, by lineage."""
    criteria = default_checklist()["criteria"]
    return {one["lineage"]: (f"{one['code']} {one['title']}", one["anchors"]) for one in criteria}


def fit_of(criteria: Iterable[Criterion], application: PracticeApplication) -> Fit:
    """Compare the criteria of a checklist with the practice application.

    A copy keeps the lineage of its criterion whatever its code becomes, so renamed criteria still fit. One that the
    practice application's own answers switch off is left out.
    """
    asked = [criterion for criterion in criteria if criterion.is_scored]
    fits = [one for one in asked if one.lineage in application.references and one.applies(application.facts)]
    kept = {one.lineage for one in fits}
    gone = [lineage for lineage in application.references if lineage not in {one.lineage for one in asked}]
    return Fit(
        scored=tuple(fits),
        uncovered=tuple(one for one in asked if one.lineage not in kept),
        gone=tuple(_shipped().get(lineage, (lineage, []))[0] for lineage in gone),
    )


def is_reworded(criterion: Criterion) -> bool:
    """Whether the funder changed the score descriptions: the reference was given on the shipped ones."""
    return list(criterion.anchors) != _shipped().get(criterion.lineage, ("", []))[1]
