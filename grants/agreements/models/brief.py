"""The brief as it was when terms were frozen: what the directors were told then, with its hash."""

from django.db import models
from django.db.models import Q

from grants.agreements.models.terms import Terms
from vetting_portal.canonical import canonical_json


class Brief(models.Model):
    """One brief, kept: its content never changes and is never removed. ``sha256`` is also in the audit trail."""

    terms = models.OneToOneField(Terms, on_delete=models.PROTECT, related_name="brief")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["terms"]
        constraints = [models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="brief_hash_whole")]

    def __str__(self) -> str:
        return f"Brief of {self.terms}"

    @property
    def canonical(self) -> bytes:
        """The content as the bytes that were hashed."""
        return canonical_json(self.content)
