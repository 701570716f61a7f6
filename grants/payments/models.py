"""Tranches as a schedule."""

from django.db import models
from django.db.models import Q
from django_fsm import FSMField

from grants.agreements.models import Grant
from grants.payments.tranches import percent
from partners.constraints import known
from vetting_portal.models import User


class TrancheQuerySet(models.QuerySet["Tranche"]):
    """Tranches by who may read them."""

    def visible_to(self, user: User) -> "TrancheQuerySet":
        """Cut to the tranches of grants that ``user`` may read."""
        return self.filter(grant__in=Grant.objects.visible_to(user))


class Tranche(models.Model):
    """One payment of the schedule: a share of what is payable, in hundredths of a percent, on a condition."""

    class State(models.TextChoices):
        """Where the payment stands."""

        SCHEDULED = "scheduled", "Scheduled"
        RELEASED = "released", "Released"
        PAID = "paid", "Paid"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="tranches")
    number = models.PositiveSmallIntegerField()
    share_bp = models.PositiveIntegerField()
    condition = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = FSMField(max_length=24, choices=State, default=State.SCHEDULED, protected=True)
    scheduled_at = models.DateTimeField()
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = TrancheQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="tranche_number_once"),
            models.CheckConstraint(condition=Q(share_bp__gte=0, share_bp__lte=10000), name="tranche_share_in_bounds"),
            known("state", ["scheduled", "released", "paid", "held", "cancelled"], "tranche_state_known"),
        ]

    def __str__(self) -> str:
        return f"Payment {self.number}"

    @property
    def share(self) -> str:
        """The share as people read it: ``50%``."""
        return percent(self.share_bp)
