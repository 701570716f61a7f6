"""What grants keep of people who are forgotten: signatures, and donors by a page of their own."""

from collections.abc import Iterator

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from grants.agreements.models import Signature
from grants.campaigns.models import Donor
from vetting_portal.erasing import Erasable, Said
from vetting_portal.models import User


def _donors(words: str) -> QuerySet[Donor]:
    named = Q(details__email__icontains=words) | Q(details__name__icontains=words)
    return Donor.objects.filter(named).select_related("details", "campaign__grant").order_by("pk")


ERASABLE = (
    Erasable(
        key="donor",
        label="Donor",
        model=Donor,
        find=_donors,
        describe=lambda donor: f"{donor.details}, campaign of grant {donor.campaign.grant.number}",
        is_erased=lambda donor: donor.erased_at is not None,
        url=lambda donor: reverse("grants:donor_forget", args=[donor.pk]),
    ),
)


def about_erasure(record: Model) -> Iterator[Said]:
    """Say that a signature stays: the agreement is void without who signed it."""
    if isinstance(record, User):
        signed = Signature.objects.filter(user=record).select_related("agreement").order_by("pk")
        for signature in signed:
            text = "name, title and time of the signature stay in the record and in the sealed file."
            yield Said("stays", f"Signed {signature.agreement.number} as {signature.name}: {text}")
