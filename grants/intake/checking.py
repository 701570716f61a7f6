"""A staged file tried before anything is recorded: which keys clash, and what the rest would be matched with."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from grants.campaigns.actions.recording import difference_from
from grants.campaigns.eligibility import Judge
from grants.campaigns.models import Campaign, CampaignEvent, DonorDetails, Gift
from grants.campaigns.rows import GiftRow, RowError
from grants.intake.models import GiftImport, StagedGift
from grants.matching.matching import earned

BATCH = 1000


def staged_batches(gift_import: GiftImport) -> Iterator[list[GiftRow]]:
    """Yield the staged lines in order, in batches; only one batch is held at a time."""
    last = 0
    while batch := gift_import.staged.rows(after=last, most=BATCH):
        yield batch
        last = batch[-1].line


def clashes_inside(gift_import: GiftImport) -> Iterator[RowError]:
    """Yield the lines whose key an earlier line of the same file has with other contents."""
    keys = gift_import.staged.order_by().values("key").annotate(times=Count("pk")).filter(times__gt=1)
    for key in keys.values_list("key", flat=True).iterator(chunk_size=BATCH):
        first, *others = gift_import.staged.filter(key=key).order_by("line")
        wanted = _contents(first)
        for other in others:
            if _contents(other) != wanted:
                yield RowError(other.line, f"The key {key} stands in line {first.line} with other contents.")


def _contents(staged: StagedGift) -> list[Any]:
    return [getattr(staged, name) for name in StagedGift.FIELDS if name != "line"]


class Trial:
    """Plays a file against the campaign as it stands, batch by batch; writes nothing.

    Memory does not grow with the file, but for one number a donor where the match has a cap per donor.
    """

    def __init__(self, gift_import: GiftImport) -> None:
        self.campaign: Campaign = Campaign.objects.with_grant().get(pk=gift_import.campaign_id)
        self.source, self.rule = gift_import.source, self.campaign.rule
        self.judge = Judge(self.campaign)
        self.room = self.campaign.available_minor
        self.donors: dict[str, int] = {}
        self.sums = dict.fromkeys(("gifts", "repeated", "gross", "fees", "matched", "not_matched"), 0)
        self.reasons: dict[str, int] = {}
        waiting = CampaignEvent.objects.waiting().filter(campaign=self.campaign, gift_source=self.source)
        self.waits = waiting.exists()

    def take(self, rows: list[GiftRow]) -> list[RowError]:
        """Try one batch; returns the lines whose key is recorded with other contents."""
        found = Gift.objects.filter(source=self.source, key__in=[row.key for row in rows])
        known: dict[str, Gift | None] = {gift.key: gift for gift in found.select_related("donor__details")}
        own = self.judge.own_addresses(rows)
        self._learn(rows)
        errors = []
        for row in rows:
            if row.key not in known:
                self._earn(row, own)
                known[row.key] = None
            elif (gift := known[row.key]) is not None and (said := difference_from(row, gift, self.campaign)):
                errors.append(RowError(row.line, said))
            else:
                self.sums["repeated"] += 1
        return errors

    def _learn(self, rows: list[GiftRow]) -> None:
        """Read what the donors of these rows have earned, where that counts."""
        if self.rule.donor_cap is None:
            return
        wanted = {row.identity(self.source) for row in rows} - self.donors.keys()
        found = DonorDetails.objects.filter(campaign=self.campaign, identity__in=wanted)
        self.donors.update(found.values_list("identity", "donor__matched_minor"))

    def _earn(self, row: GiftRow, own: frozenset[str]) -> None:
        reason, identity = self.judge.why_not(row, own), row.identity(self.source)
        entitled = 0 if reason else self.rule.entitled(gross=row.gross_minor, fee=row.fee_minor, refunded=0)
        share = earned(self.rule, entitled=entitled, donor_matched=self.donors.get(identity, 0), room=self.room)
        self.room -= share
        if self.rule.donor_cap is not None:
            self.donors[identity] = self.donors.get(identity, 0) + share
        self.sums["gifts"] += 1
        self.sums["gross"] += row.gross_minor
        self.sums["fees"] += row.fee_minor
        self.sums["matched"] += share
        if reason:
            self.sums["not_matched"] += 1
            self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def estimate(self) -> dict[str, Any]:
        """Return what would be recorded, in minor units, as the campaign stands now."""
        reasons = [{"reason": reason, "gifts": times} for reason, times in sorted(self.reasons.items())]
        return {**self.sums, "available": self.room, "reasons": reasons, "waits": self.waits}
