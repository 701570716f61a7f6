"""The end of a match: closing freezes it in a statement that a task seals; and a cap that an amendment raises."""

from datetime import datetime

from django.utils import timezone

from grants.agreements.actions import add_rise, seal_statement
from grants.agreements.models import Grant
from grants.campaigns.actions.lines import freeze_lines
from grants.campaigns.actions.pots import Pots
from grants.campaigns.figures import closing_content
from grants.campaigns.models import Campaign, CampaignEvent
from grants.funds.actions import release
from grants.funds.models import Account, LedgerTransaction
from vetting_portal.models import User
from vetting_portal.money import format_amount
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, action, ask, lock, perform, record, transition_blockers


@action
def close_campaign(*, campaign: Campaign, by: User, closed_at: datetime | None = None, reason: str = "") -> Campaign:
    """Close the campaign: freeze its match, give the unused reserves back to the fund, have the statement sealed (R10).
    ``reason`` says why it closes before its match window ends.

    Closing again at the same time changes nothing. Raises Refused when it is not open, or was closed at another time.
    """
    ask(by, "grants.close_campaign", campaign)
    lock(campaign.grant.funds())
    lock(campaign.grant)
    campaign = lock(campaign)
    if campaign.state == Campaign.State.CLOSED and campaign.closed_at == closed_at:
        return campaign
    if reasons := transition_blockers(campaign, "close"):
        raise Refused(reasons, subject=campaign)
    closed_at = closed_at or timezone.now()
    content = closing_content(campaign, closed_at, freeze_lines(campaign=campaign, by=by))
    facts = content["figures"]
    campaign = perform(campaign.close, by=by, note=reason, facts=facts, closed_at=closed_at, content=content)
    position = _append(campaign, CampaignEvent.Kind.CLOSE, by, at=closed_at)
    if campaign.available_minor:
        pots = Pots(campaign)
        pots.post([pots.posting(position, LedgerTransaction.Kind.CLOSING, pots.rest())], by)
    grant = campaign.grant
    unspent = max(0, (grant.fee_top_up_minor or 0) - campaign.fees_minor)
    release(fund=grant.fund, reference=grant.fee_reference, amount_minor=unspent, key="closed", by=by)
    seal_statement_task.enqueue(campaign.pk)
    return campaign


@action
def raise_cap(*, campaign: Campaign, cap_minor: int, by: User) -> Campaign:
    """Raise the match cap for gifts recorded from here on, with free money of the first fund. The same cap: nothing.

    Where several funds stand behind the grant, the rise is used after all of them. Raises Refused for a lower cap,
    after closing, or when the fund's free money does not cover it.
    """
    ask(by, "grants.raise_cap", campaign)
    fund = campaign.grant.fund
    lock(campaign.grant.funds())
    grant = lock(campaign.grant)
    campaign = lock(campaign)
    more = cap_minor - campaign.cap_minor
    if not more:
        return campaign
    if more < 0 or campaign.state == Campaign.State.CLOSED:
        raise Refused(["A cap is only raised, and only before the campaign closes."], subject=campaign)
    position = _append(campaign, CampaignEvent.Kind.CAP, by, cap_minor=cap_minor)
    pots, kind = Pots(campaign), Account.Kind
    lines = [(pots.account((fund.pk, kind.FREE)), -more), (pots.account((fund.pk, kind.RESERVED)), more)]
    note = f"Cap raised to {format_amount(cap_minor, campaign.currency)}"
    pots.post([pots.posting(position, LedgerTransaction.Kind.RESERVE, lines, note)], by)
    add_rise(grant=grant, amount_minor=more, by=by)
    if campaign.first_cap_minor is None:
        campaign.first_cap_minor = campaign.cap_minor
    campaign.cap_minor = cap_minor
    campaign.save(update_fields=["cap_minor", "first_cap_minor"])
    record("cap_raised", campaign, by=by, facts={"cap_minor": cap_minor, "more_minor": more})
    return campaign


def _append(
    campaign: Campaign, kind: str, by: User, *, at: datetime | None = None, cap_minor: int | None = None
) -> int:
    """Give an event about the whole campaign its place in the order; returns it."""
    campaign.last_position += 1
    campaign.save(update_fields=["last_position"])
    CampaignEvent.objects.create(
        campaign=campaign, position=campaign.last_position, kind=kind, at=at, cap_minor=cap_minor, recorded_by=by
    )
    return campaign.last_position


@background()
def seal_statement_task(campaign_id: int) -> None:
    """Render and seal the statement of match of a closed campaign; run twice, it changes nothing."""
    grant = Grant.objects.get(campaign=campaign_id)
    content = grant.campaign.statement_content or {}
    seal_statement(grant=grant, content=content, by=User.objects.system("background"))
