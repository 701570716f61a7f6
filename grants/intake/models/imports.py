"""Files of gifts on their way: the import, its lines before they are recorded, what is wrong with which line."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from grants.campaigns.models import Campaign
from grants.campaigns.models.campaign import CAMPAIGN_READERS
from grants.campaigns.rows import GiftRow
from grants.intake.mapping import OWN, ColumnMapping
from vetting_portal.constraints import pair
from vetting_portal.models import StoredFile, User


class GiftSourceManager(models.Manager["GiftSource"]):
    """Sources by their name."""

    def columns_of(self, name: str) -> ColumnMapping:
        """Return the columns remembered for a source, else the portal's own."""
        remembered = self.filter(name=name).first()
        return ColumnMapping.read(remembered.mapping) if remembered else OWN


class GiftSource(models.Model):
    """Where keys come from (a payment service's account, a campaign's own list), and how its files are read."""

    name = models.CharField(max_length=80, unique=True)
    mapping = models.JSONField()
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = GiftSourceManager()

    def __str__(self) -> str:
        return self.name


class GiftImportQuerySet(models.QuerySet["GiftImport"]):
    """Imports by who may read them and by what is left to do."""

    def visible_to(self, user: User) -> "GiftImportQuerySet":
        """Cut to what ``user`` may read: those who read campaigns read them all."""
        return self if user.role_keys & CAMPAIGN_READERS else self.none()

    def for_page(self) -> "GiftImportQuerySet":
        """Load what a page shows."""
        return self.select_related("campaign__grant__submission__organisation", "begun_by", "started_by")

    def unfinished(self) -> "GiftImportQuerySet":
        """Cut to those that still read, wait or record."""
        return self.filter(
            refused_at__isnull=True, finished_at__isnull=True, stopped_at__isnull=True, discarded_at__isnull=True
        )

    def ended(self) -> "GiftImportQuerySet":
        """Cut to those from which nothing more is recorded."""
        return self.exclude(pk__in=self.unfinished().values("pk"))


class GiftImport(models.Model):
    """One file on its way into a campaign. ``step`` follows from its stamps.

    Its lines are staged first; with one bad line nothing is recorded. Then they are recorded in order, a batch a
    transaction, and each staged line goes in the transaction that records it: a process that is killed loses nothing.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="imports")
    source = models.CharField(max_length=80)
    file_name = models.CharField(max_length=150)
    file_sha256 = models.CharField(max_length=64)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    headings = models.JSONField(default=list)
    mapping = models.JSONField(null=True, blank=True)
    last_line = models.PositiveIntegerField(default=0)
    staged_count = models.PositiveIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)
    estimate = models.JSONField(null=True, blank=True)
    recorded_count = models.PositiveIntegerField(default=0)
    repeated_count = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = GiftImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "import"
        constraints = [
            pair("started_at", "started_by", "gift_import_started_pair"),
            pair("discarded_at", "discarded_by", "gift_import_discarded_pair"),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True) | Q(read_at__isnull=False, refused_at__isnull=True),
                name="gift_import_starts_when_read_without_fault",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(started_at__isnull=False),
                name="gift_import_finishes_after_start",
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(fault_count=0) | Q(stopped_at__isnull=False),
                name="gift_import_read_has_no_fault",
            ),
        ]
        indexes = [models.Index(fields=["file_sha256"], name="gift_import_by_file")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:gift_import", args=[self.pk])

    @property
    def step(self) -> str:
        """Where it stands: columns, reading, ready, recording; or its end: refused, finished, stopped, discarded."""
        for stamp, name in (
            ("discarded_at", "discarded"), ("finished_at", "finished"), ("stopped_at", "stopped"),
            ("refused_at", "refused"), ("started_at", "recording"), ("read_at", "ready"),
        ):  # fmt: skip
            if getattr(self, stamp) is not None:
                return name
        return "columns" if self.mapping is None else "reading"

    @property
    def is_moving(self) -> bool:
        """Whether something happens to it by itself."""
        return self.step in {"reading", "recording"}

    @property
    def done_count(self) -> int:
        """How many lines are through."""
        return self.recorded_count + self.repeated_count

    @property
    def columns(self) -> ColumnMapping:
        """How its file is read."""
        return ColumnMapping.read(self.mapping) if self.mapping else OWN

    def start_blockers(self) -> list[str]:
        """Return why its gifts cannot be recorded now."""
        if self.step == "ready":
            return [] if self.campaign.takes_records else ["The campaign is not open yet."]
        return [{
            "columns": "Say first which column is what.",
            "reading": "The file is still being read.",
            "refused": "The file has bad lines. Mend them and send it again.",
        }.get(self.step, "This import has started or ended already.")]  # fmt: skip


class StagedGiftQuerySet(models.QuerySet["StagedGift"]):
    """Staged lines in the order of their file."""

    def rows(self, *, after: int = 0, most: int) -> list[GiftRow]:
        """Return at most ``most`` lines behind the line ``after``, as gifts to record."""
        found = self.filter(line__gt=after).order_by("line").values_list(*StagedGift.FIELDS)[:most]
        return [GiftRow(**dict(zip(StagedGift.FIELDS, values, strict=True))) for values in found]


class StagedGift(models.Model):
    """One line that was read and is not recorded yet. It goes when it is recorded, or with its import's end."""

    gift_import = models.ForeignKey(GiftImport, on_delete=models.CASCADE, related_name="staged")
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    donor_name = models.CharField(max_length=200, blank=True)
    donor_email = models.EmailField(max_length=254, blank=True)
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    original_currency = models.CharField(max_length=3, blank=True)
    original_minor = models.BigIntegerField(null=True, blank=True)
    rate = models.CharField(max_length=24, blank=True)

    objects = StagedGiftQuerySet.as_manager()

    class Meta:
        ordering = ["gift_import", "line"]
        constraints = [models.UniqueConstraint(fields=["gift_import", "line"], name="staged_gift_line_once")]
        indexes = [models.Index(fields=["gift_import", "key"], name="staged_gift_by_key")]

    def __str__(self) -> str:
        return self.key

    FIELDS = ("line", "key", "received_at", "donor_name", "donor_email", "currency", "gross_minor", "fee_minor",
              "original_currency", "original_minor", "rate")  # fmt: skip


class ImportFault(models.Model):
    """What is wrong with one line. It may quote the line, and goes thirty days after its import's end."""

    gift_import = models.ForeignKey(GiftImport, on_delete=models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    reason = models.TextField()

    class Meta:
        ordering = ["gift_import", "line", "pk"]
        indexes = [models.Index(fields=["gift_import", "line"], name="import_fault_by_line")]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
