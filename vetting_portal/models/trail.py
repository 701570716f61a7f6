"""The audit trail's rows: a chain of hashes, its head, and the personal words that can be erased."""

from django.db import models

GENESIS = "0" * 64


class AuditHead(models.Model):
    """The one row that an append locks: the number and hash of the newest entry."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_single")]

    def __str__(self) -> str:
        return f"{self.seq}"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Entries by subject."""

    def about(self, subject: models.Model) -> "AuditEntryQuerySet":
        """Cut to the entries about one record, oldest first, with their personal words."""
        return (
            self.filter(subject_type=subject._meta.label, subject_id=str(subject.pk))
            .select_related("words")
            .order_by("seq")
        )


class AuditEntry(models.Model):
    """One fact of the trail; never changed, never removed. Refers to subject and actor by value: rows may go."""

    seq = models.BigIntegerField(primary_key=True)
    prev_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    schema = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    event = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24, blank=True)
    actor_id = models.BigIntegerField()
    facts = models.JSONField()
    words_hash = models.CharField(max_length=64)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "seq"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.seq} {self.event}"


class AuditWords(models.Model):
    """The name, role and note of an entry, apart from it: erasing a person removes these and leaves the entry."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, primary_key=True, related_name="words")
    salt = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True) | models.Q(salt="", name="", role="", note=""),
                name="audit_words_erased_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name
