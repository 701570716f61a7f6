"""What goes back: refunds and disputes; the match they release is handed on under the same lock, once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError

from grants.campaigns.accounts import Sums
from grants.campaigns.actions.bearing import bear_shortfall
from grants.campaigns.actions.pots import Pots
from grants.campaigns.models import Campaign, CampaignEvent, Dispute, Donor, Gift, GiftEntry
from grants.funds.models import LedgerTransaction
from grants.matching.events import FINAL, LOST, OPEN, EventRefused, refund_delta
from grants.matching.matching import Candidate, hand_on
from vetting_portal.models import User
from vetting_portal.workflow import action, ask, lock, perform, record

RISKS = ["risk_net_minor", "risk_match_minor", "risk_fees_minor"]


@dataclass(frozen=True, slots=True)
class Reversed:
    """What came of a refund: its gift as it stands now (None: it waits for it), and how much went back this time."""

    gift: Gift | None
    delta_minor: int
    is_new: bool


@action
def refund_gift(  # noqa: PLR0913 a refund is told by as much
    *,
    campaign: Campaign,
    gift_key: str,
    by: User,
    source: str = "",
    amount_minor: int | None = None,
    total_minor: int | None = None,
    refund_key: str = "",
    reason: str = "",
    currency: str = "",
) -> Reversed:
    """Refund a gift: an amount, up to a total, or (neither) all that is left; before its gift it waits (R5 to R7).

    Sums are in the currency that the gift was given in; ``currency`` (empty: that one) names it. Of a gift in another
    currency the settled amount is reversed in proportion, and the last refund takes the rest (R9).

    The same ``refund_key`` again changes nothing. Raises ValidationError for a refund of nothing, of more than what is
    left, in another currency, or for a key that was used for another refund.
    """
    ask(by, "grants.refund_gift", campaign)
    campaign = lock(campaign)
    source = source or campaign.slug
    _check(amount_minor, total_minor)
    gift = Gift.objects.filter(source=source, key=gift_key, campaign=campaign).select_related("donor").first()
    known = CampaignEvent.objects.refund_of(campaign, refund_key).first() if refund_key else None
    if known is not None:
        if known.contents != (gift_key, amount_minor, total_minor):
            raise ValidationError({"refund_key": "This refund key was used for another refund."})
        return Reversed(gift, 0, is_new=False)
    currency = currency or (gift.original_currency if gift else "") or campaign.currency
    sums: dict[str, Any] = {"amount_minor": amount_minor, "total_minor": total_minor}
    if currency != campaign.currency:
        sums = {
            "original_currency": currency, "original_amount_minor": amount_minor, "original_total_minor": total_minor,
        }  # fmt: skip
    event = CampaignEvent(
        campaign=campaign, kind=CampaignEvent.Kind.REFUND, key=refund_key, gift_source=source, gift_key=gift_key,
        gift=gift, reason=reason, recorded_by=by, **sums,
    )  # fmt: skip
    return _refund(campaign, gift, event, by)


def _refund(campaign: Campaign, gift: Gift | None, event: CampaignEvent, by: User) -> Reversed:
    """Apply a new refund, or let it wait for its gift."""
    reason = event.reason
    if gift is None:
        _append(campaign, event, CampaignEvent.Outcome.WAITING)
        facts = {"gift_key": event.gift_key, "position": event.position}
        record("refund_waits", campaign, by=by, note=reason, facts=facts)
        return Reversed(None, 0, is_new=True)
    try:
        delta = _delta(event, gift)
    except EventRefused as error:
        raise ValidationError({"amount": str(error)}) from None
    if not delta and not event.key and (event.is_of_all or not event.original_currency):
        return Reversed(gift, 0, is_new=False)
    _append(campaign, event, CampaignEvent.Outcome.APPLIED)
    if not delta:
        record("refund_counted_before", gift, by=by, note=reason, facts={"position": event.position})
    return Reversed(_give_back(campaign, gift, event, delta, by), delta, is_new=True)


@action
def record_dispute(
    *, campaign: Campaign, gift_key: str, dispute_key: str, status: str, by: User, source: str = ""
) -> Dispute:
    """Note a dispute's status (open, won, lost); won and lost are final. A lost one refunds what is left, once (R5).

    Raises ValidationError where the dispute is about another gift.
    """
    ask(by, "grants.dispute_gift", campaign)
    campaign = lock(campaign)
    source = source or campaign.slug
    dispute, _ = Dispute.objects.get_or_create(campaign=campaign, key=dispute_key, defaults={"gift_key": gift_key})
    if dispute.gift_key != gift_key:
        raise ValidationError("This dispute is about another gift.")
    gift = Gift.objects.filter(source=source, key=gift_key, campaign=campaign).select_related("donor").first()
    event = CampaignEvent(
        campaign=campaign,
        kind=CampaignEvent.Kind.DISPUTE,
        key=dispute_key,
        gift_source=source,
        gift_key=gift_key,
        gift=gift,
        status=status,
        recorded_by=by,
    )
    if gift is None:
        _append(campaign, event, CampaignEvent.Outcome.WAITING)
    elif dispute.status not in {*FINAL, status}:
        _append(campaign, event, CampaignEvent.Outcome.APPLIED)
        _judge(campaign, gift, event, dispute, by)
    if event.pk is not None:
        facts = {"dispute_key": dispute_key, "gift_key": gift_key, "status": status, "position": event.position}
        record("dispute_recorded", campaign, by=by, facts=facts)
    return dispute


@action
def note_dispute_response(*, dispute: Dispute, needs_response: bool, at: datetime, by: User) -> Dispute:
    """Note whether the funder's response to a dispute is still due; ``at`` is the payment source's own time.

    An older message than the latest changes nothing, since messages arrive in any order; nor does one about a dispute
    that was won or lost. Raises PermissionDenied.
    """
    ask(by, "grants.dispute_gift", dispute.campaign)
    lock(dispute.campaign)
    dispute = lock(dispute)
    is_older = dispute.needs_response_at is not None and at < dispute.needs_response_at
    if is_older or dispute.status in FINAL:
        return dispute
    is_new = dispute.needs_response != needs_response
    dispute.needs_response, dispute.needs_response_at = needs_response, at
    dispute.save(update_fields=["needs_response", "needs_response_at"])
    if is_new:
        event = "dispute_asks_again" if needs_response else "dispute_answered"
        facts = {"dispute_key": dispute.key, "gift_key": dispute.gift_key, "at": at.isoformat()}
        record(event, dispute.campaign, by=by, facts=facts)
    return dispute


@action
def apply_waiting(*, campaign: Campaign, gift: Gift, by: User) -> Gift:
    """Apply what waited for ``gift``, in the order of its coming; a refund that is too large is marked as refused.

    Returns the gift as it stands then.
    """
    waiting = CampaignEvent.objects.waiting().filter(campaign=campaign, gift_source=gift.source, gift_key=gift.key)
    for event in list(waiting):
        event.gift, event.outcome = gift, CampaignEvent.Outcome.APPLIED
        if event.kind == CampaignEvent.Kind.DISPUTE:
            dispute = Dispute.objects.get(campaign=campaign, key=event.key)
            event.save(update_fields=["gift", "outcome"])
            if dispute.status not in FINAL:
                gift = _judge(campaign, gift, event, dispute, by)
            continue
        try:
            delta = _delta(event, gift)
        except EventRefused as error:
            event.outcome, event.reason = CampaignEvent.Outcome.REFUSED, str(error)
            event.save(update_fields=["gift", "outcome", "reason"])
            record("refund_refused", gift, by=by, facts={"position": event.position})
            continue
        event.save(update_fields=["gift", "outcome", "total_minor"])
        gift = _give_back(campaign, gift, event, delta, by)
    return gift


def _check(amount: int | None, total: int | None) -> None:
    """Refuse at once what can be no refund of any gift."""
    if amount is not None and total is not None:
        raise ValidationError("A refund names an amount or a total, not both.")
    asked = amount if amount is not None else total
    if asked is not None and asked <= 0:
        raise ValidationError({"amount": "A refund is more than zero."})


def _delta(event: CampaignEvent, gift: Gift) -> int:
    """Return what the refund takes off the settled amount. Raises EventRefused, for another currency too (R9)."""
    if event.original_currency != gift.original_currency and not event.is_of_all:
        given = gift.original_currency or gift.currency
        message = f"The gift was given in {given}: a refund in another currency is refused."
        raise EventRefused(message)
    if gift.original_minor and not event.is_of_all:
        before = gift.original_refunded_minor
        gift.original_refunded_minor += refund_delta(
            gross=gift.original_minor,
            refunded=before,
            amount=event.original_amount_minor,
            total=event.original_total_minor,
        )
        event.total_minor = gift.gross_minor * gift.original_refunded_minor // gift.original_minor
        return max(0, event.total_minor - gift.refunded_minor)
    return refund_delta(
        gross=gift.gross_minor, refunded=gift.refunded_minor, amount=event.amount_minor, total=event.total_minor
    )


def _append(campaign: Campaign, event: CampaignEvent, outcome: str) -> None:
    """Give the event its place in the campaign's order and save both."""
    campaign.last_position += 1
    event.position, event.outcome = campaign.last_position, outcome
    campaign.save(update_fields=["last_position"])
    event.save()


