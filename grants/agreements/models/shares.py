"""Several match funds behind one grant, in the order in which their money is used."""

from functools import cached_property

from django.db import models
from django.db.models import Q

from grants.funds.models import MatchFund, MatchFundQuerySet


class FundShare(models.Model):
    """What a further fund gives to the match of a grant, after the grant's own fund and the shares before it.

    The grant's own fund gives the rest of the cap, first. A rise of the cap under an amendment is a share of its own,
    the last one.
    """

    grant = models.ForeignKey("grants.Grant", on_delete=models.PROTECT, related_name="further_shares")
    ordinal = models.PositiveSmallIntegerField()
    fund = models.ForeignKey(MatchFund, on_delete=models.PROTECT, related_name="further_shares")
    share_minor = models.BigIntegerField()
    is_rise = models.BooleanField(default=False)

    class Meta:
        ordering = ["grant", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "ordinal"], name="fund_share_ordinal_once"),
            models.CheckConstraint(condition=Q(ordinal__gte=2), name="fund_share_after_the_first"),
            models.CheckConstraint(
                condition=Q(share_minor__gt=0),
                name="fund_share_of_something",
                violation_error_message="A share is more than zero.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund} for {self.grant.number}"


class ManyFunds(models.Model):
    """The part of a grant that knows where its match comes from. ``is_shared`` stands there where a query told it."""

    is_shared: bool

    class Meta:
        abstract = True

    def funds(self) -> MatchFundQuerySet:
        """Return every fund behind the grant: to be locked before the grant, by primary key."""
        further = FundShare.objects.filter(grant=self.pk).values("fund")
        return MatchFund.objects.filter(Q(pk=self.fund_id) | Q(pk__in=further))  # type: ignore[attr-defined]

    @cached_property
    def further(self) -> list[FundShare]:
        """The shares of the further funds, in the order in which they are used; read once for each copy of the grant.

        A query that annotated ``is_shared`` as False has said that there is one fund only.
        """
        if self.pk is None or not self.__dict__.get("is_shared", True):
            return []
        return list(FundShare.objects.filter(grant=self.pk).select_related("fund").order_by("ordinal"))

    def shares_of(self, cap_minor: int) -> list[tuple[int, int]]:
        """Return each fund's primary key with what it gives to ``cap_minor`` at most, the first one first."""
        further = [(share.fund_id, share.share_minor) for share in self.further]
        return [(self.fund_id, cap_minor - sum(minor for _, minor in further)), *further]  # type: ignore[attr-defined]

    def parts(self) -> list[tuple[MatchFund, int]]:
        """Return each fund with what it gives to the cap at most, the first one first."""
        further = [(share.fund, share.share_minor) for share in self.further]
        first = self.cap_minor - sum(minor for _, minor in further)  # type: ignore[attr-defined]
        return [(self.fund, first), *further]  # type: ignore[attr-defined]

    @property
    def bound_minor(self) -> int:
        """What the match funds set aside for it: the match cap, and what is added for card fees."""
        return self.cap_minor + (self.fee_top_up_minor or 0)  # type: ignore[attr-defined]

    def bound_parts(self) -> list[tuple[MatchFund, int]]:
        """Return each fund with what it sets aside at most: its part of the cap; the first also what is added for card
        fees.
        """
        (fund, minor), *further = self.parts()
        return [(fund, minor + (self.fee_top_up_minor or 0)), *further]  # type: ignore[attr-defined]
