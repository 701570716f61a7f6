"""Files the portal keeps: one row for each content, named by its hash."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from vetting_portal.files import Blob


class StoredFileManager(models.Manager["StoredFile"]):
    """Records files whose bytes are already in the storage."""

    def record(self, blob: "Blob", media_type: str) -> "StoredFile":
        """Return the row for ``blob``; the same content has one row, however often it comes."""
        stored, _ = self.get_or_create(sha256=blob.sha256, defaults={"size": blob.size, "media_type": media_type})
        return stored


class StoredFile(models.Model):
    """A content in the storage: its SHA-256, size in bytes and media type."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=127)
    stored_at = models.DateTimeField(default=timezone.now)

    objects = StoredFileManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(size__gte=0), name="stored_file_size_not_negative")]

    def __str__(self) -> str:
        return self.sha256
