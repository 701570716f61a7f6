"""What stands between a payment and its release, asked afresh: C1, C6, C14, the report before (R11), Schedule F; an end
that somebody asked for.
"""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from grants.agreements.models import Grant
from grants.agreements.readiness import paper_blockers
from grants.conditions.models import Condition, condition_blockers
from grants.payments.due import payments_of
from grants.payments.stops import stop_blockers
from vetting_portal.workflow import Blocker

ANSWERED = ("accepted", "published")
OVER = ("paid", "cancelled")


def release_blockers(tranche: Any) -> list[Blocker]:
    """Return every reason why a payment cannot be released now, each said once."""
    grant: Grant = tranche.grant
    found: list[str] = [
        *grant.hold_blockers(),
        *stop_blockers(grant),
        *_turn(tranche),
        *paper_blockers(grant.submission),
        *grant.bank_blockers(),
        *_report(tranche),
        *condition_blockers(grant, Condition.Blocks.PAYMENT, tranche.number),
    ]
    reasons = {str(reason): reason if isinstance(reason, Blocker) else Blocker(reason) for reason in reversed(found)}
    return list(reversed(reasons.values()))


def _turn(tranche: Any) -> Iterator[Blocker]:
    """Yield why it is not its turn: its grant, its day, those before it, the money."""
    grant = tranche.grant
    ledger = reverse("grants:ledger", args=[grant.number])
    if grant.state != Grant.State.IN_FORCE:
        yield Blocker("The grant is not in force.", url=grant.get_absolute_url())
    if tranche.due_on and tranche.due_on > timezone.localdate():
        yield Blocker(f"It is not paid before {tranche.due_on:%-d %B %Y}.", hint="So the agreement says.")
    rows = list(grant.tranches.order_by("number"))
    if before := [each for each in rows if each.number < tranche.number and each.state in {"scheduled", "held"}]:
        yield Blocker(f"{before[0]} comes first.", hint=f"It is {before[0].get_state_display().lower()}.")
    campaign = getattr(grant, "campaign", None)
    if campaign is None:
        yield Blocker("The grant has no campaign yet.", hint="What is payable comes from its gifts.")
        return
    later = [each for each in rows if each.number > tranche.number and each.state != "cancelled"]
    if not later and campaign.statement_content is None:
        hint = "The last payment takes all that is left. That is known once the campaign is closed."
        yield Blocker("The campaign is not closed yet.", hint=hint, url=ledger)
    amount = next((row.amount_minor for row in payments_of(campaign) if row.tranche.pk == tranche.pk), 0)
    if amount <= 0:
        yield Blocker("Nothing is payable on it today.", hint="Its share comes from gifts and their match.", url=ledger)


def _report(tranche: Any) -> Iterator[Blocker]:
    """Yield the reports that come before it and are not accepted: those up to the number before its own (R11)."""
    for report in tranche.grant.reports.filter(number__lt=tranche.number).order_by("number"):
        if report.state not in ANSWERED:
            hint = f"It is due on {report.due_on:%-d %B %Y}: {report.get_state_display().lower()}."
            yield Blocker(f"The report “{report.title}” is not accepted.", hint=hint, url=report.get_absolute_url())
