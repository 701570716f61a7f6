"""What must be true of what comes in."""

from collections.abc import Callable, Iterator

from django.db.models import Count, F

from grants.campaigns.models import Gift
from grants.intake.models import GiftImport, StagedGift, StripeEvent, StripePayer
from grants.intake.models.stripe import SOURCE


def nothing_stays_staged() -> Iterator[str]:
    """Of an import that has ended no line is left, and so no donor's name."""
    ended = GiftImport.objects.ended().filter(pk__in=StagedGift.objects.values("gift_import"))
    for found in ended.order_by("pk"):
        yield f"import {found.pk} has ended and has lines staged"


def counts_are_lines() -> Iterator[str]:
    """An import that reads or records has staged what it has not recorded yet."""
    rows = GiftImport.objects.unfinished().annotate(left=Count("staged"))
    for found in rows.exclude(left=F("staged_count") - F("recorded_count") - F("repeated_count")).order_by("pk"):
        yield f"import {found.pk}: {found.left} lines are staged, its counts say otherwise"


def every_event_has_its_outcome() -> Iterator[str]:
    """Each of Stripe's events says what came of it."""
    for event in StripeEvent.objects.filter(outcome__isnull=True).order_by("pk"):
        yield f"Stripe's event {event.event_id} has no outcome"


def payers_wait_for_their_gift() -> Iterator[str]:
    """Nobody is kept as a payer whose gift is recorded: only the donor's details, which can be erased, name them."""
    recorded = Gift.objects.filter(source=SOURCE).values("key")
    for payer in StripePayer.objects.filter(charge_id__in=recorded).order_by("pk"):
        yield f"charge {payer.charge_id} is a gift and its payer is still kept apart"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    nothing_stays_staged,
    counts_are_lines,
    every_event_has_its_outcome,
    payers_wait_for_their_gift,
]
