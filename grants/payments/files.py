"""Payment files: what the bank was told to pay, line by line, for good."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from grants.banking.models import BankDetails
from grants.payments.models import Tranche
from vetting_portal.models import Role, User

FILE_READERS = frozenset({Role.FINANCE_OFFICER, Role.AUDITOR})


class PaymentFileQuerySet(models.QuerySet["PaymentFile"]):
    """Payment files by who may read them."""

    def visible_to(self, user: User) -> "PaymentFileQuerySet":
        """Cut to what ``user`` may read: finance and auditors all, others none."""
        return self if user.role_keys & FILE_READERS else self.none()

    def for_list(self) -> "PaymentFileQuerySet":
        """Load what a list shows, newest first: who made it, and how many payments it has."""
        return self.select_related("made_by").annotate(payments=models.Count("lines")).order_by("-pk")


class PaymentFile(models.Model):
    """A file for the bank. Its bytes are made from its lines whenever they are asked for; ``sha256`` is theirs."""

    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)

    objects = PaymentFileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Payment file {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:payment_file", args=[self.pk])


class PaymentLine(models.Model):
    """One payment of a file, as it was released then: to which account, how much, under which reference.

    ``released_at`` tells one release of a payment from the next: each stands in at most one file.
    """

    file = models.ForeignKey(PaymentFile, on_delete=models.PROTECT, related_name="lines")
    tranche = models.ForeignKey(Tranche, on_delete=models.PROTECT, related_name="lines")
    details = models.ForeignKey(BankDetails, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    released_at = models.DateTimeField()

    class Meta:
        ordering = ["file", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["tranche", "released_at"], name="payment_line_once_a_release"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_line_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_void(self) -> bool:
        """Whether the bank must not pay it from this file: the payment was held or cancelled, or released again; its
        grant was suspended, or its account is no longer the approved one.
        """
        may_be_paid = self.tranche.state in {Tranche.State.RELEASED, Tranche.State.PAID}
        return not may_be_paid or self.tranche.released_at != self.released_at or bool(self.tranche.void_reason)


def file_of(tranche: Tranche) -> PaymentFile | None:
    """Return the file for the bank in which a released payment stands, or None."""
    if tranche.state != Tranche.State.RELEASED or tranche.released_at is None:
        return None
    line = tranche.lines.filter(released_at=tranche.released_at).select_related("file").first()
    return line.file if line else None
