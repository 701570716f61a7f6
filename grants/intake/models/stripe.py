"""What Stripe told: its events as they came, without donors; what came of each; whose charge it is."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from grants.campaigns.models import Campaign
from grants.campaigns.models.campaign import CAMPAIGN_READERS
from vetting_portal.constraints import known, pair
from vetting_portal.models import User

SOURCE = "stripe"


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    """Events by charge, day and outcome."""

    def visible_to(self, user: User) -> "StripeEventQuerySet":
        """Cut to what ``user`` may read: those who read campaigns read them all."""
        return self if user.role_keys & CAMPAIGN_READERS else self.none()

    def of_charge(self, charge_id: str) -> "StripeEventQuerySet":
        """Cut to the events about one charge, in the order in which Stripe made them."""
        return self.filter(charge_id=charge_id).order_by("created_at", "pk")

    def to_look_at(self) -> "StripeEventQuerySet":
        """Cut to those that wait, name no campaign or were refused, oldest first."""
        return self.filter(outcome__outcome__in=StripeOutcome.OPEN).select_related("outcome").order_by("pk")


class StripeEvent(models.Model):
    """One event, once, as it came but for what tells of a donor. Rows are only added.

    ``content`` keeps amounts, states and ids; names, addresses and cards never get here.
    """

    event_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=80)
    charge_id = models.CharField(max_length=80, blank=True, db_index=True)
    created_at = models.DateTimeField(db_index=True)
    received_at = models.DateTimeField(default=timezone.now)
    content = models.JSONField()

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.event_id


class StripeOutcome(models.Model):
    """What came of an event, the latest word; it changes while the event waits, and no more once it is applied."""

    class Outcome(models.TextChoices):
        """Applied and ignored are final."""

        WAITING = "waiting", "Waits"
        UNASSIGNED = "unassigned", "Campaign unknown"
        REFUSED = "refused", "Refused"
        APPLIED = "applied", "Applied"
        IGNORED = "ignored", "Kept, nothing to do"

    OPEN = (Outcome.WAITING, Outcome.UNASSIGNED, Outcome.REFUSED)

    event = models.OneToOneField(StripeEvent, on_delete=models.PROTECT, primary_key=True, related_name="outcome")
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            known("outcome", ["waiting", "unassigned", "refused", "applied", "ignored"], "stripe_outcome_known"),
            models.CheckConstraint(
                condition=~Q(outcome="applied") | Q(campaign__isnull=False, handled_at__isnull=False),
                name="stripe_outcome_applied_has_campaign",
            ),
        ]
        indexes = [
            models.Index(
                fields=["outcome"],
                condition=Q(outcome__in=["waiting", "unassigned", "refused"]),
                name="stripe_outcome_open",
            )
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()


class StripePayer(models.Model):
    """Who paid a charge that is not a gift yet; the row goes when the gift is recorded: the donor's details have it."""

    charge_id = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)

    def __str__(self) -> str:
        return self.charge_id


class ChargeAssignment(models.Model):
    """Finance's word on whose a charge is where the charge itself does not say; without a campaign: no gift."""

    charge_id = models.CharField(max_length=80, unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [pair("assigned_at", "assigned_by", "charge_assigned_pair")]

    def __str__(self) -> str:
        return self.charge_id


class WebhookRefusal(models.Model):
    """Messages that were not Stripe's or came too late, counted by hour and reason; their contents are not kept."""

    hour_at = models.DateTimeField()
    reason = models.CharField(max_length=100)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["hour_at", "reason"], name="webhook_refusal_once_an_hour")]

    def __str__(self) -> str:
        return self.reason
