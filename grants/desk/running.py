"""Grants under way: what each of them waits for, in words."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from grants.agreements.models import Grant, Setback
from grants.amendments.models import Amendment
from vetting_portal.models import User

SHOWN = 25
WAITS_FOR = {
    Grant.State.DRAFT: "The terms are being written",
    Grant.State.AWAITING_SIGNATURE: "The directors sign",
    Grant.State.APPROVED: "The partner countersigns, then the file is sealed",
}
AMENDMENT_WAITS_FOR = {
    Amendment.State.DRAFT: "An amendment is being written",
    Amendment.State.AWAITING_SIGNATURE: "The directors sign an amendment",
    Amendment.State.APPROVED: "The partner countersigns an amendment, then it is sealed",
}


@dataclass(frozen=True)
class RunningGrant:
    """A grant and what it waits for."""

    grant: Grant
    waits_for: str


def grants_under_way(user: User) -> list[RunningGrant]:
    """Return the newest grants that have not ended, at most 25."""
    states = [*WAITS_FOR, Grant.State.IN_FORCE]
    rows = Grant.objects.visible_to(user).filter(state__in=states).for_list().select_related("campaign")
    failed = Setback.objects.of_missing_seals().filter(agreement__terms__grant=OuterRef("pk"))
    change = Amendment.objects.open().filter(grant=OuterRef("pk"))
    rows = rows.annotate(seal_failed=Exists(failed), amendment_state=Subquery(change.values("state")[:1]))[:SHOWN]
    return [RunningGrant(grant, _waits_for(grant)) for grant in rows]


def _waits_for(grant: Any) -> str:
    if grant.seal_failed:
        return "A seal failed; look why, it is tried again"
    if grant.amendment_state is not None:
        return AMENDMENT_WAITS_FOR[grant.amendment_state]
    return WAITS_FOR.get(grant.state) or _in_force(grant)


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
