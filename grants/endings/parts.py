"""What ends with a grant, part by part: as it stands today, and what becomes of it. The page and the letter say the
same.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from grants.agreements.models import Grant
from grants.amendments.models import Amendment
from grants.campaigns.models import Campaign
from grants.conditions.models import Condition
from grants.intake.arriving import arriving
from grants.payments.models import Tranche
from grants.reports.models import Report
from grants.wordings.filling import say_date
from vetting_portal.money import format_amount

UNSENT = (Report.State.DRAFT, Report.State.RETURNED)
CLOSING_REPORT = "Closing report"


@dataclass(frozen=True)
class Part:
    """One part of a grant: what it is, how it stands, what becomes of it; ``falls`` where it is cancelled."""

    part: str
    today: str
    then: str
    falls: bool = True

    def told(self) -> dict[str, str]:
        """Return it as a letter keeps it."""
        return {name: value for name, value in asdict(self).items() if name != "falls"}


def parts_of(grant: Grant, *, return_by: date | None) -> list[Part]:
    """Return every part that ends or changes with ``grant``; ``return_by`` is the day of its closing report, None where
    nothing was paid.
    """
    return [
        *_payments(grant),
        *_reports(grant, return_by),
        *_conditions(grant),
        *_amendments(grant),
        *_campaign(grant),
        *_reminders(return_by),
        *_promise(grant),
    ]


def stops_of(grant: Grant) -> list[Part]:
    """Return every part that waits while a grant in force is suspended, and what goes on."""
    return [*_payments_wait(grant), *_reports_go_on(grant), *_amendments_wait(grant), *_campaign_waits(grant)]


def _payments_wait(grant: Grant) -> Iterator[Part]:
    for tranche in grant.tranches.open().order_by("number"):
        is_released = tranche.state == Tranche.State.RELEASED
        then = "Finance is told that the bank must not pay it" if is_released else "Not released"
        yield Part(str(tranche), _payment_today(tranche), then)


def _reports_go_on(grant: Grant) -> Iterator[Part]:
    for report in _reports_open(grant):
        yield Part(
            report.title, _report_today(report), "Stays due" if report.state in UNSENT else "Is read", falls=False
        )
    for condition in grant.conditions.unmet().order_by("number"):
        yield Part(str(condition), _condition_today(condition), "Stays due", falls=False)


def _amendments_wait(grant: Grant) -> Iterator[Part]:
    for amendment in Amendment.objects.open().filter(grant=grant):
        yield Part(
            f"Amendment {amendment.ordinal}",
            amendment.get_state_display().lower(),
            "Not signed; comes into force only later",
        )


def _campaign_waits(grant: Grant) -> Iterator[Part]:
    campaign = Campaign.objects.filter(grant=grant).first()
    if campaign is None:
        return
    state = campaign.get_state_display().lower()
    if campaign.state == Campaign.State.PLANNED:
        yield Part("Campaign", state, "Cannot be opened")
    elif campaign.state != Campaign.State.CLOSED:
        today = f"{state}, to {say_date(grant.window_last_on)}"
        yield Part("Campaign", today, "Its page says that gifts are paused; gifts that still arrive are matched")


def _payments(grant: Grant) -> Iterator[Part]:
    for tranche in grant.tranches.open().order_by("number"):
        yield Part(str(tranche), _payment_today(tranche), "Cancelled")
    if not grant.tranches.exists():
        for number, row in enumerate(grant.payment_rows, start=1):
            yield Part(f"Payment {number}", f"{row['share']}, planned", "Never made")


def _payment_today(tranche: Tranche) -> str:
    today = f"{tranche.share}, {tranche.get_state_display().lower()}"
    if tranche.state == Tranche.State.SCHEDULED and tranche.due_on:
        return f"{today} for {say_date(tranche.due_on)}"
    return today


def _reports_open(grant: Grant) -> Iterator[Report]:
    yield from grant.reports.exclude(state__in=["accepted", "published", "cancelled"]).order_by("number")


def _report_today(report: Report) -> str:
    return f"{report.get_state_display().lower()}, due {say_date(report.due_on)}"


def _condition_today(condition: Condition) -> str:
    return f"{condition.get_state_display().lower()}, due {say_date(condition.due_on)}"


def _reports(grant: Grant, return_by: date | None) -> Iterator[Part]:
    for report in _reports_open(grant):
        if report.state in UNSENT:
            yield Part(report.title, _report_today(report), "Cancelled")
        else:
            yield Part(report.title, "sent, not answered yet", "We still answer it", falls=False)
    if return_by is not None:
        yield Part(CLOSING_REPORT, "–", f"Due {say_date(return_by)}", falls=False)


def _conditions(grant: Grant) -> Iterator[Part]:
    for condition in grant.conditions.unmet().order_by("number"):
        yield Part(str(condition), _condition_today(condition), "No longer asked")


def _reminders(return_by: date | None) -> Iterator[Part]:
    then = "No more are sent" if return_by is None else "Only for the closing report and the money to return"
    yield Part("Reminders", "sent for whatever is due", then)


def _amendments(grant: Grant) -> Iterator[Part]:
    for amendment in Amendment.objects.open().filter(grant=grant):
        then = "Lapses" if amendment.state == Amendment.State.APPROVED else "Withdrawn"
        yield Part(f"Amendment {amendment.ordinal}", amendment.get_state_display().lower(), then)


def _campaign(grant: Grant) -> Iterator[Part]:
    campaign = Campaign.objects.filter(grant=grant).first()
    if campaign is None:
        yield Part("Campaign", "not planned", "Never made")
    elif campaign.state == Campaign.State.PLANNED:
        yield Part("Campaign", "planned", "Never opened")
    elif campaign.state == Campaign.State.CLOSED:
        yield Part("Campaign", "closed", "Stays closed", falls=False)
    else:
        until = say_date(grant.window_last_on)
        yield Part(
            "Campaign", f"{campaign.get_state_display().lower()}, to {until}", "Closed; later gifts are not matched"
        )
        yield from _arriving(campaign)


def _arriving(campaign: Campaign) -> Iterator[Part]:
    way = arriving(campaign)
    if way.gifts:
        today = f"{way.gifts} waiting for a second person, {format_amount(way.gross_minor, campaign.currency)}"
        yield Part("Gifts entered by hand", today, "Not matched, unless confirmed before", falls=False)
    if way.files:
        yield Part("Files of gifts", f"{way.files} not recorded", "Not matched, unless recorded before", falls=False)


def _promise(grant: Grant) -> Iterator[Part]:
    if grant.state == Grant.State.APPROVED:
        yield Part("Agreement", "signed by the directors", "Void; never in force")
    else:
        yield Part("Agreement", "in force", "Ended; it verifies as genuine, but revoked")
