"""The bank of an organisation as far as vetting asks: its name is screened, and whether its details were checked.

Details with the account live above, in grants; what they come to is written here, so that screening and the panel can
read it.
"""

from django.db import models
from django.db.models import Q

from partners.organisations.models import Organisation


class BankQuerySet(models.QuerySet["Bank"]):
    """Banks by time."""

    def current(self) -> "BankQuerySet":
        """Cut to the bank that each organisation names now."""
        return self.filter(until_at__isnull=True)

    def of(self, organisation: Organisation) -> "Bank | None":
        """Return the bank that ``organisation`` names now."""
        return self.current().filter(organisation=organisation).first()


class Bank(models.Model):
    """A bank that an organisation named: since when, until when, and when its details were approved or refused."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="banks")
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-since_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(until_at__isnull=True), name="bank_named_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="bank_has_name"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(refused_at__isnull=True), name="bank_decided_one_way"
            ),
        ]

    def __str__(self) -> str:
        return self.name
