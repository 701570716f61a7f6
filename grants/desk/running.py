"""Grants under way: what each of them waits for, in words."""

from dataclasses import dataclass

from django.db.models import F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from grants.agreements.models import Grant
from grants.reports.models import Report
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
    running = Grant.objects.visible_to(user).filter(state__in=states).for_list().select_related("campaign")
    rows = with_late_reports(running)[:SHOWN]
    return [RunningGrant(grant, WAITS_FOR.get(grant.state) or _in_force(grant)) for grant in rows]


def with_late_reports(rows: QuerySet[Grant]) -> QuerySet[Grant]:
    """Add, in the same statement, the report of each grant that is late the longest, and how many are late in all."""
    late = Report.objects.overdue(timezone.localdate())
    count = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return rows.annotate(
        report_late=Subquery(late.filter(grant=OuterRef("pk")).values("title")[:1]),
        reports_late=Subquery(late.order_by().annotate(how_many=count).values("how_many")),
    )


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
