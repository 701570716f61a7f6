"""Grants under way: what each of them waits for, in words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from grants.agreements.models import Grant, Setback
from grants.amendments.models import Amendment
from grants.payments.models import Tranche
from grants.reports.models import Report
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
    rows = with_late_reports(
        Grant.objects.visible_to(user).filter(state__in=states).for_list().select_related("campaign")
    )
    failed = Setback.objects.of_missing_seals().filter(agreement__terms__grant=OuterRef("pk"))
    change = Amendment.objects.open().filter(grant=OuterRef("pk"))
    first = Tranche.objects.open().filter(grant=OuterRef("pk")).order_by("number")
    following = {f"next_{name}": Subquery(first.values(name)[:1]) for name in ("number", "state", "due_on")}
    rows = rows.annotate(seal_failed=Exists(failed), amendment_state=Subquery(change.values("state")[:1]), **following)[
        :SHOWN
    ]
    today = timezone.localdate()
    return [RunningGrant(grant, _waits_for(grant, today)) for grant in rows]


def with_late_reports(rows: QuerySet[Grant]) -> QuerySet[Grant]:
    """Add, in the same statement, the report of each grant that is late the longest, and how many are late in all."""
    late = Report.objects.overdue(timezone.localdate())
    count = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return rows.annotate(
        report_late=Subquery(late.filter(grant=OuterRef("pk")).values("title")[:1]),
        reports_late=Subquery(late.order_by().annotate(how_many=count).values("how_many")),
    )


def _waits_for(grant: Any, today: date) -> str:
    if grant.seal_failed:
        return "A seal failed; look why, it is tried again"
    if grant.amendment_state is not None:
        return AMENDMENT_WAITS_FOR[grant.amendment_state]
    return WAITS_FOR.get(grant.state) or _in_force(grant, today)


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
