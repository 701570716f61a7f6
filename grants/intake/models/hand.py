"""Cheques and bank transfers: from which amount a second person confirms them, and those that wait for one."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from grants.campaigns.models import Campaign, Gift
from grants.campaigns.models.campaign import CAMPAIGN_READERS
from grants.campaigns.rows import GiftRow
from vetting_portal.constraints import pair
from vetting_portal.models import Funder, User

FIRST_LIMIT = 100_000  # minor units: USD 1,000.00, until somebody sets another


class HandLimitQuerySet(models.QuerySet["HandLimit"]):
    """The funder's limits, each kept."""

    def current(self) -> "HandLimit":
        """Return the limit of now; where none was set, the one a new funder starts with."""
        found = self.order_by("-pk").first()
        funder = Funder.objects.current_or_none()
        return found or HandLimit(limit_minor=FIRST_LIMIT, currency=funder.currency if funder else "USD")


class HandLimit(models.Model):
    """The funder's policy: a second person confirms a gift by hand above ``limit_minor``. Rows are only added."""

    limit_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = HandLimitQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(limit_minor__gte=0), name="hand_limit_not_negative")]

    def __str__(self) -> str:
        return f"{self.limit_minor} {self.currency}"

    def asks_for_two(self, amount_minor: int, currency: str) -> bool:
        """Whether a gift of this amount waits for a second person; one in another currency always does."""
        return currency != self.currency or amount_minor > self.limit_minor


class HandGiftQuerySet(models.QuerySet["HandGift"]):
    """Gifts by hand by who may read them and whether they wait."""

    def visible_to(self, user: User) -> "HandGiftQuerySet":
        """Cut to what ``user`` may read: those who read campaigns read them all."""
        return self if user.role_keys & CAMPAIGN_READERS else self.none()

    def for_page(self) -> "HandGiftQuerySet":
        """Load what a page shows."""
        return self.select_related(
            "campaign__grant__submission__organisation", "entered_by", "confirmed_by", "refused_by", "gift"
        )

    def waiting(self) -> "HandGiftQuerySet":
        """Cut to those that wait for the second person, longest waiting first."""
        return self.filter(confirmed_at__isnull=True, refused_at__isnull=True).order_by("entered_at", "pk")


class HandGift(models.Model):
    """A gift above the limit, entered by one person; recorded when another confirms it. Its donor's name then goes."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="hand_gifts")
    key = models.CharField(max_length=200)
    donor_name = models.CharField(max_length=200, blank=True)
    donor_email = models.EmailField(max_length=254, blank=True)
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    received_at = models.DateTimeField()
    ineligible = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    gift = models.OneToOneField(Gift, on_delete=models.PROTECT, related_name="by_hand", null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    refused_reason = models.TextField(blank=True)

    objects = HandGiftQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "gift by hand"
        constraints = [
            pair("entered_at", "entered_by", "hand_gift_entered_pair"),
            pair("confirmed_at", "confirmed_by", "hand_gift_confirmed_pair"),
            pair("refused_at", "refused_by", "hand_gift_refused_pair"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
                name="hand_gift_confirmed_by_another",
                violation_error_message="Who entered a gift does not confirm it.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, gift__isnull=True)
                | Q(confirmed_at__isnull=False, gift__isnull=False, refused_at__isnull=True),
                name="hand_gift_confirmed_is_recorded",
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True) | ~Q(refused_reason=""), name="hand_gift_refused_says_why"
            ),
            models.UniqueConstraint(
                fields=["campaign", "key"],
                condition=Q(confirmed_at__isnull=True, refused_at__isnull=True),
                name="hand_gift_waits_once",
                violation_error_message="A gift with this reference waits already.",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:hand_gift", args=[self.pk])

    @property
    def step(self) -> str:
        """Where it stands: waiting, confirmed, refused."""
        return "confirmed" if self.confirmed_at else "refused" if self.refused_at else "waiting"

    def row(self) -> GiftRow:
        """Return it as a gift to record."""
        return GiftRow(
            key=self.key,
            gross_minor=self.gross_minor,
            fee_minor=self.fee_minor,
            currency=self.currency,
            received_at=self.received_at,
            donor_name=self.donor_name,
            donor_email=self.donor_email,
            ineligible=self.ineligible,
        )
