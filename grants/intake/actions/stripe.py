"""What Stripe tells: kept once, then applied to the campaign that the charge names, in whatever order it comes.

An event's outcome is locked before anything of the campaign: nothing locks it after.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.utils import timezone

from grants.campaigns.actions import note_dispute_response, record_dispute, record_gift, refund_gift, tell_fee
from grants.campaigns.models import Campaign, Dispute, Gift
from grants.campaigns.rows import GiftRow
from grants.intake.models import ChargeAssignment, StripeEvent, StripeOutcome, StripePayer, WebhookRefusal
from grants.intake.models.stripe import SOURCE
from grants.intake.stripe_events import (
    DISPUTES,
    REFUNDED,
    STATUSES,
    TELLS_OF_CHARGE,
    UNDER_REVIEW,
    Charge,
    NotAnEvent,
    charge_id_of,
    kept_of,
    payer_of,
)
from vetting_portal.models import Funder, User
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, action, ask, lock, record

Outcome = StripeOutcome.Outcome


class Left(Exception):
    """An event cannot be applied now: how it is left, and why."""

    def __init__(self, outcome: str, reason: str) -> None:
        self.outcome, self.reason = outcome, reason
        super().__init__(reason)


@action
def take_event(*, content: Mapping[str, Any], by: User) -> StripeEvent:
    """Keep an event that Stripe signed, without its donor, and enqueue its application; an id counts once.

    Who paid is kept apart until the gift is recorded, and then only in the donor's details.
    """
    ask(by, "grants.take_stripe")
    kept = kept_of(content)
    charge_id = charge_id_of(kept)
    event, is_new = StripeEvent.objects.get_or_create(
        event_id=kept["id"][:80],
        defaults={
            "kind": kept["type"][:80],
            "charge_id": charge_id[:80],
            "created_at": datetime.fromtimestamp(kept["created"], tz=UTC),
            "content": kept,
        },
    )
    if not is_new:
        return event
    StripeOutcome.objects.create(event=event)
    if kept["type"] in TELLS_OF_CHARGE:
        _keep_payer(charge_id, content)
    record("stripe_event_kept", event, by=by, facts={"kind": event.kind, "charge": charge_id})
    apply_event_task.enqueue(event.pk)
    return event


def _keep_payer(charge_id: str, content: Mapping[str, Any]) -> None:
    """Keep who paid, where the charge is no gift yet and was not called none of ours."""
    name, email = payer_of(content)
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    known = Gift.objects.filter(source=SOURCE, key=charge_id).exists()
    if known or not (name or email) or ChargeAssignment.objects.filter(charge_id=charge_id, campaign=None).exists():
        return
    StripePayer.objects.update_or_create(charge_id=charge_id, defaults={"name": name, "email": email})


@action
def apply_event(*, event: StripeEvent, by: User, again: bool = False) -> StripeOutcome:
    """Apply a kept event to its campaign; one that is applied stays as it is, unless it is to be played ``again``.

    Raises Left where it cannot be applied now, and what the campaign's own actions refuse; then nothing is changed.
    """
    ask(by, "grants.take_stripe")
    outcome: StripeOutcome = lock(StripeOutcome.objects.get(event=event))
    if outcome.outcome not in StripeOutcome.OPEN and not again:
        return outcome
    campaign, reason = _play(event, by)
    if outcome.outcome not in StripeOutcome.OPEN:
        return outcome
    outcome.campaign, outcome.reason, outcome.handled_at = campaign, reason, timezone.now()
    outcome.outcome = Outcome.APPLIED if campaign else Outcome.IGNORED
    outcome.save()
    record("stripe_event_handled", event, by=by, facts={"outcome": outcome.outcome, "charge": event.charge_id})
    others = StripeOutcome.objects.filter(event__charge_id=event.charge_id, outcome__in=StripeOutcome.OPEN)
    if event.charge_id and campaign:
        for waiting in others.exclude(pk=outcome.pk).order_by("event__created_at", "pk"):
            apply_event_task.enqueue(waiting.pk)
    return outcome


@action
def leave_event(*, event: StripeEvent, outcome: str, reason: str, by: User) -> StripeOutcome:
    """Note why an event is not applied now; one that was applied before stays so."""
    ask(by, "grants.take_stripe")
    found: StripeOutcome = lock(StripeOutcome.objects.get(event=event))
    if found.outcome in StripeOutcome.OPEN and (found.outcome, found.reason) != (outcome, reason[:300]):
        found.outcome, found.reason = outcome, reason[:300]
        found.save(update_fields=["outcome", "reason"])
        record("stripe_event_left", event, by=by, facts={"outcome": outcome})
    return found


@action
def assign_charge(*, event: StripeEvent, campaign: Campaign | None, by: User) -> ChargeAssignment:
    """Say whose charge an event is about where it names no campaign that there is; None: no gift of ours.

    Its events are applied then, in Stripe's order. Raises Refused where the charge is recorded or assigned already.
    """
    ask(by, "grants.assign_charge", event)
    lock(StripeOutcome.objects.get(event=event))
    charge_id = event.charge_id
    taken = ChargeAssignment.objects.filter(charge_id=charge_id).exists()
    if not charge_id or taken or Gift.objects.filter(source=SOURCE, key=charge_id).exists():
        raise Refused(["This charge is recorded or assigned already."], subject=event)
    made = ChargeAssignment.objects.create(
        charge_id=charge_id, campaign=campaign, assigned_at=timezone.now(), assigned_by=by
    )
    if campaign is None:
        StripePayer.objects.filter(charge_id=charge_id).delete()
    record("charge_assigned", event, by=by, facts={"charge": charge_id, "campaign": campaign.slug if campaign else ""})
    for one in StripeEvent.objects.to_look_at().filter(charge_id=charge_id).order_by("created_at", "pk"):
        apply_event_task.enqueue(one.pk)
    return made


@action
def count_refusal(*, reason: str, by: User) -> None:
    """Count a message that was not taken, by hour and reason; nothing of it is kept, and the trail does not grow."""
    ask(by, "grants.take_stripe")
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    found, is_new = WebhookRefusal.objects.get_or_create(hour_at=hour, reason=reason[:100], defaults={"last_at": now})
    if not is_new:
        WebhookRefusal.objects.filter(pk=found.pk).update(count=F("count") + 1, last_at=now)


def settle_event(event: StripeEvent, by: User, *, again: bool = False) -> StripeOutcome:
    """Apply an event, or note why it is left."""
    try:
        return apply_event(event=event, by=by, again=again)
    except Left as left:
        return leave_event(event=event, outcome=left.outcome, reason=left.reason, by=by)
    except Refused as refusal:
        return leave_event(event=event, outcome=Outcome.WAITING, reason=" ".join(refusal.blockers), by=by)
    except ValidationError as error:
        return leave_event(event=event, outcome=Outcome.REFUSED, reason=" ".join(error.messages), by=by)


def _play(event: StripeEvent, by: User) -> tuple[Campaign | None, str]:
    """Return the campaign that the event was applied to, or None and why there is nothing to do."""
    funder = Funder.objects.current_or_none()
    if not event.content["livemode"] and funder is not None and not funder.is_example:
        return None, "A test event: only an example installation applies these."
    try:
        if event.kind in TELLS_OF_CHARGE:
            return _tell_of_charge(event, Charge.of(event.content), by)
        if event.kind == REFUNDED:
            return _refund(event, Charge.of(event.content), by)
    except NotAnEvent as error:
        raise Left(Outcome.REFUSED, str(error)) from None
    if event.kind in DISPUTES:
        return _dispute(event, by)
    return None, "Nothing follows from this kind of event."


def _campaign_of(event: StripeEvent) -> Campaign | None:
    """Return whose charge it is: by finance's word, else by what any event of the charge says; None: no gift of ours.

    Raises Left where nobody knows.
    """
    if assigned := ChargeAssignment.objects.filter(charge_id=event.charge_id).select_related("campaign").first():
        return assigned.campaign
    if gift := Gift.objects.filter(source=SOURCE, key=event.charge_id).select_related("campaign").first():
        return gift.campaign
    told = [event, *StripeEvent.objects.of_charge(event.charge_id).exclude(pk=event.pk)]
    slugs = [slug for one in told if (slug := one.content["object"]["metadata"].get("campaign"))]
    if not slugs:
        if event.kind in DISPUTES and len(told) == 1:
            raise Left(Outcome.WAITING, "Its charge has not come yet.")
        raise Left(Outcome.UNASSIGNED, "The charge names no campaign.")
    found = Campaign.objects.filter(slug=slugs[0]).first()
    if found is None:
        raise Left(Outcome.UNASSIGNED, f"There is no campaign {slugs[0]}.")
    return found


def _tell_of_charge(event: StripeEvent, charge: Charge, by: User) -> tuple[Campaign | None, str]:
    """Record a paid charge as a gift, once; a fee that comes later is told once."""
    if not charge.is_paid:
        return None, "The charge is not paid."
    campaign = _campaign_of(event)
    if campaign is None:
        return None, "No gift of ours."
    gift = Gift.objects.filter(source=SOURCE, key=charge.id).select_related("campaign").first()
    if gift is None:
        row = _row(charge, campaign)
        record_gift(campaign=campaign, row=row, by=by, source=SOURCE)
        StripePayer.objects.filter(charge_id=charge.id).delete()
        return campaign, ""
    given = (gift.original_minor, gift.original_currency) if gift.in_original else (gift.gross_minor, gift.currency)
    if given != (charge.amount, charge.currency):
        said = f"recorded with {given[0]} {given[1]}, now told with {charge.amount} {charge.currency}"
        raise ValidationError(f"The charge {charge.id} was {said} (smallest units).")
    if charge.fee_minor and charge.settled_currency == gift.currency and charge.fee_minor != gift.fee_minor:
        tell_fee(campaign=campaign, gift_key=charge.id, fee_minor=charge.fee_minor, by=by, source=SOURCE)
    return campaign, ""


def _row(charge: Charge, campaign: Campaign) -> GiftRow:
    """Return a charge as a gift: in the campaign's currency as it is; another one as it was settled (R9)."""
    payer = StripePayer.objects.filter(charge_id=charge.id).first()
    is_settled = charge.settled_currency == campaign.currency and charge.settled_minor is not None
    gross, original = charge.amount, {}
    if charge.currency != campaign.currency:
        if not is_settled or not charge.rate:
            raise Left(
                Outcome.WAITING, f"What {charge.currency} it was settled at in {campaign.currency} is not told yet."
            )
        gross = charge.settled_minor or 0
        original = {
            "original_currency": charge.currency, "original_minor": charge.amount, "rate": charge.rate[:24],
        }  # fmt: skip
    return GiftRow(
        key=charge.id,
        gross_minor=gross,
        fee_minor=(charge.fee_minor or 0) if is_settled else 0,
        currency=campaign.currency,
        received_at=charge.received_at,
        donor_name=payer.name if payer else "",
        donor_email=payer.email if payer else "",
        **original,  # type: ignore[arg-type]
    )


