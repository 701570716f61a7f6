"""The end itself: parts fall, the grant is terminated or lapses, and its money goes where the terms say."""

from django.utils import timezone

from grants.agreements.actions import lapse_grant, terminate_grant
from grants.agreements.models import Grant
from grants.amendments.actions import lapse_amendment, withdraw_amendment
from grants.amendments.models import Amendment
from grants.campaigns.actions import close_campaign, pause_campaign, sweep_pots
from grants.campaigns.models import Campaign
from grants.endings.models import Ending
from grants.endings.money import outstanding_minor
from grants.endings.parts import CLOSING_REPORT, UNSENT
from grants.funds.actions import release_all
from grants.payments.actions import cancel_payment
from grants.payments.models import Tranche
from grants.reports.models import Report
from partners.submissions.actions import restore_submission
from vetting_portal.models import User
from vetting_portal.workflow import action, ask, lock, perform, record

WHY = "The grant ended."


@action
def carry_out_ending(*, ending: Ending, by: User) -> Ending:
    """End the grant of a confirmed request: open amendments, payments and reports fall, a closing report is asked for
    where money was paid, the grant is terminated (or lapses, where it was never in force) and its money settled.
    Run again it changes nothing. Raises PermissionDenied; Refused where nobody confirmed it.
    """
    ask(by, "grants.carry_out_ending", ending)
    lock(ending.submission.organisation)
    lock(ending.submission)
    lock(ending.funds())
    grant = lock(ending.grant)
    ending = lock(ending)
    if ending.state == Ending.State.CARRIED_OUT:
        return ending
    ending = perform(ending.carry_out, by=by)
    system = User.objects.system("background")
    for tranche in grant.tranches.open().order_by("number"):
        cancel_payment(tranche=tranche, reason=WHY, by=system)
    for report in grant.reports.filter(state__in=UNSENT).order_by("number"):
        perform(report.cancel, by=system, note=WHY, reason=WHY)
    if ending.outcome == Grant.State.LAPSED:
        lapse_grant(grant=grant, reason=ending.words, by=system)
        restore_submission(submission=ending.submission, by=system)
    else:
        terminate_grant(grant=grant, reason=ending.words, public_reason=ending.public_reason, by=by)
        _ask_for_report(ending, system)
    _end_amendments(lock(grant), system)
    return settle_ending(ending=ending, by=system)


def _end_amendments(grant: Grant, by: User) -> None:
    """End what is open once the grant is no longer in force: what both sides signed lapses then, too. An approved
    amendment of a held partner waits: no reserve moves meanwhile.
    """
    for amendment in Amendment.objects.open().filter(grant=grant):
        if amendment.state != Amendment.State.APPROVED:
            withdraw_amendment(amendment=amendment, reason=WHY, by=by)
        elif not grant.hold_blockers():
            lapse_amendment(amendment=amendment, reason=WHY, by=by)


def _ask_for_report(ending: Ending, by: User) -> None:
    """Put a closing report on the schedule, after all others, where money was paid, and did not all come back."""
    if ending.due_on is None or not ending.grant.tranches.filter(state=Tranche.State.PAID).exists():
        return
    last = ending.grant.reports.order_by("-number").values_list("number", flat=True).first() or 0
    report = Report.objects.create(
        grant=ending.grant,
        number=last + 1,
        title=CLOSING_REPORT,
        due_on=ending.due_on,
        scheduled_at=timezone.now(),
        scheduled_by=by,
    )
    record("closing_report_asked", report, by=by, to_state=report.state, facts={"due_on": ending.due_on.isoformat()})


@action
def settle_ending(*, ending: Ending, by: User) -> Ending:
    """Move the money of an ended grant: its campaign is closed, match that no gift earned or that was not paid goes
    back to the funds, gifts that were not paid are kept for a similar purpose. Run again it moves what came since.

    While the partner is held nothing moves, and the campaign is paused: this is done once the hold ends.
    """
    ask(by, "grants.carry_out_ending", ending)
    lock(ending.funds())
    grant = lock(ending.grant)
    campaign = Campaign.objects.with_grant().filter(grant=grant).first()
    if grant.hold_blockers():
        if campaign is not None and campaign.state == Campaign.State.OPEN:
            pause_campaign(campaign=campaign, by=by)
        return ending
    _end_amendments(grant, by)
    if campaign is not None and campaign.state in {Campaign.State.OPEN, Campaign.State.PAUSED}:
        campaign = close_campaign(campaign=campaign, by=by, reason=WHY)
    for reference in (grant.number, grant.fee_reference):
        release_all(fund=grant.fund, reference=reference, key="ended", by=by)
    if campaign is not None:
        sweep_pots(campaign=lock(campaign), by=by)
    ending = lock(ending)
    if ending.settled_at is None:
        ending.settled_at = timezone.now()
        ending.save(update_fields=["settled_at"])
        record("ending_settled", ending, by=by)
    return clear_ending(ending=ending, by=by)


@action
def clear_ending(*, ending: Ending, by: User) -> Ending:
    """Note on a locked ending that nothing is left to return, where that is so."""
    if ending.cleared_at is None and not outstanding_minor(ending):
        ending.cleared_at = timezone.now()
        ending.save(update_fields=["cleared_at"])
        record("ending_cleared", ending, by=by)
    return ending
