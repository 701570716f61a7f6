"""The ledger accounts of one grant, and the lines that gifts, refunds and matches write on them."""

from grants.campaigns.models import Campaign
from grants.funds.actions import Line
from grants.funds.models import Account

KINDS = (Account.Kind.DONORS, Account.Kind.GIFTS, Account.Kind.FEES, Account.Kind.RESERVED, Account.Kind.MATCHED)


class Pots:
    """The accounts of a campaign's grant, read once; missing ones are made."""

    def __init__(self, campaign: Campaign) -> None:
        self.fund, self.reference = campaign.grant.fund, campaign.grant.number
        found = Account.objects.filter(fund=self.fund, reference=self.reference, kind__in=KINDS)
        self.accounts: dict[str, Account] = {row.kind: row for row in found}
        for kind in KINDS:
            if kind not in self.accounts:
                self.accounts[kind] = Account.objects.of(fund=self.fund, kind=kind, reference=self.reference)

    def gift(self, *, gross: int, fee: int, matched: int) -> list[Line]:
        """Return the lines of a gift: from its donor to the partner's pot and the fee; its match from the reserve."""
        kind = Account.Kind
        return [
            (self.accounts[kind.DONORS], -gross),
            (self.accounts[kind.FEES], fee),
            (self.accounts[kind.GIFTS], gross - fee),
            (self.accounts[kind.RESERVED], -matched),
            (self.accounts[kind.MATCHED], matched),
        ]

    def refund(self, *, delta: int, unmatched: int, is_closed: bool) -> list[Line]:
        """Return the lines of a refund: back to the donor; its match to the reserve, after closing to the fund.

        Of a match that was paid to the partner already, the partner's pot owes the rest: it may stand below zero.
        """
        kind = Account.Kind
        back = Account.objects.of(fund=self.fund, kind=kind.FREE) if is_closed else self.accounts[kind.RESERVED]
        there = min(unmatched, self.accounts[kind.MATCHED].balance_minor)
        return [
            (self.accounts[kind.GIFTS], there - unmatched - delta),
            (self.accounts[kind.DONORS], delta),
            (self.accounts[kind.MATCHED], -there),
            (back, unmatched),
        ]
