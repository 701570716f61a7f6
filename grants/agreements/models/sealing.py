"""What is recorded beside a seal: timestamps of the sealed file, and each time that a seal or a timestamp failed."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from grants.agreements.models.agreement import Agreement
from grants.agreements.models.grant import Grant
from vetting_portal.constraints import known
from vetting_portal.models import User

LONG = timedelta(days=1)  # a timestamp that is missing for longer is shown to staff
MOST_SHOWN = 200  # of many that failed, the newest are looked at


class Timestamp(models.Model):
    """Somebody else's word (RFC 3161) that the sealed file was there: its time is ``stamped_at`` by ``authority``'s
    clock, ``recorded_at`` is ours. The token is detached: the sealed file stays as it is.

    ``pem`` holds the certificates it was believed by, from the authority's own to the root.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="timestamps")
    sha256 = models.CharField(max_length=64)
    token = models.BinaryField()
    stamped_at = models.DateTimeField()
    authority = models.CharField(max_length=400)
    server = models.CharField(max_length=300)
    pem = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "server"], name="timestamp_once_a_server"),
            models.CheckConstraint(
                condition=~Q(sha256="") & ~Q(authority="") & ~Q(pem=""), name="timestamp_says_of_what_and_by_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"Timestamp of {self.agreement}"


class SetbackQuerySet(models.QuerySet["Setback"]):
    """Failures by what still stands in their way."""

    def waiting(self, agreement: Agreement, step: str, now: datetime) -> "SetbackQuerySet":
        """Cut to those of a step whose next try is still to come."""
        return self.filter(agreement=agreement, step=step, again_at__gt=now)

    def of_missing_seals(self) -> "SetbackQuerySet":
        """Cut to seals that failed and are not there yet."""
        return self.filter(step=Setback.Step.SEAL, agreement__sealed_at__isnull=True, agreement__voided_at__isnull=True)

    def to_show(self, grant: Grant) -> "SetbackQuerySet":
        """Cut to what staff should see of a grant, newest first: seals that failed and are not there yet, timestamps
        that are missing for longer than a day.
        """
        no_stamp = Q(
            step=Setback.Step.TIMESTAMP,
            agreement__timestamps__isnull=True,
            at__gt=F("agreement__sealed_at") + LONG,
        )
        found = self.of_missing_seals() | self.filter(no_stamp)
        return found.filter(agreement__terms__grant=grant).select_related("agreement").order_by("-pk")

    def newest_to_show(self, grant: Grant) -> "list[Setback]":
        """Return the newest to show of each document and step."""
        newest: dict[tuple[int, str], Setback] = {}
        for one in self.to_show(grant)[:MOST_SHOWN]:
            newest.setdefault((one.agreement_id, one.step), one)
        return list(newest.values())


class Setback(models.Model):
    """One try at a seal or a timestamp that failed: why, in words for staff, and when it is tried again."""

    class Step(models.TextChoices):
        """What failed."""

        SEAL = "seal", "Sealing"
        TIMESTAMP = "timestamp", "The timestamp"

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="setbacks")
    step = models.CharField(max_length=12, choices=Step)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    again_at = models.DateTimeField()

    objects = SetbackQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            known("step", ["seal", "timestamp"], "setback_step_known"),
            models.CheckConstraint(condition=Q(again_at__gte=F("at")), name="setback_tried_again_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="setback_says_why"),
        ]
        indexes = [models.Index(fields=["agreement", "step", "again_at"], name="setback_of_a_step")]

    def __str__(self) -> str:
        return f"{self.get_step_display()} of {self.agreement} failed"


def _left_behind(rows: QuerySet[Agreement], step: str, before: datetime) -> QuerySet[Agreement]:
    """Cut to what nobody has tried since ``before``, nor will."""
    tried = Setback.objects.filter(agreement=OuterRef("pk"), step=step, again_at__gt=before)
    return rows.filter(~Exists(tried)).order_by("pk")


def left_unsealed(before: datetime) -> QuerySet[Agreement]:
    """Return what could have been sealed before that moment, is not, and waits for no other try. Amendments are their
    own room's.
    """
    partner = Q(kind=Agreement.Kind.AGREEMENT, signatures__side="partner", signatures__signed_at__lt=before)
    letter = Q(kind=Agreement.Kind.CLOSING, signatures__side="director", signatures__signed_at__lt=before)
    ready = partner | letter | Q(kind__in=Agreement.SEALED_ALONE, created_at__lt=before)
    rows = Agreement.objects.filter(ready, sealed_at__isnull=True, voided_at__isnull=True).distinct()
    return _left_behind(rows, Setback.Step.SEAL, before)


def without_timestamp(before: datetime) -> QuerySet[Agreement]:
    """Return what was sealed before that moment, has no timestamp, and waits for no other try."""
    rows = Agreement.objects.filter(sealed_at__lt=before, timestamps__isnull=True)
    return _left_behind(rows, Setback.Step.TIMESTAMP, before)
