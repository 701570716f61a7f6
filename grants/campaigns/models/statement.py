"""The lines of a statement of match as it was sealed: one a gift, each salted; and the branches of their tree."""

from typing import Any

from django.db import models
from django.db.models import Q

from grants.campaigns.models.campaign import Campaign
from grants.campaigns.models.gift import Gift
from grants.campaigns.tree import BRANCH, leaf_hash, line_text, path_of, root_hash

HASH = r"^[0-9a-f]{64}$"


class StatementLineQuerySet(models.QuerySet["StatementLine"]):
    """Lines in the order of the ledger."""

    def in_branch(self, line: "StatementLine") -> "StatementLineQuerySet":
        """Cut to the lines under the branch of ``line``: it and its at most 255 neighbours."""
        first = line.branch * BRANCH + 1
        return self.filter(campaign=line.campaign_id, seq__gte=first, seq__lt=first + BRANCH).order_by("seq")


class StatementLine(models.Model):
    """What a sealed statement says of one gift, in minor units. Never changed: later refunds change the gift alone.

    ``salt`` (32 random bytes in hexadecimal) is told to the donor, so that nobody else can guess the line.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="statement_lines")
    gift = models.OneToOneField(Gift, on_delete=models.PROTECT, related_name="statement_line")
    seq = models.PositiveIntegerField()
    gross_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    matched_minor = models.BigIntegerField()
    salt = models.CharField(max_length=64)

    objects = StatementLineQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "seq"], name="statement_line_once"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="statement_line_counts_from_one"),
            models.CheckConstraint(condition=Q(salt__regex=HASH), name="statement_line_salted"),
        ]

    def __str__(self) -> str:
        return f"line {self.seq}"

    @property
    def said(self) -> dict[str, Any]:
        """The line as data, without its salt."""
        return {
            "seq": self.seq,
            "gross": self.gross_minor,
            "refunded": self.refunded_minor,
            "matched": self.matched_minor,
        }

    @property
    def text(self) -> str:
        """The line as it is hashed."""
        return line_text(**self.said, salt=self.salt)

    @property
    def leaf(self) -> bytes:
        """Its hash."""
        return leaf_hash(self.text)

    @property
    def branch(self) -> int:
        """The number of its branch, from 0."""
        return (self.seq - 1) // BRANCH

    def path(self) -> list[bytes]:
        """Return the hashes that lead from it to the root: through its branch, then between the branches."""
        near = [line.leaf for line in StatementLine.objects.in_branch(self)]
        branches = StatementBranch.objects.filter(campaign=self.campaign_id).order_by("number")
        far = [bytes.fromhex(sha256) for sha256 in branches.values_list("sha256", flat=True)]
        return path_of(near, (self.seq - 1) % BRANCH) + path_of(far, self.branch)


class StatementBranch(models.Model):
    """The hash over up to 256 neighbouring lines: with them a path is found without reading every line."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="statement_branches")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="statement_branch_once"),
            models.CheckConstraint(condition=Q(sha256__regex=HASH), name="statement_branch_hash_whole"),
        ]

    def __str__(self) -> str:
        return f"branch {self.number}"

    @classmethod
    def over(cls, lines: list[StatementLine]) -> "StatementBranch":
        """Return the branch over some lines, not saved yet."""
        first = lines[0]
        return cls(
            campaign=first.campaign,
            number=first.branch,
            sha256=root_hash([line.leaf for line in lines]).hex(),
        )
