"""Why a schedule cannot follow changed terms: what was paid or sent stands, and nothing that is scheduled goes away."""

from collections.abc import Iterator, Sequence
from typing import Any

from grants.agreements.models import Grant
from grants.payments.models import Tranche
from grants.reports.models import Report
from reviews.panels.conditions import Blocks, read_all
from vetting_portal.workflow import Blocker

OPEN_PAYMENTS = {Tranche.State.SCHEDULED, Tranche.State.HELD}
OPEN_REPORTS = {Report.State.DRAFT, Report.State.RETURNED}


def schedule_blockers(grant: Grant, content: dict[str, Any]) -> list[Blocker]:
    """Return why the payments and reports on the schedules of ``grant`` cannot become those of
    ``content``, or what a new condition cannot stop any more.
    """
    return [
        *_payments(grant, content["tranches"]),
        *_reports(grant, content["reports"]),
        *_conditions(grant, content["conditions"]),
    ]


def _payments(grant: Grant, rows: list[dict[str, Any]]) -> Iterator[Blocker]:
    tranches = list(grant.tranches.order_by("number"))
    if len(rows) < len(tranches):
        yield Blocker(
            "A payment that is scheduled does not go away.",
            hint=f"{len(tranches)} are scheduled. Give one that is not wanted a share of 0%.",
        )
    for tranche, row in zip(tranches, rows, strict=False):
        due = tranche.due_on.isoformat() if tranche.due_on else None
        same = (tranche.share_bp, tranche.condition, due) == (row["share_bp"], row["condition"], row.get("due_on"))
        if not same and tranche.state not in OPEN_PAYMENTS:
            yield Blocker(
                f"{tranche} is {tranche.get_state_display().lower()}.", hint="Leave its share, condition and date."
            )


def _reports(grant: Grant, rows: list[dict[str, Any]]) -> Iterator[Blocker]:
    reports = list(grant.reports.order_by("number"))
    if len(rows) < len(reports):
        yield Blocker(
            "A report that is scheduled does not go away.",
            hint=f"{len(reports)} are scheduled. Give each a name and a date.",
        )
    for report, row in zip(reports, rows, strict=False):
        same = (report.title, report.due_on.isoformat()) == (row["title"], row["due_on"])
        if not same and report.state not in OPEN_REPORTS:
            yield Blocker(f"The report “{report.title}” was sent already.", hint="Leave its name and its date.")


def _conditions(grant: Grant, rows: Sequence[Any]) -> Iterator[Blocker]:
    """Yield the conditions that are new, or stop something else than before, and come too late for what they stop."""
    known = {one.number: one for one in grant.conditions.all()}
    paid = {one.number: one for one in grant.tranches.exclude(state__in=OPEN_PAYMENTS)}
    done = {one.number: one for one in grant.reports.filter(state__in=["accepted", "published"])}
    for one in read_all(rows):
        old = known.get(one.number)
        if not one.blocks or (old and (old.blocks, old.of) == (one.blocks, one.of)):
            continue
        passed: dict[str, dict[int, Any]] = {Blocks.PAYMENT: paid, Blocks.REPORT: done}
        late = passed.get(one.blocks, {}).get(one.of or 0)
        hint = "Choose a payment or a report that is still to come."
        if late is not None:
            yield Blocker(f"Condition {one.number}: {late} is {late.get_state_display().lower()} already.", hint=hint)
        elif not one.of:
            yield Blocker(f"Condition {one.number}: the agreement is signed already.", hint=hint)
