"""What is learnt of a gift later: whether it is matched at all, by an officer; its fee, by the payment source."""

from django.core.exceptions import ValidationError

from grants.campaigns.actions.bearing import bear_shortfall
from grants.campaigns.actions.reversals import RISKS, _append, _count_risk, _is_at_risk, _post, _serve
from grants.campaigns.models import Campaign, CampaignEvent, Gift, GiftEntry
from grants.funds.models import LedgerTransaction
from grants.matching.matching import earned
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def correct_eligibility(
    *, campaign: Campaign, gift_key: str, ineligible: str, by: User, reason: str = "", source: str = ""
) -> Gift:
    """Say that a recorded gift is not matched (``ineligible``: why), or that it is (empty). The same again: nothing.

    A gift that is no longer matched gives its match back as a refund does (R7). One that is now matched earns out of
    what is available at this moment: what others have earned it never takes. Raises Refused where the window or the
    closing decides, ValidationError for an unknown gift.
    """
    ask(by, "grants.correct_eligibility", campaign)
    campaign = lock(campaign)
    gift = _find(campaign, source or campaign.slug, gift_key)
    before = gift.ineligible_reason
    if ineligible == before:
        return gift
    if before and not ineligible:
        if campaign.state == Campaign.State.CLOSED:
            raise Refused(["The campaign is closed: its match is frozen."], subject=gift)
        if not campaign.rule.in_window(gift.received_at):
            raise Refused(["It was received outside the match window: the time decides that."], subject=gift)
    event = _event(campaign, gift, by, kind=CampaignEvent.Kind.ELIGIBILITY, reason=reason)
    event.ineligible, event.ineligible_before = ineligible, before
    _append(campaign, event, CampaignEvent.Outcome.APPLIED)
    gift.ineligible_reason = ineligible
    gift.entitled_minor = 0 if ineligible else _entitled(campaign, gift)
    if not ineligible:
        _earn(campaign, gift, event, by)
    else:
        _let_go(campaign, gift, event, by, keep=0)
    facts = {"is_eligible": not ineligible, "position": event.position, "matched_minor": gift.matched_minor}
    record("eligibility_corrected", gift, by=by, note=reason, facts=facts)
    return gift


@action
def tell_fee(*, campaign: Campaign, gift_key: str, fee_minor: int, by: User, source: str = "") -> Gift:
    """Note the fee of a gift that came without one; on the net basis its match falls to what is left. It is told once.

    The same fee again changes nothing. Raises ValidationError for another fee, for none, or for an unknown gift.
    """
    ask(by, "grants.record_gift", campaign)
    campaign = lock(campaign)
    gift = _find(campaign, source or campaign.slug, gift_key)
    if gift.fee_minor == fee_minor:
        return gift
    if gift.fee_minor or fee_minor <= 0:
        raise ValidationError(f"The fee of {gift_key} is {gift.fee_minor}, now {fee_minor} was told.")
    event = _event(campaign, gift, by, kind=CampaignEvent.Kind.FEE)
    event.fee_minor = fee_minor
    _append(campaign, event, CampaignEvent.Outcome.APPLIED)
    sums = {"gross": gift.gross_minor, "fee": fee_minor, "refunded": gift.refunded_minor}
    gift.entitled_minor = campaign.rule.entitled(**sums) if gift.is_eligible else 0
    _let_go(campaign, gift, event, by, keep=campaign.rule.ceiling(**sums), fee=fee_minor)
    record("fee_told", gift, by=by, facts={"fee_minor": fee_minor, "position": event.position})
    return gift


def _find(campaign: Campaign, source: str, key: str) -> Gift:
    gift = Gift.objects.filter(source=source, key=key, campaign=campaign).select_related("donor").first()
    if gift is None:
        raise ValidationError(f"There is no gift with the key {key}.")
    return gift


def _event(campaign: Campaign, gift: Gift, by: User, *, kind: str, reason: str = "") -> CampaignEvent:
    return CampaignEvent(
        campaign=campaign,
        kind=kind,
        gift_source=gift.source,
        gift_key=gift.key,
        gift=gift,
        reason=reason,
        recorded_by=by,
    )


def _entitled(campaign: Campaign, gift: Gift) -> int:
    return campaign.rule.entitled(gross=gift.gross_minor, fee=gift.fee_minor, refunded=gift.refunded_minor)


def _save(campaign: Campaign, gift: Gift) -> None:
    gift.save(update_fields=["ineligible_reason", "fee_minor", "entitled_minor", "matched_minor"])
    gift.donor.save(update_fields=["matched_minor"])
    campaign.save(update_fields=["fees_minor", "matched_minor", *RISKS])


def _earn(campaign: Campaign, gift: Gift, event: CampaignEvent, by: User) -> None:
    """Give a gift that is matched from now on what it earns by the rule and what is available now (R4)."""
    before = campaign.sums()
    share = earned(
        campaign.rule,
        entitled=gift.entitled_minor,
        donor_matched=gift.donor.matched_minor,
        room=campaign.available_minor,
    )
    gift.matched_minor += share
    gift.donor.matched_minor += share
    campaign.matched_minor += share
    if _is_at_risk(gift):
        campaign.risk_match_minor += share
    _save(campaign, gift)
    if share:
        _post(campaign, event, LedgerTransaction.Kind.MATCH, [before], [GiftEntry(gift=gift, matched_minor=share)], by)


def _let_go(campaign: Campaign, gift: Gift, event: CampaignEvent, by: User, *, keep: int, fee: int = 0) -> None:
    """Take what the gift has earned above ``keep`` and hand it on as a refund's (R7); a new ``fee`` goes along. What
    was paid out by then and no payment is left to net it from, the funder bears (R10).
    """
    before, is_at_risk = campaign.sums(), _is_at_risk(gift)
    if is_at_risk:
        _count_risk(campaign, gift, -1)
    released = max(0, gift.matched_minor - keep)
    gift.fee_minor += fee
    gift.matched_minor -= released
    gift.donor.matched_minor -= released
    campaign.fees_minor += fee
    campaign.matched_minor -= released
    if is_at_risk:
        _count_risk(campaign, gift, 1)
    _save(campaign, gift)
    between = campaign.sums()
    served = [] if campaign.state == Campaign.State.CLOSED else _serve(campaign, released)
    campaign.matched_minor += sum(share for _, share in served)
    campaign.risk_match_minor += sum(share for other, share in served if other.state == Gift.State.DISPUTED)
    campaign.save(update_fields=["matched_minor", *RISKS])
    if released or fee:
        entries = [
            GiftEntry(gift=gift, matched_minor=-released, fee_minor=fee),
            *(GiftEntry(gift=other, matched_minor=share) for other, share in served),
        ]
        _post(campaign, event, LedgerTransaction.Kind.MATCH, [before, between], entries, by)
        bear_shortfall(campaign=campaign, by=by)
