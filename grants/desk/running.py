"""Grants under way: what each of them waits for, in words."""

from dataclasses import dataclass

from grants.agreements.models import Grant
from vetting_portal.models import User

SHOWN = 25
WAITS_FOR = {
    Grant.State.DRAFT: "The terms are being written",
    Grant.State.AWAITING_SIGNATURE: "The directors sign",
    Grant.State.APPROVED: "The partner countersigns, then the file is sealed",
}


@dataclass(frozen=True)
class RunningGrant:
    """A grant and what it waits for."""

    grant: Grant
    waits_for: str


def grants_under_way(user: User) -> list[RunningGrant]:
    """Return the newest grants that have not ended, at most 25."""
    states = [*WAITS_FOR, Grant.State.IN_FORCE]
    rows = Grant.objects.visible_to(user).filter(state__in=states).for_list().select_related("campaign")[:SHOWN]
    return [RunningGrant(grant, WAITS_FOR.get(grant.state) or _in_force(grant)) for grant in rows]


def _in_force(grant: Grant) -> str:
    campaign = getattr(grant, "campaign", None)
    if campaign is None:
        return "Write and open the campaign"
    return {
        "planned": "Open the campaign",
        "open": "Gifts arrive",
        "paused": "Gifts are paused",
        "closed": "Closed; reports come back",
    }[campaign.state]
