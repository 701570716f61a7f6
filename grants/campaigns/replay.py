"""Every campaign told again from its gifts and events, in the order of recording, by the pure rule."""

from collections.abc import Iterator

from grants.campaigns.models import Campaign, CampaignEvent, Gift
from grants.matching.book import Book
from grants.matching.events import (
    CapEvent,
    CloseEvent,
    DisputeEvent,
    EligibilityEvent,
    Event,
    FeeEvent,
    GiftEvent,
    RefundEvent,
)


def events_of(campaign: Campaign) -> list[tuple[int, Event]]:
    """Return every gift and event of the campaign with its position, in the order of recording."""
    return sorted([*_gifts(campaign), *_events(campaign)], key=lambda item: item[0])


def book_of(campaign: Campaign) -> Book:
    """Return the campaign as the pure rule has it after every gift and event."""
    book = Book(campaign.rule, cap=campaign.cap_at_start_minor)
    for position, event in events_of(campaign):
        book.play(position, event)
    return book


def _name(source: str, key: str) -> str:
    return f"{source}\n{key}"


def _gifts(campaign: Campaign) -> Iterator[tuple[int, Event]]:
    corrected = campaign.events.filter(kind=CampaignEvent.Kind.ELIGIBILITY).order_by("-position")
    first_reasons = dict(corrected.values_list("gift_id", "ineligible_before"))
    fees_told = set(campaign.events.filter(kind=CampaignEvent.Kind.FEE).values_list("gift_id", flat=True))
    for gift in campaign.gifts.order_by("position").iterator(chunk_size=2000):
        gift.ineligible_reason = first_reasons.get(gift.pk, gift.ineligible_reason)
        gift.fee_minor = 0 if gift.pk in fees_told else gift.fee_minor
        yield gift.position, _gift_event(gift)


def _gift_event(gift: Gift) -> GiftEvent:
    """Return the gift as it was recorded."""
    return GiftEvent(
        key=_name(gift.source, gift.key),
        donor=str(gift.donor_id),
        gross=gift.gross_minor,
        fee=gift.fee_minor,
        at=gift.received_at,
        ineligible=gift.ineligible_reason,
    )


def _events(campaign: Campaign) -> Iterator[tuple[int, Event]]:
    for event in campaign.events.select_related("gift").order_by("position").iterator(chunk_size=2000):
        gift = _name(event.gift_source, event.gift_key)
        if _is_foreign_and_did_nothing(event):
            continue
        if event.kind == CampaignEvent.Kind.REFUND:
            yield event.position, RefundEvent(gift, event.key or None, event.amount_minor, event.total_minor)
        elif event.kind == CampaignEvent.Kind.DISPUTE:
            yield event.position, DisputeEvent(gift, event.key, event.status)
        elif event.kind == CampaignEvent.Kind.ELIGIBILITY:
            yield event.position, EligibilityEvent(gift, event.ineligible)
        elif event.kind == CampaignEvent.Kind.FEE:
            yield event.position, FeeEvent(gift, event.fee_minor or 0)
        elif event.kind == CampaignEvent.Kind.CAP:
            yield event.position, CapEvent(event.cap_minor or 0)
        elif event.at is not None:
            yield event.position, CloseEvent(event.at)


def _is_foreign_and_did_nothing(event: CampaignEvent) -> bool:
    """Whether a refund in another currency waits or was refused: only an applied one has its amount reckoned."""
    is_foreign = event.original_currency or (event.gift is not None and event.gift.in_original)
    is_refund = event.kind == CampaignEvent.Kind.REFUND
    return bool(is_refund and is_foreign and event.outcome != CampaignEvent.Outcome.APPLIED)


def differences(campaign: Campaign) -> Iterator[str]:
    """Yield where the stored figures differ from the campaign told again."""
    book = book_of(campaign)
    stored = campaign.gifts.order_by("seq").values_list("source", "key", "refunded_minor", "matched_minor")
    for source, key, refunded, matched in stored.iterator(chunk_size=2000):
        told = book.gifts[_name(source, key)]
        if (told.refunded, told.matched) != (refunded, matched):
            yield f"gift {key}: refunded {refunded}, matched {matched}; told again {told.refunded}, {told.matched}"
    answer = book.answer()
    risk = campaign.at_risk()
    for name, value in (
        ("gross", campaign.raised_minor),
        ("fees", campaign.fees_minor),
        ("matched", campaign.matched_minor),
        ("payable", campaign.payable_minor() - campaign.fee_top_up_minor(risk)),
        ("at_risk_match", risk["match"]),
    ):
        if answer[name] != value:
            yield f"{name} is {value}; told again {answer[name]}"
    if campaign.frozen_matched_minor != book.statement:
        yield f"the statement has {campaign.frozen_matched_minor}; told again {book.statement}"
