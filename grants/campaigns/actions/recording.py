"""Recording gifts, one or many: matched in order under the campaign's lock, each with one ledger transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Any

from django.utils import timezone

from grants.campaigns.actions.bearing import sweep_pots
from grants.campaigns.actions.pots import Pots
from grants.campaigns.actions.reversals import apply_waiting
from grants.campaigns.eligibility import Judge
from grants.campaigns.known import Known, known_of
from grants.campaigns.models import Campaign, CampaignEvent, Donor, DonorDetails, Gift, GiftEntry
from grants.campaigns.rows import GiftRow, RowError, RowsRefused
from grants.funds.actions import Line
from grants.funds.models import LedgerTransaction
from grants.matching.matching import earned
from vetting_portal.bulk import insert_rows
from vetting_portal.models import User
from vetting_portal.money import plain
from vetting_portal.workflow import Refused, action, ask, lock, record

BATCH = 1000
SUMS = ["gross_minor", "fees_minor", "refunded_minor", "matched_minor", "gift_count", "last_position"]
# What the match of a gift rests on: of two wide records the columns that are read with each gift.
READ = (
    "slug", "currency", "cap_minor", "state", "risk_net_minor", "risk_match_minor", "risk_fees_minor", "paid_out_at",
    *SUMS,
    *(f"grant__{name}" for name in (
        "number", "state", "fund_id", "ratio_p", "ratio_q", "basis", "refund_policy", "donor_cap_minor",
        "gift_cap_minor", "window_starts_at", "window_ends_at", "submission__state",
        "submission__organisation__legal_name", "submission__organisation__local_name",
    )),
)  # fmt: skip


@dataclass(slots=True)
class Recorded:
    """What came of a file: how many gifts are new, and how many were there already."""

    recorded: int = 0
    repeated: int = 0


@action
def record_gift(*, campaign: Campaign, row: GiftRow, by: User, source: str = "") -> tuple[Gift, bool]:
    """Record one gift and match it; returns it and whether it is new (R12: the same key again changes nothing).

    Raises Refused before the campaign opens, RowsRefused for a wrong row or a key with other contents.
    """
    recorder = _record(campaign, [row], by, source, {})
    return recorder.known[row.key], bool(recorder.outcome.recorded)


@action
def record_gifts(
    *, campaign: Campaign, rows: Iterable[GiftRow], by: User, source: str = "", facts: dict[str, Any] | None = None
) -> Recorded:
    """Record gifts in the order given: all, or (one is refused) none; RowsRefused lists every refused one."""
    return _record(campaign, rows, by, source, facts or {}).outcome


def _record(campaign: Campaign, rows: Iterable[GiftRow], by: User, source: str, facts: dict[str, Any]) -> "_Recorder":
    """Lock the campaign, read with its grant what a match rests on, and record the rows."""
    ask(by, "grants.record_gift", campaign)
    campaign = _locked(campaign)
    if not campaign.takes_records:
        raise Refused(["The campaign is not open yet."], subject=campaign)
    recorder = _Recorder(campaign, by, source or campaign.slug)
    for batch in batched(rows, BATCH):
        recorder.take(batch)
    if recorder.errors:
        raise RowsRefused(recorder.errors)
    if recorder.outcome.recorded:
        record("gifts_recorded", campaign, by=by, facts={**recorder.facts(), **facts})
        sweep_pots(campaign=campaign, by=by)
    return recorder


def _locked(campaign: Campaign) -> Campaign:
    """Return the campaign, locked, and with its grant what recording reads. Where an amendment in the same moment lets
    the window end later, the gift counts as before it.
    """
    rows = Campaign.objects.select_related("grant__submission__organisation").only(*READ)
    (found,) = lock(rows.filter(pk=campaign.pk))
    locked: Campaign = found
    return locked


class _Recorder:
    """Records batches of rows on a locked campaign with a constant number of statements a batch."""

    def __init__(self, campaign: Campaign, by: User, source: str) -> None:
        self.campaign, self.by, self.source = campaign, by, source
        self.rule = campaign.rule
        self.outcome, self.known = Recorded(), dict[str, Gift]()
        self.errors: list[RowError] = []
        self.first_seq, self.gross_before = campaign.gift_count + 1, campaign.gross_minor

    def facts(self) -> dict[str, Any]:
        """Return what the trail says about these gifts: numbers and sums, nobody's name."""
        return {
            "source": self.source,
            "first_seq": self.first_seq,
            "last_seq": self.campaign.gift_count,
            "gross_minor": self.campaign.gross_minor - self.gross_before,
            "matched_minor_after": self.campaign.matched_minor,
        }

    def take(self, rows: Sequence[GiftRow]) -> None:
        """Record one batch; a refund or dispute that waits for one of its gifts is applied right after it."""
        there = known_of(self.campaign, self.source, rows)
        self.campaign.grant.is_shared = bool(there.shared)
        self.judge, self.pots = Judge(self.campaign, funder="".join(there.funder)), Pots(self.campaign)
        for part in _parts(rows, there.waiting):
            self._take_part(part, there)
            there.gift |= {row.key for row in part}
            there.donor |= {row.identity(self.source) for row in part}
            if part[-1].key in there.waiting and not self.errors:
                key = part[-1].key
                self.known[key] = apply_waiting(campaign=self.campaign, gift=self.known[key], by=self.by)
                self.pots = Pots(self.campaign)  # the accounts moved

    def _take_part(self, rows: Sequence[GiftRow], there: Known) -> None:
        known = self.known = self._recorded({row.key for row in rows} & there.gift)
        wanted = [row for row in rows if row.key not in known]
        donors = self._donors(wanted, there.donor)
        own = self.judge.own_addresses(wanted, users=there.user)
        fresh: list[Gift] = []
        for row in rows:
            if faults := list(row.faults(self.campaign.currency)):
                self.errors += [RowError(row.line, fault) for fault in faults]
            elif row.key in known:
                self._repeat(row, known[row.key])
            else:
                known[row.key] = self._match(row, donors[row.identity(self.source)], own)
                fresh.append(known[row.key])
        if fresh and not self.errors:
            self._write(fresh)

    def _repeat(self, row: GiftRow, gift: Gift) -> None:
        if difference := difference_from(row, gift, self.campaign):
            self.errors.append(RowError(row.line, difference))
        else:
            self.outcome.repeated += 1

    def _recorded(self, keys: set[str]) -> dict[str, Gift]:
        """Return the gifts with these keys that are recorded already."""
        if not keys:
            return {}
        found = Gift.objects.filter(source=self.source, key__in=keys).select_related("donor__details")
        return {gift.key: gift for gift in found}

    def _donors(self, rows: Sequence[GiftRow], there: set[str]) -> dict[str, Donor]:
        """Return the donor of each identity, known ones from the database, new ones not saved yet."""
        wanted = {row.identity(self.source): row for row in rows}
        donors: dict[str, Donor] = {}
        if known := there & wanted.keys():
            found = DonorDetails.objects.filter(campaign=self.campaign, identity__in=known).select_related("donor")
            donors = {details.identity: details.donor for details in found}
        for identity, row in wanted.items():
            if identity not in donors:
                donors[identity] = Donor(campaign=self.campaign)
                DonorDetails(
                    donor=donors[identity],
                    campaign=self.campaign,
                    identity=identity,
                    name=row.donor_name,
                    email=row.donor_email,
                )
        return donors

    def _match(self, row: GiftRow, donor: Donor, own: frozenset[str]) -> Gift:
        """Return the gift with its match, and move the sums it moves; nothing is saved yet."""
        campaign = self.campaign
        campaign.gift_count += 1
        campaign.last_position += 1
        reason = self.judge.why_not(row, own)
        entitled = 0 if reason else self.rule.entitled(gross=row.gross_minor, fee=row.fee_minor, refunded=0)
        room = campaign.available_minor
        matched = earned(self.rule, entitled=entitled, donor_matched=donor.matched_minor, room=room)
        campaign.gross_minor += row.gross_minor
        campaign.fees_minor += row.fee_minor
        campaign.matched_minor += matched
        donor.matched_minor += matched
        return Gift(
            campaign=campaign,
            source=self.source,
            key=row.key,
            seq=campaign.gift_count,
            position=campaign.last_position,
            donor=donor,
            received_at=row.received_at,
            currency=row.currency,
            gross_minor=row.gross_minor,
            fee_minor=row.fee_minor,
            original_currency=row.original_currency,
            original_minor=row.original_minor,
            rate=row.rate,
            entitled_minor=entitled,
            matched_minor=matched,
            ineligible_given=row.ineligible,
            ineligible_reason=reason,
            recorded_at=timezone.now(),
            recorded_by=self.by,
        )

    def _write(self, gifts: Sequence[Gift]) -> None:
        donors = {id(gift.donor): gift.donor for gift in gifts}.values()
        new = [donor for donor in donors if donor.pk is None]
        earning = {gift.donor.pk: gift.donor for gift in gifts if gift.matched_minor and gift.donor.pk is not None}
        Donor.objects.bulk_update(earning.values(), ["matched_minor"])
        Donor.objects.bulk_create(new)
        insert_rows(
            DonorDetails,
            ("donor", "campaign", "identity", "name", "email"),
            (
                (donor.pk, self.campaign.pk, donor.details.identity, donor.details.name, donor.details.email)
                for donor in new
            ),
        )
        Gift.objects.bulk_create(gifts)
        kind = LedgerTransaction.Kind.GIFT
        written = self.pots.post(
            [self.pots.posting(gift.position, kind, lines) for gift, lines in self._lines(gifts)], self.by
        )
        insert_rows(
            GiftEntry,
            ("gift", "transaction", "gross_minor", "fee_minor", "refunded_minor", "matched_minor"),
            (
                (gift.pk, entry.pk, gift.gross_minor, gift.fee_minor, 0, gift.matched_minor)
                for gift, entry in zip(gifts, written, strict=True)
            ),
        )
        self.campaign.save(update_fields=SUMS)
        self.outcome.recorded += len(gifts)

    def _lines(self, gifts: Sequence[Gift]) -> Iterator[tuple[Gift, list[Line]]]:
        """Yield each gift with what it moves on the accounts: told from the end, where the sums stand now."""
        told, sums = [], self.campaign.sums()
        for gift in reversed(gifts):
            before = replace(
                sums,
                raised=sums.raised - gift.gross_minor,
                fees=sums.fees - gift.fee_minor,
                matched=sums.matched - gift.matched_minor,
            )
            told.append((gift, self.pots.lines(before, sums)))
            sums = before
        yield from reversed(told)


