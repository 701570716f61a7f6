"""The ledger accounts of one grant, and the lines by which they follow the sums of its campaign."""

from grants.campaigns.accounts import OF_GIFTS, OF_MATCH, Place, Sums, standing
from grants.campaigns.models import Campaign
from grants.funds.actions import Line, Posting, post_all
from grants.funds.models import Account, LedgerTransaction
from vetting_portal.models import User
from vetting_portal.workflow import lock


class Pots:
    """The accounts of a campaign's grant in every fund behind it, read and locked once; missing ones are made.

    The campaign is locked before: nobody else moves these accounts meanwhile.
    """

    def __init__(self, campaign: Campaign) -> None:
        grant = campaign.grant
        self.campaign, self.fund_id, self.reference = campaign, grant.fund_id, grant.number
        self.shares = grant.shares_of(campaign.cap_minor)
        kinds = (*OF_GIFTS, *OF_MATCH)
        funds = {fund for fund, _ in self.shares}
        found = lock(Account.objects.filter(fund__in=funds, reference=self.reference, kind__in=kinds))
        self.accounts: dict[Place, Account] = {(row.fund_id, row.kind): row for row in found}

    def make_all(self) -> None:
        """Make every account of the grant that is not there yet."""
        for place in standing(Sums(), self.shares):
            self.account(place)

    def account(self, place: Place) -> Account:
        """Return the account at a place: of this grant, or (free money) of the fund itself."""
        if place not in self.accounts:
            fund, kind = place
            reference = "" if kind == Account.Kind.FREE else self.reference
            found = Account.objects.at(fund_id=fund, kind=kind, reference=reference, currency=self.campaign.currency)
            self.accounts[place] = lock(found)
        return self.accounts[place]

    def lines(self, before: Sums, after: Sums) -> list[Line]:
        """Return the lines that take the accounts from ``before`` to ``after``; they sum to zero in each fund.

        Once the campaign is closed nothing is reserved any more: what is released goes to the fund's free money.
        """
        old, new = standing(before, self.shares), standing(after, self.shares)
        kind = Account.Kind
        is_closed = self.campaign.state == Campaign.State.CLOSED
        moved = []
        for place, amount in new.items():
            if change := amount - old[place]:
                fund, name = place
                home = (fund, kind.FREE) if is_closed and name == kind.RESERVED else place
                moved.append((self.account(home), change))
        return moved

    def rest(self) -> list[Line]:
        """Return the lines that give the match which no gift has earned back to the funds it was reserved in."""
        kind = Account.Kind
        held = standing(self.campaign.sums(), self.shares)
        back = [(fund, amount) for (fund, name), amount in held.items() if name == kind.RESERVED and amount]
        return [
            line
            for fund, amount in back
            for line in ((self.account((fund, kind.RESERVED)), -amount), (self.account((fund, kind.FREE)), amount))
        ]

    def posting(self, position: int, kind: str, lines: list[Line], note: str = "") -> Posting:
        """Return the transaction of the event at ``position``: its place in the campaign makes it happen once."""
        key = f"campaign:{self.campaign.pk}:{position}"
        return Posting(key, kind, self.fund_id, lines, self.reference, note)

    def post(self, postings: list[Posting], by: User) -> list[LedgerTransaction]:
        """Write what events did; the campaign's lock and its own count of them say that none was written before."""
        return post_all(postings=postings, by=by, held=self.accounts.values(), are_new=True)
