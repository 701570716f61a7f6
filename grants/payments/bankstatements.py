"""What the bank says: statements as they were uploaded, and the lines that a person matched by hand."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from grants.payments.files import FILE_READERS
from grants.payments.models import Tranche
from vetting_portal.models import User


class BankStatementQuerySet(models.QuerySet["BankStatement"]):
    """Statements by who may read them."""

    def visible_to(self, user: User) -> "BankStatementQuerySet":
        """Cut to what ``user`` may read: finance and auditors all, others none."""
        return self if user.role_keys & FILE_READERS else self.none()

    def for_list(self) -> "BankStatementQuerySet":
        """Load what a list shows, newest first."""
        return self.select_related("uploaded_by").annotate(lines_read=models.Count("lines")).order_by("-pk")


class BankStatement(models.Model):
    """A file of the bank, known by its hash: the same file again is the same statement."""

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = BankStatementQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:bank_statement", args=[self.pk])


class BankLineQuerySet(models.QuerySet["BankLine"]):
    """Lines by who may read them."""

    def visible_to(self, user: User) -> "BankLineQuerySet":
        """Cut to what ``user`` may read: finance and auditors all, others none."""
        return self if user.role_keys & FILE_READERS else self.none()


class BankLine(models.Model):
    """One line: below zero what left the account, above zero what came in; ``line`` counts as the file does."""

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField()
    booked_on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=500, blank=True)

    objects = BankLineQuerySet.as_manager()

    class Meta:
        ordering = ["statement", "line"]
        constraints = [models.UniqueConstraint(fields=["statement", "line"], name="bank_line_once")]
        indexes = [models.Index(fields=["reference"], name="bank_line_by_reference")]

    def __str__(self) -> str:
        return f"Line {self.line}"


class LineMatch(models.Model):
    """What a person said of a line: the payment that it is, or that it is none; the newest word counts."""

    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="matches")
    tranche = models.ForeignKey(Tranche, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reason = models.TextField()
    matched_at = models.DateTimeField()
    matched_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["line", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="line_match_says_why")]

    def __str__(self) -> str:
        return f"{self.line}: {self.tranche or 'no payment'}"
