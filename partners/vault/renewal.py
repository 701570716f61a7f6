"""Which papers end soon, and of which mark (60, 30 or 7 days before) the partner is to be reminded now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from partners.checklists.evidence import ValidityRule, add_months, good_until
from partners.checklists.models import ChecklistVersion, Criterion
from partners.organisations.models import Organisation
from partners.vault.kinds import KINDS
from partners.vault.models import Document, Paper

MARKS = (7, 30, 60)
LONGEST = timedelta(days=max(MARKS))
SLACK = timedelta(days=3)  # months of different length, and days that begin elsewhere earlier
BY_RULE = {ValidityRule.OWN_DATE, ValidityRule.FROM_ISSUE, ValidityRule.YEAR_END}


@dataclass(frozen=True)
class Ending:
    """A version that ends soon, its last good day, and the nearest mark that it has passed."""

    document: Document
    ends_on: date
    mark: int
    days_left: int


def may_be_written_to(organisation: Organisation) -> bool:
    """Whether automatic messages may go to an organisation: not while it is held."""
    return not organisation.is_held


def criteria_by_code() -> dict[str, Criterion]:
    """Return the criteria of the checklist in force by their lineage, which is the code that kinds of papers name."""
    checklist = ChecklistVersion.objects.current()
    return {criterion.lineage: criterion for criterion in checklist.criteria.all()} if checklist else {}


def end_of(document: Document, criterion: Criterion | None) -> date | None:
    """Return the last day on which a version is good: by its own date, or by the criterion of its kind."""
    return good_until(
        own_end=document.expires_on,
        dated=document.counts_from,
        rule=criterion.validity_rule if criterion else ValidityRule.OWN_DATE,
        months=criterion.validity_months if criterion else None,
    )


def nearest_mark(days_left: int) -> int | None:
    """Return the nearest mark that has been reached, or None before the first and after the end."""
    return None if days_left < 0 else next((mark for mark in MARKS if days_left <= mark), None)


def may_end_soon(today: date, criteria: dict[str, Criterion]) -> Q:
    """Return a condition on documents that holds for all that end within the longest mark, and for few others."""
    found = Q(expires_on__range=(today, today + LONGEST))
    for kind in KINDS:
        criterion = criteria.get(kind.code)
        if criterion is None or criterion.validity_months is None or criterion.validity_rule not in BY_RULE:
            continue
        first = add_months(today, -criterion.validity_months) - SLACK
        last = add_months(today + LONGEST, -criterion.validity_months) + SLACK
        dated = Q(issued_on__range=(first, last))
        sent = Q(issued_on__isnull=True, uploaded_at__date__range=(first, last))
        found |= Q(paper__kind=kind.key) & (dated | sent)
    return found


def organisations_with_endings(today: date) -> list[int]:
    """Return the organisations that may have something to be reminded of, by primary key."""
    soon = Document.objects.accepted().filter(may_end_soon(today, criteria_by_code()), paper__translates__isnull=True)
    found = soon.order_by("paper__organisation_id").values_list("paper__organisation_id", flat=True)
    return list(found.distinct())


def endings(papers: Iterable[Paper], criteria: dict[str, Criterion], today: date) -> list[Ending]:
    """Return the versions in use that end soon, the first to end first.

    Not those that a newer version is on its way for. ``papers`` come with their documents.
    """
    found = []
    for paper in papers:
        current, newest = paper.current, paper.newest
        if current is None or paper.translates_id is not None:
            continue
        if newest is not None and newest.state == Document.State.QUARANTINED:
            continue
        end = end_of(current, criteria.get(paper.kind_info.code))
        left = (end - today).days if end is not None else -1
        mark = nearest_mark(left)
        if end is not None and mark is not None:
            found.append(Ending(current, end, mark, left))
    return sorted(found, key=lambda ending: (ending.ends_on, ending.document.pk))
