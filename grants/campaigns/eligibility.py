"""Which gifts are matched at all (R2): asked when a gift is recorded, and when a file is tried before."""

from collections.abc import Sequence

from grants.campaigns.models import Campaign
from grants.campaigns.rows import GiftRow
from partners.organisations.models import Membership
from vetting_portal.models import Funder, RoleAssignment

OURS = "From the funder, its staff or the partner itself."
OUTSIDE = "Received outside the match window."
AFTER = "Recorded after the campaign closed."


class Judge:
    """Says of the gifts of one campaign why one is not matched; what the window and the closing say nobody corrects.

    ``funder`` is the funder's name, where the caller has asked already.
    """

    def __init__(self, campaign: Campaign, *, funder: str | None = None) -> None:
        self.campaign, self.rule = campaign, campaign.rule
        self._names = _own_names(campaign, _funder_name() if funder is None else funder)

    def own_addresses(self, rows: Sequence[GiftRow], *, users: set[str] | None = None) -> frozenset[str]:
        """Return which addresses of ``rows`` (in small letters) belong to the funder's staff or the partner.

        ``users`` are those of them that belong to somebody with an account, where the caller has asked already.
        """
        addresses = {row.donor_email.casefold() for row in rows if row.donor_email}
        if users is not None:
            addresses &= users
        if not addresses:
            return frozenset()
        staff = RoleAssignment.objects.current().filter(user__email__in=addresses).values_list("user__email", flat=True)
        organisation = self.campaign.grant.submission.organisation_id
        members = Membership.objects.filter(organisation=organisation, user__email__in=addresses)
        return frozenset(staff) | frozenset(members.values_list("user__email", flat=True))

    def why_not(self, row: GiftRow, own: frozenset[str]) -> str:
        """Return why the gift is not matched, or nothing; ``own`` comes from ``own_addresses``."""
        if row.ineligible:
            return row.ineligible
        if self.campaign.state == Campaign.State.CLOSED:
            return AFTER
        if not self.rule.in_window(row.received_at):
            return OUTSIDE
        if row.donor_email.casefold() in own or row.donor_name.casefold() in self._names:
            return OURS
        return ""


def _own_names(campaign: Campaign, funder: str) -> frozenset[str]:
    """Return the names of the funder and the partner in small letters."""
    organisation = campaign.grant.submission.organisation
    names = [funder, organisation.legal_name, organisation.local_name]
    return frozenset(name.casefold() for name in names if name)


def _funder_name() -> str:
    found = Funder.objects.current_or_none()
    return found.name if found else ""