def _judge(campaign: Campaign, gift: Gift, event: CampaignEvent, dispute: Dispute, by: User) -> Gift:
    """Take a dispute's new status over to its gift; the accounts follow."""
    was_at_risk = _is_at_risk(gift)
    dispute.status, dispute.gift = event.status, gift
    dispute.save(update_fields=["status", "gift"])
    if event.status == LOST and gift.left_minor:
        return _give_back(campaign, gift, event, gift.left_minor, by, was_at_risk=was_at_risk)
    is_at_risk = _is_at_risk(gift)
    if is_at_risk != was_at_risk:
        before = campaign.sums()
        _count_risk(campaign, gift, 1 if is_at_risk else -1)
        campaign.save(update_fields=RISKS)
        _post(campaign, event, LedgerTransaction.Kind.DISPUTE, [before], [GiftEntry(gift=gift)], by)
    if event.status == OPEN:
        return _moved(gift, perform(gift.dispute, by=by)) if gift.state == Gift.State.SETTLED else gift
    if gift.state == Gift.State.DISPUTED and not is_at_risk:
        return _moved(gift, perform(gift.settle, by=by))
    return gift


def _is_at_risk(gift: Gift) -> bool:
    return Dispute.objects.open_about(gift).exists()


def _post(
    campaign: Campaign, event: CampaignEvent, kind: str, before: Sequence[Sums], entries: list[GiftEntry], by: User
) -> None:
    """Write what an event did: one ledger transaction that takes the accounts through the sums ``before`` to where the
    campaign's stand now.
    """
    pots = Pots(campaign)
    lines = [line for step in pairwise([*before, campaign.sums()]) for line in pots.lines(*step)]
    if not lines:
        return
    (transaction,) = pots.post([pots.posting(event.position, kind, lines)], by)
    for entry in entries:
        entry.transaction = transaction
    GiftEntry.objects.bulk_create(entries)