def _refund(event: StripeEvent, charge: Charge, by: User) -> tuple[Campaign | None, str]:
    """Refund up to the total that Stripe reports; before its gift the campaign keeps it."""
    if not charge.refunded:
        return None, "Nothing was refunded."
    campaign = _campaign_of(event)
    if campaign is None:
        return None, "No gift of ours."
    done = refund_gift(
        campaign=campaign,
        gift_key=charge.id,
        by=by,
        source=SOURCE,
        total_minor=charge.refunded,
        refund_key=f"{charge.id}/{charge.refunded}",
        reason="Stripe refunded it.",
        currency=charge.currency,
    )
    return campaign, "" if done.gift else "Kept: it is applied when its gift comes."


def _dispute(event: StripeEvent, by: User) -> tuple[Campaign | None, str]:
    """Note where a dispute stands; before its gift the campaign keeps it."""
    thing = event.content["object"]
    status = STATUSES.get(str(thing.get("status")))
    if status is None or not event.charge_id:
        raise Left(Outcome.REFUSED, f"A dispute with the status {thing.get('status')} is not known here.")
    campaign = _campaign_of(event)
    if campaign is None:
        return None, "No gift of ours."
    dispute = record_dispute(
        campaign=campaign,
        gift_key=event.charge_id,
        dispute_key=str(thing["id"]),
        status=status,
        by=by,
        source=SOURCE,
    )
    if status == Dispute.Status.OPEN:
        needs_response = thing["status"] not in UNDER_REVIEW
        note_dispute_response(dispute=dispute, needs_response=needs_response, at=event.created_at, by=by)
    return campaign, ""


@background()
def apply_event_task(event_id: int) -> None:
    """Apply a kept event; applied before, it stays so."""
    settle_event(StripeEvent.objects.get(pk=event_id), User.objects.system("stripe"))
