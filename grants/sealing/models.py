"""The certificates of the seal, with the time from and until which each one counts by our own record."""

from collections.abc import Sequence
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from django.db import models
from django.db.models import Q
from pyhanko.keys import load_certs_from_pemder_data

from vetting_portal.constraints import pair
from vetting_portal.models import User


class SealCertificateQuerySet(models.QuerySet["SealCertificate"]):
    """Certificates by whether they seal now and whether their seals count."""

    def current(self) -> "SealCertificate | None":
        """Return the one that seals now; None before the first seal, and after a key was given up."""
        return self.filter(is_current=True).first()

    def counting(self, at: datetime | None = None) -> "SealCertificateQuerySet":
        """Cut to those whose seals count; with ``at``, to those that a seal recorded at that moment may have."""
        if at is None:
            return self
        return self.filter(Q(compromised_at__isnull=True) | Q(compromised_at__gt=at))


class SealCertificate(models.Model):
    """One certificate of the seal. ``source`` is the setting that names its key; ``pem`` holds it and its issuers.

    ``retired_at``: no new seal is made with it, and every one it made still counts. ``compromised_at``: a seal recorded
    from that moment on does not count; one recorded before does, for the record says when it was made.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=400)
    subject = models.CharField(max_length=300)
    pem = models.TextField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    compromised_at = models.DateTimeField(null=True, blank=True)
    compromised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    compromised_reason = models.TextField(blank=True)

    objects = SealCertificateQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="seal_certificate_current_once"
            ),
            models.CheckConstraint(
                condition=Q(is_current=True, retired_at__isnull=True) | Q(is_current=False, retired_at__isnull=False),
                name="seal_certificate_current_until_retired",
            ),
            models.CheckConstraint(
                condition=Q(compromised_at__isnull=True) | (Q(retired_at__isnull=False) & ~Q(compromised_reason="")),
                name="seal_certificate_compromised_is_retired",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("begins_at")), name="seal_certificate_ends_after_it_begins"
            ),
            pair("retired_at", "retired_by", "seal_certificate_retired_pair"),
            pair("compromised_at", "compromised_by", "seal_certificate_compromised_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.fingerprint[:16]}"

    @property
    def chain(self) -> Sequence[asn1_x509.Certificate]:
        """The certificate, then those that issued it as far as they were given."""
        return list(load_certs_from_pemder_data(self.pem.encode()))

    @property
    def certificate(self) -> asn1_x509.Certificate:
        """The certificate itself, in the terms pyHanko speaks."""
        return self.chain[0]

    def counts_at(self, at: datetime) -> bool:
        """Whether a seal recorded at that moment counts."""
        return self.compromised_at is None or at < self.compromised_at
