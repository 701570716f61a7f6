"""Holds with their checklists, for the pages that show them: a constant number of queries whatever the rows."""

from dataclasses import dataclass

from django.db.models import Count, Q

from partners.organisations.models import HeldMessage, Hold
from reviews.holds.checklist import Item, checklist, next_due
from reviews.screening.models import ScreeningHit
from vetting_portal.models import User

SHOWN = 50


@dataclass(frozen=True)
class Case:
    """A hold with its checklist and what is due next."""

    hold: Hold
    items: tuple[Item, ...]
    next: Item | None
    words: int

    @property
    def is_late(self) -> bool:
        """Whether a line of it is overdue."""
        return any(item.days_late for item in self.items)


def case_of(hold: Hold, words: int = 0) -> Case:
    """Return the case of a hold whose steps are loaded."""
    items = tuple(checklist(hold))
    return Case(hold, items, next_due(items), words)


def open_cases(user: User) -> list[Case]:
    """Return what counsel's checklist still asks for: of holds of now, and of released ones that are not through.

    At most 50, the oldest first, by two queries.
    """
    left = Q(released_at__isnull=True) | ~Q(steps__kind="records")
    rows = Hold.objects.visible_to(user).filter(left).select_related("organisation").prefetch_related("steps")
    rows = rows.annotate(words=Count("releases", distinct=True)).order_by("placed_at", "pk")[:SHOWN]
    cases = [case_of(hold, hold.words) for hold in rows]
    return [case for case in cases if case.hold.is_current or case.next is not None]


def hit_of(hold: Hold) -> ScreeningHit | None:
    """Return the confirmed candidate that a hold follows from, or None where counsel asked for it."""
    if hold.cause_id is None:
        return None
    return ScreeningHit.objects.select_related("organisation", "person").filter(pk=hold.cause_id).first()


def waiting_messages(user: User, hold: Hold) -> list[HeldMessage]:
    """Return the messages to the organisation's people that wait."""
    return list(HeldMessage.objects.visible_to(user).waiting().filter(organisation=hold.organisation_id)[:SHOWN])
