"""Gifts that have reached the funder and that nobody has recorded yet: closing their campaign costs them the match."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from grants.campaigns.models import Campaign
from grants.intake.models import GiftImport, HandGift


@dataclass(frozen=True)
class Arriving:
    """Of one campaign: gifts by hand that wait for a second person, with their gross sum in minor units, and files that
    are not recorded.
    """

    gifts: int = 0
    gross_minor: int = 0
    files: int = 0

    def __bool__(self) -> bool:
        return bool(self.gifts or self.files)


def arriving(campaign: Campaign) -> Arriving:
    """Count what is on its way into ``campaign``; nothing for one that is closed, since it matches no more gifts."""
    if campaign.state == Campaign.State.CLOSED:
        return Arriving()
    waiting = HandGift.objects.waiting().filter(campaign=campaign).order_by()
    sums = waiting.aggregate(gifts=Count("pk"), gross=Sum("gross_minor", default=0))
    files = GiftImport.objects.unfinished().filter(campaign=campaign).count()
    return Arriving(gifts=sums["gifts"], gross_minor=sums["gross"], files=files)
