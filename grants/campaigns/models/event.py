"""What happens to a campaign besides gifts: refunds, disputes, a raised cap, closing; in one order with the gifts."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from grants.campaigns.models.campaign import Campaign
from grants.campaigns.models.gift import Gift
from vetting_portal.constraints import known
from vetting_portal.models import User


class CampaignEventQuerySet(models.QuerySet["CampaignEvent"]):
    """Events in the order of recording."""

    def waiting(self) -> "CampaignEventQuerySet":
        """Cut to the refunds and disputes whose gift has not come yet."""
        return self.filter(outcome=CampaignEvent.Outcome.WAITING).order_by("position")

    def corrections(self) -> "CampaignEventQuerySet":
        """Cut to what was learnt of gifts later, with by whom."""
        kinds = [CampaignEvent.Kind.ELIGIBILITY, CampaignEvent.Kind.FEE]
        return self.filter(kind__in=kinds).select_related("recorded_by").order_by("position")

    def refund_of(self, campaign: Campaign, key: str) -> "CampaignEventQuerySet":
        """Find the refund that was recorded under this key and not refused."""
        return self.filter(campaign=campaign, kind=CampaignEvent.Kind.REFUND, key=key).exclude(
            outcome=CampaignEvent.Outcome.REFUSED
        )


class CampaignEvent(models.Model):
    """One event: what was asked (kept as given, so that it can be replayed) and what came of it.

    ``delta_minor`` is what a refund or a lost dispute took off its gift. A refund may name an amount, the total
    refunded so far, or neither: all that is left. Of a gift in another currency it names them in that one
    (``original_…``); ``total_minor`` is then what it comes to, reckoned when it is applied (R9).
    """

    class Kind(models.TextChoices):
        """What happened."""

        REFUND = "refund", "Refund"
        DISPUTE = "dispute", "Dispute"
        ELIGIBILITY = "eligible", "Eligibility corrected"
        FEE = "fee", "Fee told"
        CAP = "cap", "Cap raised"
        CLOSE = "close", "Closed"

    class Outcome(models.TextChoices):
        """What came of it: a refund or dispute may come before its gift, and waits."""

        APPLIED = "applied", "Applied"
        WAITING = "waiting", "Waits for its gift"
        REFUSED = "refused", "Refused when its gift came"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="events")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=200, blank=True)
    gift_source = models.CharField(max_length=80, blank=True)
    gift_key = models.CharField(max_length=200, blank=True)
    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="events", null=True, blank=True)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    total_minor = models.BigIntegerField(null=True, blank=True)
    original_currency = models.CharField(max_length=3, blank=True)
    original_amount_minor = models.BigIntegerField(null=True, blank=True)
    original_total_minor = models.BigIntegerField(null=True, blank=True)
    status = models.CharField(max_length=8, blank=True)
    ineligible = models.CharField(max_length=200, blank=True)
    ineligible_before = models.CharField(max_length=200, blank=True)
    fee_minor = models.BigIntegerField(null=True, blank=True)
    cap_minor = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    delta_minor = models.BigIntegerField(default=0)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.APPLIED)
    reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = CampaignEventQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="campaign_event_position_once"),
            models.UniqueConstraint(
                fields=["campaign", "key"],
                condition=Q(kind="refund") & ~Q(key="") & ~Q(outcome="refused"),
                name="campaign_refund_key_once",
            ),
            known("kind", ["refund", "dispute", "eligible", "fee", "cap", "close"], "campaign_event_kind_known"),
            known("outcome", ["applied", "waiting", "refused"], "campaign_event_outcome_known"),
            models.CheckConstraint(
                condition=~Q(kind__in=["refund", "dispute"]) | ~Q(outcome="applied") | Q(gift__isnull=False),
                name="campaign_event_applied_has_gift",
            ),
            models.CheckConstraint(condition=Q(delta_minor__gte=0), name="campaign_event_delta_not_negative"),
        ]
        indexes = [models.Index(fields=["gift_key"], condition=Q(outcome="waiting"), name="campaign_event_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.position}"

    @property
    def is_of_all(self) -> bool:
        """Whether a refund names no amount: all that is left."""
        asked = (self.amount_minor, self.total_minor, self.original_amount_minor, self.original_total_minor)
        return all(sum_minor is None for sum_minor in asked)

    @property
    def contents(self) -> tuple[str, int | None, int | None]:
        """What must be the same when the same refund key comes again: as it was asked for."""
        if self.original_currency:
            return self.gift_key, self.original_amount_minor, self.original_total_minor
        return self.gift_key, self.amount_minor, self.total_minor


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes by whether they are open."""

    def to_answer(self) -> "DisputeQuerySet":
        """Cut to the open disputes that the funder has not responded to yet."""
        return self.filter(status=Dispute.Status.OPEN, needs_response=True)

    def open_about(self, gift: Any) -> "DisputeQuerySet":
        """Cut to the open disputes about a gift (a Gift, its id, or a reference to one)."""
        return self.filter(gift=gift, status=Dispute.Status.OPEN)


class Dispute(models.Model):
    """A dispute about a gift, with its latest status; won and lost are final. It may be known before its gift."""

    class Status(models.TextChoices):
        """Where it stands."""

        NEW = "new", "Announced"
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="disputes")
    key = models.CharField(max_length=200)
    gift_key = models.CharField(max_length=200)
    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="disputes", null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.NEW)
    # Whether the funder's response is still due, and when the payment source last said so, by its own clock.
    needs_response = models.BooleanField(default=True)
    needs_response_at = models.DateTimeField(null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="dispute_key_once"),
            known("status", ["new", "open", "won", "lost"], "dispute_status_known"),
            models.CheckConstraint(
                condition=Q(status="new") | Q(gift__isnull=False), name="dispute_with_status_has_gift"
            ),
        ]

    def __str__(self) -> str:
        return self.key