def _moved(before: Gift, after: Gift) -> Gift:
    """Return the fresh record with the donor that was loaded already."""
    after.donor = before.donor
    return after


def _give_back(
    campaign: Campaign, gift: Gift, event: CampaignEvent, delta: int, by: User, *, was_at_risk: bool | None = None
) -> Gift:
    """Take ``delta`` off a gift, lower its match (R6), hand on what that released (R7), in one ledger transaction.

    ``was_at_risk`` says whether the gift was in dispute before the event; None: as it is now.
    """
    if gift.original_minor:
        gift.original_refunded_minor = gift.original_minor if delta == gift.left_minor else gift.original_refunded_minor
        gift.save(update_fields=["original_refunded_minor"])
    if not delta:
        return gift
    before, is_at_risk = campaign.sums(), _is_at_risk(gift)
    if is_at_risk if was_at_risk is None else was_at_risk:
        _count_risk(campaign, gift, -1)
    released = _lower(campaign, gift, delta)
    if is_at_risk:
        _count_risk(campaign, gift, 1)
    served = [] if campaign.state == Campaign.State.CLOSED else _serve(campaign, released)
    campaign.refunded_minor += delta
    campaign.matched_minor -= released - sum(share for _, share in served)
    campaign.risk_match_minor += sum(share for other, share in served if other.state == Gift.State.DISPUTED)
    campaign.save(update_fields=["refunded_minor", "matched_minor", *RISKS])
    event.delta_minor = delta
    event.save(update_fields=["delta_minor"])
    entries = [
        GiftEntry(gift=gift, refunded_minor=delta, matched_minor=-released),
        *(GiftEntry(gift=other, matched_minor=share) for other, share in served),
    ]
    _post(campaign, event, LedgerTransaction.Kind.REFUND, [before], entries, by)
    bear_shortfall(campaign=campaign, by=by)
    facts = {"delta_minor": delta, "released_minor": released, "served": [[g.pk, share] for g, share in served]}
    if gift.left_minor or gift.state == Gift.State.REFUNDED:
        record("refunded_in_part", gift, by=by, note=event.reason, facts=facts)
        return gift
    return _moved(gift, perform(gift.refund, by=by, note=event.reason, facts=facts))


