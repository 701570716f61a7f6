"""Gifts, their donors, and what each ledger transaction did to each gift."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.campaigns.models.campaign import CAMPAIGN_READERS, Campaign
from grants.funds.models import LedgerTransaction
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import Role, User
from vetting_portal.workflow import permitted


class DonorQuerySet(models.QuerySet["Donor"]):
    """Donors by who may know that there are any."""

    def visible_to(self, user: User) -> "DonorQuerySet":
        """Cut to what ``user`` may read: who reads campaigns, and administrators, who may forget somebody too."""
        return self if user.role_keys & {*CAMPAIGN_READERS, Role.ADMINISTRATOR} else self.none()

    def for_page(self) -> "DonorQuerySet":
        """Load what a page shows."""
        return self.select_related("campaign__grant", "details")


class Donor(models.Model):
    """A giver of one campaign, without a name: what their gifts have earned counts against the cap per donor."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="donors")
    matched_minor = models.BigIntegerField(default=0)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = DonorQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(matched_minor__gte=0), name="donor_match_not_negative")]

    def __str__(self) -> str:
        return f"Donor {self.pk}"


class DonorDetails(models.Model):
    """Who a donor is, apart from the gifts: removing this row erases the person and changes no sum.

    ``identity`` tells donors of a campaign apart: an address, else a name, else the gift's own key.
    """

    donor = models.OneToOneField(Donor, on_delete=models.CASCADE, primary_key=True, related_name="details")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    identity = models.CharField(max_length=330)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "identity"], name="donor_known_once")]

    def __str__(self) -> str:
        return self.name or "Anonymous"


class GiftQuerySet(models.QuerySet["Gift"]):
    """Gifts in the order of the ledger."""

    def visible_to(self, user: User) -> "GiftQuerySet":
        """Cut to what ``user`` may read: the ledger is for the staff who run, sign, pay or audit."""
        return self if user.role_keys & CAMPAIGN_READERS else self.none()

    def for_ledger(self) -> "GiftQuerySet":
        """Load what the ledger shows, newest first."""
        return self.select_related("donor__details").order_by("-seq")

    def under_matched(self) -> "GiftQuerySet":
        """Cut to the gifts that could still earn, in the order of recording, with what their donor has earned."""
        return self.filter(matched_minor__lt=F("entitled_minor")).select_related("donor").order_by("seq")

    def at_risk(self) -> "GiftQuerySet":
        """Cut to the gifts about which a dispute is open."""
        return self.filter(disputes__status="open").distinct()

    def find_key(self, key: str) -> "GiftQuerySet":
        """Find the gifts with this key, in whatever source; with their campaign and its grant."""
        return self.filter(key=key).select_related("campaign__grant")


