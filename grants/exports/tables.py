"""The tables that finance needs, each with its columns: the amounts in major units, their currency in one of its own.

Rows are read from the database as they are sent, so that a file of any length takes the same memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from grants.campaigns.models import Campaign, CampaignEvent, Gift, GiftEntry
from grants.exports.cells import Amount, Value
from grants.funds.models import LedgerLine, LedgerTransaction, MatchFund
from grants.payments.due import Payment, payments_of
from grants.payments.models import Tranche
from grants.reports.models import Report
from vetting_portal.models import User

CHUNK = 1000  # records that are fetched together


@dataclass(frozen=True)
class Table:
    """One file: its name in addresses, what it holds in words, its columns, whose records, and the cells of each.

    ``private`` are the last columns: only those who may read how a donor is reached get them.
    """

    name: str
    title: str
    about: str
    head: Sequence[str]
    records: Callable[[User], Iterable[Any]]
    cells: Callable[[Any], Sequence[Value]]
    private: Sequence[str] = ()

    def columns(self, by: User) -> list[str]:
        """Return the columns that ``by`` gets."""
        return [*self.head, *(self.private if by.has_perm("grants.export_donor_addresses") else ())]

    def rows(self, by: User) -> Iterator[Sequence[Value]]:
        """Yield what ``by`` may read, in the order of the records; they are fetched as they are asked for."""
        width = len(self.columns(by))
        return (self.cells(record)[:width] for record in self.records(by))


def _flowing(rows: QuerySet[Any]) -> Iterator[Any]:
    return rows.iterator(chunk_size=CHUNK)


def _campaigns(by: User) -> QuerySet[Campaign]:
    return Campaign.objects.visible_to(by)


def _gifts(by: User) -> Iterator[Gift]:
    rows = Gift.objects.visible_to(by).select_related("campaign__grant", "donor__details")
    return _flowing(rows.order_by("campaign_id", "seq"))


def _gift_cells(gift: Gift) -> list[Value]:
    sums = (gift.gross_minor, gift.fee_minor, gift.refunded_minor, gift.net_minor)
    return [
        gift.campaign.grant.number,
        gift.campaign.slug,
        gift.seq,
        gift.source,
        gift.key,
        gift.received_at,
        gift.recorded_at,
        gift.get_state_display(),
        gift.currency,
        *(Amount(minor, gift.currency) for minor in (*sums, gift.entitled_minor, gift.matched_minor)),
        gift.ineligible_reason,
        gift.donor_id,
        gift.donor_name,
        "" if gift.donor.erased_at else gift.donor.details.email,
    ]


def _reversals(by: User) -> Iterator[CampaignEvent]:
    kinds = (CampaignEvent.Kind.REFUND, CampaignEvent.Kind.DISPUTE)
    rows = CampaignEvent.objects.filter(campaign__in=_campaigns(by), kind__in=kinds)
    return _flowing(rows.select_related("campaign__grant").order_by("campaign_id", "position"))


def _reversal_cells(event: CampaignEvent) -> list[Value]:
    currency = event.campaign.currency
    return [
        event.campaign.grant.number,
        event.campaign.slug,
        event.position,
        event.get_kind_display(),
        event.status,
        event.key,
        event.gift_source,
        event.gift_key,
        event.recorded_at,
        event.get_outcome_display(),
        currency,
        *(Amount(minor, currency) for minor in (event.amount_minor, event.total_minor, event.delta_minor)),
        event.reason,
    ]


def _matches(by: User) -> Iterator[GiftEntry]:
    rows = GiftEntry.objects.filter(gift__campaign__in=_campaigns(by)).exclude(matched_minor=0)
    return _flowing(rows.select_related("gift__campaign__grant", "transaction").order_by("pk"))


def _match_cells(entry: GiftEntry) -> list[Value]:
    gift, entered = entry.gift, entry.transaction
    return [
        gift.campaign.grant.number,
        gift.campaign.slug,
        gift.seq,
        gift.key,
        entered.pk,
        entered.get_kind_display(),
        entered.at,
        gift.currency,
        Amount(entry.matched_minor, gift.currency),
    ]


def _transactions(by: User) -> Iterator[LedgerTransaction]:
    moved = LedgerLine.objects.filter(transaction=OuterRef("pk"), amount_minor__gt=0).order_by().values("transaction")
    rows = LedgerTransaction.objects.filter(fund__in=MatchFund.objects.visible_to(by)).select_related("fund", "by")
    rows = rows.annotate(moved_minor=Subquery(moved.annotate(sum=Sum("amount_minor")).values("sum")))
    return _flowing(rows.order_by("pk"))


def _transaction_cells(entered: Any) -> list[Value]:
    return [
        entered.pk,
        entered.key,
        entered.get_kind_display(),
        entered.fund.name,
        entered.reference,
        entered.note,
        entered.by.name,
        entered.at,
        entered.fund.currency,
        Amount(entered.moved_minor or 0, entered.fund.currency),
    ]


def _lines(by: User) -> Iterator[LedgerLine]:
    rows = LedgerLine.objects.filter(transaction__fund__in=MatchFund.objects.visible_to(by))
    return _flowing(rows.select_related("transaction", "account__fund").order_by("pk"))


def _line_cells(line: LedgerLine) -> list[Value]:
    account, entered = line.account, line.transaction
    return [
        entered.pk,
        entered.key,
        entered.get_kind_display(),
        entered.at,
        account.fund.name,
        account.get_kind_display(),
        account.reference,
        account.currency,
        Amount(line.amount_minor, account.currency),
    ]


def _funds(by: User) -> Iterator[MatchFund]:
    return _flowing(MatchFund.objects.visible_to(by).for_list())


def _fund_cells(fund: Any) -> list[Value]:
    sums = (fund.free_minor, fund.reserved_minor, fund.matched_minor, fund.at_risk_minor, fund.total_minor)
    return [
        fund.name,
        fund.purpose,
        fund.created_at,
        fund.currency,
        *(Amount(minor, fund.currency) for minor in sums),
    ]


def _tranches(by: User) -> Iterator[Payment]:
    """Yield each payment with what it comes to: as it was released, or as payable stands today."""
    rows = Tranche.objects.visible_to(by).select_related("grant__submission__organisation", "grant__campaign")
    for _, group in groupby(_flowing(rows.order_by("grant_id", "number")), key=lambda tranche: tranche.grant_id):
        yield from payments_of(next(group).grant.campaign)


def _tranche_cells(found: Payment) -> list[Value]:
    tranche, grant = found.tranche, found.tranche.grant
    return [
        grant.number,
        grant.submission.organisation.legal_name,
        tranche.number,
        tranche.share,
        tranche.condition,
        tranche.due_on,
        tranche.get_state_display(),
        grant.currency,
        Amount(found.amount_minor, grant.currency),
        Amount(found.netted_minor, grant.currency),
        tranche.released_at,
        tranche.paid_on,
        tranche.bank_reference if tranche.paid_on else "",
    ]


def _reports(by: User) -> Iterator[Report]:
    rows = Report.objects.visible_to(by).select_related("grant__submission__organisation")
    return _flowing(rows.order_by("grant_id", "number"))


def _report_cells(report: Report) -> list[Value]:
    grant, local = report.grant, report.local_currency
    return [
        grant.number,
        grant.submission.organisation.legal_name,
        report.number,
        report.title,
        report.due_on,
        report.get_state_display(),
        report.submitted_at,
        report.accepted_at,
        grant.currency,
        Amount(report.received_minor, grant.currency),
        Amount(report.charges_minor, grant.currency),
        report.rate,
        local,
        Amount(report.spent_local_minor, local),
    ]


TABLES = {
    table.name: table
    for table in (
        Table(
            "gifts", "Gifts", "Every gift with its fee, what was refunded of it and what it earned.",
            ("grant", "campaign", "no", "source", "key", "received_at", "recorded_at", "state", "currency", "gross",
             "fee", "refunded", "net", "could_earn", "matched", "not_matched_because", "donor_no", "donor"),
            _gifts, _gift_cells, private=("donor_email",),
        ),
        Table(
            "refunds", "Refunds and disputes", "What was asked back, and what came of it.",
            ("grant", "campaign", "position", "kind", "status", "key", "gift_source", "gift_key", "recorded_at",
             "outcome", "currency", "asked", "asked_in_all", "taken_off_the_gift", "reason"),
            _reversals, _reversal_cells,
        ),
        Table(
            "matches", "Matches", "Each change of a gift’s match, with the ledger transaction that made it.",
            ("grant", "campaign", "gift_no", "gift_key", "transaction", "kind", "at", "currency", "matched"),
            _matches, _match_cells,
        ),
        Table(
            "ledger-transactions", "Ledger transactions", "One line a transaction, with what it moved.",
            ("transaction", "key", "kind", "fund", "reference", "note", "by", "at", "currency", "moved"),
            _transactions, _transaction_cells,
        ),
        Table(
            "ledger-lines", "Ledger lines", "Every amount on every account; the lines of a transaction sum to zero.",
            ("transaction", "key", "kind", "at", "fund", "account", "reference", "currency", "amount"),
            _lines, _line_cells,
        ),
        Table(
            "funds", "Match funds", "What each fund holds free, has reserved and matched, and holds back for disputes.",
            ("fund", "purpose", "created_at", "currency", "free", "reserved", "matched", "at_risk", "total"),
            _funds, _fund_cells,
        ),
        Table(
            "payments", "Payments", "What each payment comes to, what refunds took off, when it was paid.",
            ("grant", "partner", "no", "share", "condition", "not_before", "state", "currency", "amount",
             "netted", "released_at", "paid_on", "bank_reference"),
            _tranches, _tranche_cells,
        ),
        Table(
            "reports", "Reports", "What partners received and spent, as they reported it.",
            ("grant", "partner", "no", "report", "due_on", "state", "sent_at", "accepted_at", "currency", "received",
             "bank_charges", "rate", "local_currency", "spent_local"),
            _reports, _report_cells,
        ),
    )
}  # fmt: skip
