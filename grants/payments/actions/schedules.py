"""The opening of a campaign, from which payments and reports get their schedules; and schedules that follow terms."""

from datetime import date

from django.utils import timezone

from grants.agreements.models import Grant
from grants.campaigns.models import Campaign
from grants.payments.actions.paying import settle_schedule
from grants.payments.models import Tranche
from grants.payments.schedules import OPEN_PAYMENTS, schedule_blockers
from grants.reports.models import Report
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, lock, perform, record

UNWANTED = "The terms give it a share of 0%."


@action
def open_campaign(*, campaign: Campaign, by: User) -> Campaign:
    """Open a planned campaign, and put the tranches and reports of the signed terms on their schedules."""
    grant = lock(campaign.grant)
    opened: Campaign = perform(campaign.open, by=by)
    schedule_payments(grant=grant, by=by)
    return opened


@action
def schedule_payments(*, grant: Grant, by: User) -> None:
    """Make the tranches and reports that the frozen terms of a grant in force name; a second time changes nothing."""
    grant = lock(grant)
    if grant.state != Grant.State.IN_FORCE:
        raise Refused(["The grant is not in force."], subject=grant)
    if Tranche.objects.filter(grant=grant).exists() or Report.objects.filter(grant=grant).exists():
        return
    terms, now = grant.terms_in_force, timezone.now()
    content = terms.content if terms else {"tranches": [], "reports": []}
    Tranche.objects.bulk_create(
        Tranche(
            grant=grant,
            number=number,
            share_bp=tranche["share_bp"],
            condition=tranche["condition"],
            due_on=_day(tranche.get("due_on")),
            scheduled_at=now,
            scheduled_by=by,
        )
        for number, tranche in enumerate(content["tranches"], start=1)
    )
    Report.objects.bulk_create(
        Report(
            grant=grant,
            number=number,
            title=report["title"],
            due_on=date.fromisoformat(report["due_on"]),
            scheduled_at=now,
            scheduled_by=by,
        )
        for number, report in enumerate(content["reports"], start=1)
    )
    counts = {"tranches": len(content["tranches"]), "reports": len(content["reports"])}
    record("payments_scheduled", grant, by=by, facts=counts)
    _cancel_unwanted(grant, by)


@action
def reschedule_payments(*, grant: Grant, by: User) -> None:
    """Let the schedules follow the terms in force, where they were made already: payments and reports that are still
    open are changed, new ones added. Raises Refused where the terms touch one that is done.
    """
    grant = lock(grant)
    terms = grant.terms_in_force
    if terms is None or not (grant.tranches.exists() or grant.reports.exists()):
        return
    if reasons := schedule_blockers(grant, terms.content):
        raise Refused(reasons, subject=grant)
    stamps = {"scheduled_at": timezone.now(), "scheduled_by": by}
    for number, row in enumerate(terms.content["tranches"], start=1):
        told = {"share_bp": row["share_bp"], "condition": row["condition"], "due_on": _day(row.get("due_on"))}
        if grant.tranches.filter(number=number, **told).exists():
            continue  # what is paid is not written again, not even as it was
        Tranche.objects.update_or_create(grant=grant, number=number, defaults=told, create_defaults={**told, **stamps})
    for number, row in enumerate(terms.content["reports"], start=1):
        due = {"title": row["title"], "due_on": date.fromisoformat(row["due_on"])}
        Report.objects.update_or_create(grant=grant, number=number, defaults=due, create_defaults={**due, **stamps})
    counts = {"tranches": len(terms.content["tranches"]), "reports": len(terms.content["reports"])}
    record("payments_scheduled", grant, by=by, facts={**counts, "terms_sha256": terms.sha256})
    _cancel_unwanted(grant, by)
    settle_schedule(grant=grant, by=by)


def _cancel_unwanted(grant: Grant, by: User) -> None:
    """Cancel the payments to which the terms give 0%: later ones would wait for them for ever."""
    for tranche in lock(grant.tranches.filter(share_bp=0, state__in=OPEN_PAYMENTS)):
        perform(tranche.cancel, by=by, note=UNWANTED, reason=UNWANTED)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