class Gift(models.Model):
    """One gift as recorded, and where it stands: what was refunded of it, what it could earn and has earned.

    ``seq`` counts the gifts of the campaign, ``position`` all its events. ``ineligible_given`` is what the record said,
    ``ineligible_reason`` why it is in fact not matched. ``entitled_minor`` is 0 for a gift that is not matched.
    A gift in another currency keeps what was given (``original_…``) and the rate as it was told; its other sums are
    what it was settled at (R9).
    """

    class State(models.TextChoices):
        """A partial refund leaves a gift settled."""

        SETTLED = "settled", "Settled"
        REFUNDED = "refunded", "Refunded"
        DISPUTED = "disputed", "Disputed"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="gifts")
    source = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    seq = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="gifts")
    received_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    entitled_minor = models.BigIntegerField(default=0)
    matched_minor = models.BigIntegerField(default=0)
    original_currency = models.CharField(max_length=3, blank=True)
    original_minor = models.BigIntegerField(null=True, blank=True)
    original_refunded_minor = models.BigIntegerField(default=0)
    rate = models.CharField(max_length=24, blank=True)
    ineligible_given = models.CharField(max_length=200, blank=True)
    ineligible_reason = models.CharField(max_length=200, blank=True)
    state = FSMField(max_length=24, choices=State, default=State.SETTLED, protected=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    refunded_at = models.DateTimeField(null=True, blank=True)
    refunded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)
    disputed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = GiftQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="gift_key_once"),
            models.UniqueConstraint(fields=["campaign", "seq"], name="gift_seq_once"),
            models.UniqueConstraint(fields=["campaign", "position"], name="gift_position_once"),
            models.CheckConstraint(condition=Q(gross_minor__gt=0, fee_minor__gte=0), name="gift_sums_positive"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("gross_minor")),
                name="gift_refund_within_gross",
            ),
            models.CheckConstraint(
                condition=Q(matched_minor__gte=0, matched_minor__lte=F("entitled_minor")),
                name="gift_match_within_entitlement",
            ),
            models.CheckConstraint(
                condition=Q(ineligible_reason="") | Q(entitled_minor=0), name="gift_ineligible_earns_nothing"
            ),
            models.CheckConstraint(condition=Q(currency=Upper("currency")), name="gift_currency_upper"),
            models.CheckConstraint(
                condition=Q(original_currency="", original_minor__isnull=True, original_refunded_minor=0, rate="")
                | (
                    Q(original_minor__isnull=False, original_minor__gt=0, original_refunded_minor__gte=0)
                    & Q(original_refunded_minor__lte=F("original_minor"))
                    & ~Q(original_currency="")
                    & ~Q(rate="")
                    & ~Q(original_currency=F("currency"))
                ),
                name="gift_original_whole_or_none",
            ),
            known("state", ["settled", "refunded", "disputed"], "gift_state_known"),
            pair("refunded_at", "refunded_by", "gift_refunded_pair"),
            pair("disputed_at", "disputed_by", "gift_disputed_pair"),
            implies(["refunded"], ["refunded_at"], "gift_refunded_has_stamps"),
            implies(["disputed"], ["disputed_at"], "gift_disputed_has_stamps"),
            models.CheckConstraint(
                condition=~Q(state="refunded") | Q(refunded_minor=F("gross_minor")), name="gift_refunded_whole"
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "seq"],
                condition=Q(matched_minor__lt=F("entitled_minor")),
                name="gift_under_matched",
            ),
            models.Index(fields=["key"], name="gift_by_key"),
            models.Index(fields=["disputed_at"], condition=Q(state="disputed"), name="gift_disputed"),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:gift", args=[self.pk])

    @property
    def is_eligible(self) -> bool:
        """Whether it is matched at all."""
        return not self.ineligible_reason

    def why_not_more(self) -> str:
        """Return why the gift is not matched, or not as far as it could be; nothing where it is. Reads its campaign."""
        if self.ineligible_reason:
            return self.ineligible_reason
        rule = self.campaign.rule
        if self.matched_minor < self.entitled_minor:
            if rule.donor_room(self.donor.matched_minor) == 0:
                return "This donor’s gifts have earned what the match gives to one donor."
            return "The match had no more room when it was recorded."
        if not self.left_minor:
            return "All of it was refunded."
        if rule.gift_cap is not None and self.entitled_minor == rule.gift_cap:
            return "The match gives no more to one gift."
        return ""

    @property
    def in_original(self) -> bool:
        """Whether it was given in another currency."""
        return bool(self.original_currency)

    @property
    def original_left_minor(self) -> int:
        """What can still be refunded of what was given, in its own currency."""
        return (self.original_minor or 0) - self.original_refunded_minor

    @property
    def left_minor(self) -> int:
        """What can still be refunded."""
        return self.gross_minor - self.refunded_minor

    @property
    def net_minor(self) -> int:
        """What is left after the fee, which processors keep: it can go below zero."""
        return self.left_minor - self.fee_minor

    @property
    def donor_name(self) -> str:
        """The donor's name, or a word for why there is none."""
        if self.donor.erased_at:
            return "Erased"
        return str(self.donor.details)

    def refund_blockers(self) -> list[str]:
        """Return why it is not refunded in whole: something is left of it."""
        return [] if self.refunded_minor == self.gross_minor else ["Something is left of this gift."]

    @transition(
        field=state, source=[State.SETTLED, State.DISPUTED], target=State.REFUNDED,
        conditions=[lambda gift: not gift.refund_blockers()], permission=permitted("grants.refund_gift"),
    )  # fmt: skip
    def refund(self, *, by: User) -> None:
        """All of it went back, by refunds or a lost dispute."""
        self.refunded_by, self.refunded_at = by, timezone.now()

    @transition(field=state, source=State.SETTLED, target=State.DISPUTED, permission=permitted("grants.dispute_gift"))
    def dispute(self, *, by: User) -> None:
        """The donor's bank asks for it back: its match is at risk."""
        self.disputed_by, self.disputed_at = by, timezone.now()

    @transition(field=state, source=State.DISPUTED, target=State.SETTLED, permission=permitted("grants.dispute_gift"))
    def settle(self, *, by: User) -> None:
        """No dispute about it is open any more, and something is left of it."""


class GiftEntry(models.Model):
    """What one ledger transaction did to one gift; a gift's figures are the sum of its entries. Never changed."""

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="entries")
    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="gift_entries")
    gross_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    matched_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gift", "transaction"], name="gift_entry_once")]

    def __str__(self) -> str:
        return f"{self.gift} {self.transaction}"