def _parts(rows: Sequence[GiftRow], waiting: set[str]) -> Iterator[list[GiftRow]]:
    """Yield ``rows`` in order, cut after each one that something waits for."""
    part: list[GiftRow] = []
    for row in rows:
        part.append(row)
        if row.key in waiting:
            yield part
            part = []
    if part:
        yield part


def difference_from(row: GiftRow, gift: Gift, campaign: Campaign) -> str:
    """Return why ``row`` is not the same gift as the one recorded under its key, with both; or nothing."""
    if gift.campaign_id != campaign.pk:
        return f"The key {row.key} was recorded for another campaign."
    told = [
        f"{name} {_shown(before, gift)} before, {_shown(now, gift)} now"
        for name, before, now in _facts(row, gift)
        if before != now
    ]
    details = getattr(gift.donor, "details", None)  # none once the donor was erased
    if details is not None and details.identity != row.identity(gift.source):
        told.append("another donor")
    return f"The key {row.key} was recorded with other contents: {'; '.join(told)}." if told else ""


def _facts(row: GiftRow, gift: Gift) -> Iterator[tuple[str, Any, Any]]:
    """Yield each thing that must be the same, as it was recorded and as it is now."""
    fee = gift.fee_minor
    if fee != row.fee_minor and not row.fee_minor and gift.events.filter(kind=CampaignEvent.Kind.FEE).exists():
        fee = 0  # the row is from before its fee was told
    yield "gross", gift.gross_minor, row.gross_minor
    yield "fee", fee, row.fee_minor
    yield "currency", gift.currency, row.currency
    yield "received", gift.received_at, row.received_at
    yield "not matched because", gift.ineligible_given, row.ineligible
    yield "given in", gift.original_currency, row.original_currency
    yield "given (smallest units)", str(gift.original_minor), str(row.original_minor)
    yield "rate", gift.rate, row.rate


def _shown(value: Any, gift: Gift) -> str:
    if isinstance(value, int):
        return plain(value, gift.currency)
    return value.isoformat() if isinstance(value, datetime) else value or "nothing"
