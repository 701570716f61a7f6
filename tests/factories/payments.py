"""A grant whose first payment can be released, and its payments in each step, reached by the real actions."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from grants.agreements.models import Grant
from grants.arrivals.actions import confirm_payment
from grants.arrivals.models import Arrival, last_word, unanswered
from grants.campaigns.actions import close_campaign, plan_campaign
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import WORDS
from grants.payments.actions import open_campaign, record_payment, release_payment
from grants.payments.models import Tranche
from grants.reports.models import Report
from tests.factories import banking
from tests.factories.campaigns import give
from tests.factories.conditions import met
from tests.factories.grants import finance, officer_of
from vetting_portal.models import User


def payable(grant: Grant) -> Campaign:
    """Return the open campaign of a grant in force with one gift of 1,000.00 and its match; its bank details are
    approved, its conditions met, and every payment's day has come.
    """
    for condition in grant.conditions.unmet():
        met(condition)
    banking.approved(banking.entered(grant.submission))
    slug = f"payable-{grant.pk}"
    campaign = plan_campaign(grant=grant, slug=slug, words=WORDS, by=officer_of(grant))
    campaign = open_campaign(campaign=campaign, by=officer_of(grant))
    Tranche.objects.filter(grant=grant).update(due_on=None)
    gift(campaign, "first", 100_000)
    return fresh(campaign)


def gift(campaign: Campaign, key: str, gross: int, **changes: Any) -> Any:
    """Record a gift inside the window."""
    at = campaign.grant.window_starts_at + timedelta(hours=1)
    return give(campaign, key, gross, by=finance(), received_at=at, **changes)


def fresh(campaign: Campaign) -> Campaign:
    """Return the campaign as it stands in the database."""
    return Campaign.objects.with_grant().get(pk=campaign.pk)


def tranche_of(campaign: Campaign, number: int = 1) -> Tranche:
    """Return a payment of the campaign's grant as it stands in the database."""
    return Tranche.objects.for_list().get(grant=campaign.grant_id, number=number)


def accepted(campaign: Campaign, *numbers: int) -> None:
    """Let reports have been accepted: how they come back is tested with reports."""
    by, now = officer_of(campaign.grant), timezone.now()
    stamps = {"submitted_at": now, "submitted_by": by, "accepted_at": now, "accepted_by": by}
    Report.objects.filter(grant=campaign.grant_id, number__in=numbers).update(state="accepted", **stamps)


def spent(campaign: Campaign, minor: int, *, is_confirmed: bool = True) -> None:
    """Let the last accepted report show ``minor`` as spent, all on the first line of the budget, and the partner
    confirm its payments.
    """
    report = Report.objects.filter(grant=campaign.grant_id, accepted_at__isnull=False).latest("number")
    lines = [{"line": report.budget.lines[0].line, "spent_local_minor": minor, "explanation": "As planned."}]
    shown = {"spending": lines, "local_currency": campaign.grant.currency, "rate": "1"}
    Report.objects.filter(pk=report.pk).update(**shown)
    for tranche in unanswered(Tranche.objects.filter(grant=campaign.grant_id)) if is_confirmed else ():
        arrived(tranche)


def arrived(tranche: Tranche) -> Arrival:
    """Let the partner confirm that a payment arrived whole."""
    owner, word = tranche.organisation.owners().get().user, last_word(tranche)
    return confirm_payment(
        tranche=tranche, currency=tranche.grant.currency, amount_minor=tranche.amount_minor or 0, charges_minor=0,
        arrived_on=timezone.localdate(), seen=word.number if word else 0, by=owner,
    )  # fmt: skip


def all_paid(campaign: Campaign) -> int:
    """Close the campaign and pay all three payments; return what was paid, in minor units."""
    closed(campaign)
    return sum(paid(campaign, number).amount_minor or 0 for number in (1, 2, 3))


def released(campaign: Campaign, number: int = 1, *, by: User | None = None) -> Tranche:
    """Release a payment."""
    return release_payment(tranche=tranche_of(campaign, number), by=by or finance())


def paid(campaign: Campaign, number: int = 1) -> Tranche:
    """Release a payment and record it as paid today."""
    released(campaign, number)
    return record_payment(
        tranche=tranche_of(campaign, number), paid_on=timezone.localdate(), bank_reference=f"BK-{number}", by=finance()
    )


def closed(campaign: Campaign) -> Campaign:
    """Close the campaign, its reports accepted."""
    close_campaign(campaign=fresh(campaign), by=officer_of(campaign.grant))
    accepted(campaign, 1, 2)
    return fresh(campaign)
