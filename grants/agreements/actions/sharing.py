"""Several match funds behind one grant: named while it is drafted, and once more when its cap rises."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from grants.agreements.models import FundShare, Grant
from grants.funds.models import MatchFund
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def share_match(*, grant: Grant, shares: Sequence[tuple[MatchFund, int]], by: User) -> Grant:
    """Name the funds that give to the match after the grant's own, each with its share in minor units, in the order in
    which they are used; none of them: the grant's own fund gives it all.

    Raises Refused once the grant is no draft, ValidationError for a fund that is named twice or a share of nothing.
    """
    ask(by, "grants.change_grant", grant)
    grant = lock(grant)
    if grant.state != Grant.State.DRAFT:
        raise Refused(["The terms are frozen: their match funds stand."], subject=grant)
    named = [grant.fund_id, *(fund.pk for fund, _ in shares)]
    if len(set(named)) < len(named):
        raise ValidationError("A fund is named twice. The grant's own fund comes first by itself.")
    if any(minor <= 0 for _, minor in shares):
        raise ValidationError("A share is more than zero.")
    FundShare.objects.filter(grant=grant).delete()
    FundShare.objects.bulk_create(
        FundShare(grant=grant, ordinal=ordinal, fund=fund, share_minor=minor)
        for ordinal, (fund, minor) in enumerate(shares, start=2)
    )
    grant.frozen_at = grant.frozen_by = None  # a try to freeze it that broke off was about other terms
    grant.save(update_fields=["frozen_at", "frozen_by"])
    record("match_shared", grant, by=by, facts={"shares": [[fund.pk, minor] for fund, minor in shares]})
    return grant


@action
def add_rise(*, grant: Grant, amount_minor: int, by: User) -> None:
    """Put a rise of the cap behind the shares that are there, so that no earned match changes its fund."""
    grant = lock(grant)
    last = FundShare.objects.filter(grant=grant).order_by("-ordinal").first()
    if last is None:
        return
    FundShare.objects.create(
        grant=grant, ordinal=last.ordinal + 1, fund_id=grant.fund_id, share_minor=amount_minor, is_rise=True
    )
    record("match_share_added", grant, by=by, facts={"fund": grant.fund_id, "share_minor": amount_minor})
