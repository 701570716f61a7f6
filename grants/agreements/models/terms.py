"""Frozen terms: what everybody signs, as canonical JSON with its hash."""

from django.db import models
from django.db.models import Q

from vetting_portal.canonical import canonical_json
from vetting_portal.constraints import pair
from vetting_portal.models import User


class Terms(models.Model):
    """One numbered version of a grant's terms; its content never changes, it can only be made void."""

    grant = models.ForeignKey("grants.Grant", on_delete=models.PROTECT, related_name="all_terms")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64, unique=True)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["grant", "version"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "version"], name="terms_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="terms_version_positive"),
            pair("voided_at", "voided_by", "terms_voided_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.content['number']}, version {self.version}"

    @property
    def canonical(self) -> bytes:
        """The terms as the bytes that were hashed."""
        return canonical_json(self.content)
