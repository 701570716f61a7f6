"""What the seals of agreements rest on, for whoever verifies them: certificates that count, and timestamps."""

from datetime import datetime

from asn1crypto import x509 as asn1_x509
from django.db.models import QuerySet

from grants.agreements.models import Agreement, Timestamp
from grants.sealing.models import SealCertificate


def certificates(at: datetime | None = None) -> list[asn1_x509.Certificate]:
    """Return the certificates of the seal; with ``at``, those that a seal recorded at that moment may have.

    ``SealCertificate.objects.counting(at)`` has them with the times from and until which they count.
    """
    return [one.certificate for one in SealCertificate.objects.counting(at)]


def timestamps_of(agreement: Agreement) -> QuerySet[Timestamp]:
    """Return the timestamps of the sealed file, oldest first: each was checked before it was stored."""
    return Timestamp.objects.filter(agreement=agreement).order_by("pk")
