"""The links that open donors' receipts: only the hash of each token is kept."""

from django.db import models
from django.db.models import Q

from grants.campaigns.models import Gift
from vetting_portal.canonical import sha256_hex
from vetting_portal.constraints import pair
from vetting_portal.models import User


def token_hash(token: str) -> str:
    """Return what is kept of a link's token."""
    return sha256_hex(token.encode())


class ReceiptLinkQuerySet(models.QuerySet["ReceiptLink"]):
    """Links by what they open."""

    def live(self) -> "ReceiptLinkQuerySet":
        """Cut to the links that open a receipt: not revoked, and the donor was not erased."""
        return self.filter(revoked_at__isnull=True, gift__donor__erased_at__isnull=True)

    def opened_by(self, token: str) -> "ReceiptLinkQuerySet":
        """Find the live link of a token, with all that its receipt shows."""
        rows = self.live().filter(token_sha256=token_hash(token))
        return rows.select_related(
            "gift__donor", "gift__statement_line", "gift__campaign__grant__submission__organisation"
        )


class ReceiptLink(models.Model):
    """One link to the receipt of a gift; it opens for whoever has it, until it is revoked."""

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="receipt_links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = ReceiptLinkQuerySet.as_manager()

    class Meta:
        ordering = ["gift", "pk"]
        constraints = [
            pair("revoked_at", "revoked_by", "receipt_link_revoked_pair"),
            models.CheckConstraint(
                condition=Q(token_sha256__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 the form of a hash
                name="receipt_link_hash_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"receipt link {self.pk}"
