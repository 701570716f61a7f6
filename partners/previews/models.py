"""What is known of the look of a file: how many pages, their pictures, or why there are none."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from vetting_portal.models import StoredFile


class PreviewQuerySet(models.QuerySet["Preview"]):
    """Previews by the file they show."""

    def of_files(self, files: "list[int]") -> "dict[int, Preview]":
        """Return the previews of files, by the file's id."""
        return {preview.file_id: preview for preview in self.filter(file_id__in=files)}


class Preview(models.Model):
    """The pages of one stored content. It is failed where it cannot be opened, and being made until it is counted.

    ``asked_from``, ``asked_to`` and ``asked_at`` say which pages were asked for last, so that nobody's waiting page
    asks again and again.
    """

    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="preview")
    converted = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    asked_from = models.PositiveIntegerField(default=1)
    asked_to = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField(default=timezone.now)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(page_count__isnull=True) | Q(page_count__gte=1), name="preview_has_pages"
            ),
            models.CheckConstraint(
                condition=Q(failed_at__isnull=True, failure="") | Q(failed_at__isnull=False) & ~Q(failure=""),
                name="preview_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(failed_at__isnull=True) | Q(page_count__isnull=True), name="preview_failed_has_no_pages"
            ),
            models.CheckConstraint(
                condition=Q(asked_from__gte=1, asked_to__gte=models.F("asked_from")), name="preview_asked_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"pages of {self.file_id}"

    @property
    def source(self) -> StoredFile:
        """Return what the pages are drawn from: the file, or the PDF that was made of it."""
        return self.converted or self.file


class PageImageQuerySet(models.QuerySet["PageImage"]):
    """Pages by file and number."""

    def at(self, file: int, number: int) -> "PageImage | None":
        """Return page ``number`` of the file with that id, pictures included, or None before it is drawn."""
        return self.filter(preview__file_id=file, number=number).select_related("preview", "small", "large").first()


class PageImage(models.Model):
    """One page as two pictures under their content hashes; ``width`` and ``height`` are its size at 100%.

    ``lines`` is its text with places in the same pixels; a scan has none.

    A page that cannot be drawn has none, and says why.
    """

    preview = models.ForeignKey(Preview, on_delete=models.PROTECT, related_name="pages")
    number = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    small = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    large = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    small_width = models.PositiveIntegerField(default=0)
    large_width = models.PositiveIntegerField(default=0)
    lines = models.JSONField(default=list, blank=True)  # the text layer: y, h, t, and x of each character
    failure = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    objects = PageImageQuerySet.as_manager()

    class Meta:
        ordering = ["preview", "number"]
        constraints = [
            models.UniqueConstraint(fields=["preview", "number"], name="page_image_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="page_image_number_positive"),
            models.CheckConstraint(
                condition=Q(failure="", small__isnull=False, large__isnull=False, width__gte=1, height__gte=1)
                | Q(small__isnull=True, large__isnull=True) & ~Q(failure=""),
                name="page_image_is_there_or_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of {self.preview_id}"
