"""What stands between a grant and its end: what must be settled before anybody asks, and before it is confirmed."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from grants.agreements.models import Grant
from grants.agreements.readiness import free_ids
from grants.amendments.models import Amendment
from grants.arrivals.models import WAIT, Arrival, awaited
from grants.campaigns.models import Campaign
from grants.endings.models import LIVE, Ending
from grants.endings.money import ending_money
from grants.payments.conditions import OVER
from grants.payments.due import is_empty, payments_of
from grants.payments.models import Tranche
from grants.payments.stops import Stop
from grants.reports.models import Report
from vetting_portal.models import User
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker

ANSWERED = (Report.State.ACCEPTED, Report.State.PUBLISHED, Report.State.CANCELLED)


def seconds_for(grant: Grant, asker: User) -> QuerySet[User]:
    """Return the directors who may confirm the end of ``grant`` when ``asker`` asks: those who may sign for it."""
    return User.objects.filter(pk__in=free_ids(grant.submission)).exclude(pk=asker.pk).order_by("name", "pk")


def on_its_way(grant: Grant) -> Iterator[Blocker]:
    """Yield each payment that was released: the bank may be paying it just now."""
    for tranche in grant.tranches.filter(state=Tranche.State.RELEASED).order_by("number"):
        hint = "Record that the bank paid it, or hold it first."
        yield Blocker(
            f"{tranche} is released: it may be on its way to the bank.", hint=hint, url=tranche.get_absolute_url()
        )


def _waits(ending: Ending) -> Blocker:
    """Return that no payment is released while a director decides about ``ending``: its letter says what was paid."""
    asked = f"{ending.asked_by.name} has asked to end this grant."
    hint = f"No payment is released until a director decides ({ending.second.name} was asked), the request is "
    hint += f"withdrawn, or it expires on {date_format(timezone.localtime(ending.expires_at), 'j F Y')}."
    return Blocker(asked, hint=hint, url=ending.get_absolute_url())


def _waiting() -> QuerySet[Ending]:
    return Ending.objects.waiting().select_related("asked_by", "second")


STOPS_PAYMENTS = Stop(rows=_waiting, says=_waits)


def ask_blockers(grant: Grant, user: User) -> list[Blocker]:
    """Return why ``user`` cannot ask for the end of ``grant`` now; who else asked already is named."""
    if grant.state not in LIVE:
        now = grant.get_state_display().lower()
        return [
            Blocker(
                f"This grant is {now}.", hint="Nothing is promised that could be ended.", url=grant.get_absolute_url()
            )
        ]
    reasons = []
    if open_ := Ending.objects.open().filter(grant=grant).select_related("asked_by").first():
        url = open_.get_absolute_url()
        reasons.append(Blocker(f"{open_.asked_by.name} asked for the end of this grant already.", url=url))
    if not seconds_for(grant, user).exists():
        hint = "Another person asks, for example the programme officer; then you can confirm it."
        reasons.append(Blocker("No director is left who could confirm it.", hint=hint))
    return [*reasons, *on_its_way(grant)]


def moved_since(ending: Ending) -> list[Blocker]:
    """Return what changed since the letter was written so that it no longer tells the partner the right sums."""
    reasons = list(on_its_way(ending.grant))
    now, then = ending_money(ending.grant).of_the_partner(), ending.said["money"]
    if any(then[name] != value for name, value in now.items()):
        hint = "The bank returned a payment, or a report was submitted, returned or accepted. Decline this request; it "
        hint += "can then be made again."
        reasons.append(Blocker("The sums changed since the letter was written.", hint=hint))
    return reasons


def finish_blockers(grant: Grant) -> list[Blocker]:
    """Return why ``grant`` is not complete: payments, reports, its campaign, what else is open; and when nothing is,
    money that was paid and not spent.
    """
    return [*grant.complete_blockers(), *_unfinished(grant)] or list(_unspent(grant))


def _unpaid(campaign: Campaign) -> Iterator[Blocker]:
    """Yield the payments that are still open; of one that comes to nothing, that it is to be cancelled."""
    for payment in payments_of(campaign):
        tranche = payment.tranche
        if tranche.state not in OVER:
            hint = "Nothing is left to pay on it: cancel it." if is_empty(campaign, payment) else ""
            now = tranche.get_state_display().lower()
            yield Blocker(f"{tranche} is {now}.", hint=hint, url=tranche.get_absolute_url())


def _unfinished(grant: Grant) -> Iterator[Blocker]:
    campaign = Campaign.objects.filter(grant=grant).first()
    ledger = reverse("grants:ledger", args=[grant.number])
    if campaign is None:
        yield Blocker(
            "The campaign was never made.",
            hint="End the grant instead.",
            url=reverse("grants:end", args=[grant.number]),
        )
    elif campaign.state != Campaign.State.CLOSED:
        yield Blocker(f"The campaign is {campaign.get_state_display().lower()}.", hint="Close it first.", url=ledger)
    if campaign is not None:
        yield from _unpaid(campaign)
    for arrival in Arrival.objects.missing().filter(tranche__grant=grant).select_related("tranche"):
        tranche = arrival.tranche
        yield Blocker(f"The partner says that payment {tranche.number} has not arrived.", url=tranche.get_arrival_url())
    for tranche in awaited(grant.tranches).order_by("number"):
        since = max(tranche.paid_on, timezone.localdate(tranche.last_at) if tranche.last_at else tranche.paid_on)
        paid_on, until = (date_format(day, "j F Y") for day in (tranche.paid_on, since + WAIT))
        hint = f"Ask the partner to confirm it. From {until}, the grant can be completed without this."
        missing = f"The partner has not confirmed payment {tranche.number}, paid on {paid_on}."
        yield Blocker(missing, hint=hint, url=tranche.get_arrival_url())
    for report in grant.reports.exclude(state__in=ANSWERED).order_by("number"):
        yield Blocker(f"The report “{report.title}” is not accepted.", url=report.get_absolute_url())
    for amendment in Amendment.objects.open().filter(grant=grant):
        yield Blocker(f"Amendment {amendment.ordinal} is open.", url=amendment.get_absolute_url())
    for ending in Ending.objects.open().filter(grant=grant):
        yield Blocker("Somebody asked that this grant ends before its time.", url=ending.get_absolute_url())
    if ending_money(grant).in_dispute_minor:
        yield Blocker(
            "Gifts are in dispute.", hint="Wait until the payment source says how each dispute ended.", url=ledger
        )


def _unspent(grant: Grant) -> Iterator[Blocker]:
    """Yield that money is to be returned, where reports were agreed on and none shows it as spent."""
    money = ending_money(grant)
    if money.to_return_minor > 0 and grant.reports.filter(accepted_at__isnull=False).exists():
        unspent = format_amount(money.to_return_minor, grant.currency)
        yield Blocker(
            f"{unspent} was paid, and no accepted report shows it as spent.",
            hint="The agreement asks for it back. End the grant by agreement: the closing letter says how much is to "
            "be returned and by when, and finance records what comes back.",
            url=reverse("grants:end", args=[grant.number]),
        )
