"""The sanctions lists as they were imported: list, entry, name."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from partners.organisations.models import READERS_OF_ALL
from vetting_portal.constraints import known
from vetting_portal.models import User

FRESH_FOR = timedelta(days=30)


class ListSource(models.TextChoices):
    """Who publishes a list, and in which form it comes."""

    OFAC_SDN = "ofac-sdn", "OFAC SDN list"
    OFAC_CONSOLIDATED = "ofac-consolidated", "OFAC consolidated list"
    UN = "un", "UN Security Council list"
    OPENSANCTIONS = "opensanctions", "OpenSanctions"


class SanctionsListQuerySet(models.QuerySet["SanctionsList"]):
    """Lists by what is in force."""

    def current(self) -> "SanctionsListQuerySet":
        """Cut to the list of each source that names are screened against now."""
        return self.filter(is_current=True).order_by("source")

    def visible_to(self, user: User) -> "SanctionsListQuerySet":
        """Cut to what ``user`` may read: staff who read everything see every import."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()


class SanctionsList(models.Model):
    """One import of one list: when it was published, the hash of its bytes, and whether it is the current one."""

    source = models.CharField(max_length=24, choices=ListSource)
    published_on = models.DateField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    entry_count = models.PositiveIntegerField(default=0)
    name_count = models.PositiveIntegerField(default=0)
    is_current = models.BooleanField(default=False)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SanctionsListQuerySet.as_manager()

    class Meta:
        ordering = ["source", "-imported_at"]
        constraints = [
            known("source", ListSource.values, "sanctions_list_source_known"),
            models.UniqueConstraint(
                fields=["source"], condition=Q(is_current=True), name="sanctions_list_current_once"
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="sanctions_list_hash_whole"),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(entry_count__gte=1, name_count__gte=1),
                name="sanctions_list_current_holds_names",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} of {self.published_on or 'an unknown date'}"

    @property
    def source_words(self) -> str:
        """The list as a sentence names it: ``OpenSanctions list``."""
        name = self.get_source_display()
        return name if name.endswith("list") else f"{name} list"

    def stale_reason(self, today: date | None = None) -> str:
        """Return why names cannot be screened against it, or an empty text while it is fresh."""
        today = today or timezone.localdate()
        if self.published_on is None:
            return f"The {self.source_words} has no publication date."
        if self.published_on < today - FRESH_FOR:
            day = f"{self.published_on:%-d %B %Y}"
            return f"The {self.source_words} was published on {day}, more than {FRESH_FOR.days} days ago."
        return ""

    @property
    def is_stale(self) -> bool:
        """Whether it counts as out of date: published more than 30 days ago, or without a date."""
        return bool(self.stale_reason())

    def as_record(self) -> dict[str, Any]:
        """Return what a screening keeps of it."""
        return {
            "id": self.pk,
            "source": self.source,
            "sha256": self.sha256,
            "published_on": self.published_on.isoformat() if self.published_on else None,
        }


class ListEntry(models.Model):
    """One person or organisation on a list, as the publisher describes it."""

    class Kind(models.TextChoices):
        """What stands there."""

        PERSON = "person", "Person"
        ORGANISATION = "organisation", "Organisation"
        ANY = "any", "Person or organisation"
        OTHER = "other", "Ship, aircraft or other thing"

    sanctions_list = models.ForeignKey(SanctionsList, on_delete=models.CASCADE, related_name="entries")
    number = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.TextField()
    born = models.TextField(blank=True)
    country = models.TextField(blank=True)
    gender = models.CharField(max_length=24, blank=True)
    programme = models.TextField(blank=True)
    listed_on = models.CharField(max_length=24, blank=True)
    remarks = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["sanctions_list", "number"]
        verbose_name_plural = "list entries"
        constraints = [
            models.UniqueConstraint(fields=["sanctions_list", "number"], name="list_entry_number_once"),
            models.CheckConstraint(condition=~Q(name=""), name="list_entry_has_name"),
            known("kind", ["person", "organisation", "any", "other"], "list_entry_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class ListName(models.Model):
    """One name of an entry; a weak one is an alias that the publisher itself does not trust."""

    entry = models.ForeignKey(ListEntry, on_delete=models.CASCADE, related_name="names")
    text = models.TextField()
    is_weak = models.BooleanField(default=False)

    class Meta:
        ordering = ["entry", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="list_name_not_empty")]

    def __str__(self) -> str:
        return self.text


def index_key() -> tuple[tuple[int, str, datetime], ...]:
    """Return what the index of names depends on: the current lists."""
    return tuple(SanctionsList.objects.current().values_list("pk", "sha256", "imported_at"))


def entry_record(entry: ListEntry) -> dict[str, object]:
    """Return what a candidate keeps of an entry, so that the comparison can be read when the list is long gone."""
    names = list(entry.names.all())
    return {
        "number": entry.number,
        "kind": entry.kind,
        "name": entry.name,
        "born": entry.born,
        "country": entry.country,
        "gender": entry.gender,
        "programme": entry.programme,
        "listed_on": entry.listed_on,
        "remarks": entry.remarks[:2000],
        "names": [name.text for name in names if not name.is_weak],
        "weak_names": [name.text for name in names if name.is_weak],
    }
