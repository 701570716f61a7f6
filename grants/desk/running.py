"""Grants under way: what each of them waits for, in words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from grants.agreements.models import Grant
from grants.payments.models import Tranche
from vetting_portal.models import User

SHOWN = 25
WAITS_FOR = {
    Grant.State.DRAFT: "The terms are being written",
    Grant.State.AWAITING_SIGNATURE: "The directors sign",
    Grant.State.APPROVED: "The partner countersigns, then the file is sealed",
}
CAMPAIGN_WAITS_FOR = {
    "planned": "Open the campaign",
    "open": "Gifts arrive",
    "paused": "Gifts are paused",
    "closed": "Closed; reports come back",
}


@dataclass(frozen=True)
class RunningGrant:
    """A grant and what it waits for."""

    grant: Grant
    waits_for: str


def grants_under_way(user: User) -> list[RunningGrant]:
    """Return the newest grants that have not ended, at most 25."""
    states = [*WAITS_FOR, Grant.State.IN_FORCE]
    first = Tranche.objects.open().filter(grant=OuterRef("pk")).order_by("number")
    following = {f"next_{name}": Subquery(first.values(name)[:1]) for name in ("number", "state", "due_on")}
    rows = Grant.objects.visible_to(user).filter(state__in=states).for_list().select_related("campaign")
    today = timezone.localdate()
    shown = rows.annotate(**following)[:SHOWN]
    return [RunningGrant(grant, WAITS_FOR.get(grant.state) or _in_force(grant, today)) for grant in shown]


def _in_force(grant: Any, today: date) -> str:
    campaign = getattr(grant, "campaign", None)
    if campaign is None:
        return "Write and open the campaign"
    is_due = grant.next_due_on <= today if grant.next_due_on else campaign.state == "closed"
    if grant.next_state == Tranche.State.RELEASED:
        return f"Payment {grant.next_number} is released: pay it, then record it"
    if grant.next_state == Tranche.State.HELD:
        return f"Payment {grant.next_number} is held"
    if grant.next_state == Tranche.State.SCHEDULED and is_due:
        return f"Release payment {grant.next_number}"
    return CAMPAIGN_WAITS_FOR[campaign.state]