def _count_risk(campaign: Campaign, gift: Gift, sign: int) -> None:
    """Add a gift to what is at risk, or take it off."""
    campaign.risk_net_minor += sign * gift.net_minor
    campaign.risk_match_minor += sign * gift.matched_minor
    campaign.risk_fees_minor += sign * gift.fee_minor


def _lower(campaign: Campaign, gift: Gift, delta: int) -> int:
    """Take ``delta`` off a gift and lower its match and its donor's to what is left; returns the match released."""
    rule = campaign.rule
    sums = {"gross": gift.gross_minor, "fee": gift.fee_minor, "refunded": gift.refunded_minor + delta}
    released = max(0, gift.matched_minor - rule.ceiling(**sums))
    gift.refunded_minor += delta
    gift.matched_minor -= released
    gift.entitled_minor = rule.entitled(**sums) if gift.is_eligible else 0
    gift.save(update_fields=["refunded_minor", "matched_minor", "entitled_minor"])
    gift.donor.matched_minor -= released
    gift.donor.save(update_fields=["matched_minor"])
    return released


def _serve(campaign: Campaign, released: int) -> list[tuple[Gift, int]]:
    """Hand the released money to earlier under-matched gifts and save them; returns each with its share."""
    rule = campaign.rule
    donor_matched: dict[int | str, int] = {}
    gifts: dict[int | str, Gift] = {}

    def candidates() -> Iterator[Candidate]:
        rows = campaign.gifts.under_matched()
        if rule.donor_cap is not None:
            rows = rows.filter(donor__matched_minor__lt=rule.donor_cap)
        for gift in rows.iterator(chunk_size=200):
            gifts[gift.pk] = gift
            donor_matched.setdefault(gift.donor_id, gift.donor.matched_minor)
            yield Candidate(gift.pk, gift.donor_id, gift.entitled_minor, gift.matched_minor)

    if not released:
        return []
    shares = list(hand_on(rule, released=released, candidates=candidates(), donor_matched=donor_matched))
    served = [(gifts[candidate.gift], share) for candidate, share in shares]
    donors: dict[int, Donor] = {}
    for gift, share in served:
        gift.matched_minor += share
        donor = donors.setdefault(gift.donor_id, gift.donor)
        donor.matched_minor = donor_matched[gift.donor_id]
    Gift.objects.bulk_update([gift for gift, _ in served], ["matched_minor"])
    Donor.objects.bulk_update(list(donors.values()), ["matched_minor"])
    return served
