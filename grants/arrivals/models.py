"""What was said of the arrival of a payment: each word is only added, the newest one stands."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from grants.arrivals.figures import Comparison, ReceivedSoFar, received_so_far
from vetting_portal.constraints import known
from vetting_portal.models import User
from vetting_portal.statements import DayBegins, Today

FUNDERS_WORDS = ("answered", "returned")  # after them the partner is asked whether the payment arrived
WAIT = timedelta(days=30)  # within it a bank returns what it could not pay out
MARKS = (7, 21)  # days after a payment on which the partner is reminded to confirm it


class ArrivalQuerySet(models.QuerySet["Arrival"]):
    """What was said of payments."""

    def standing(self) -> "ArrivalQuerySet":
        """Cut to the newest word on each payment."""
        later = Arrival.objects.filter(tranche=OuterRef("tranche"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))

    def confirmed(self) -> "ArrivalQuerySet":
        """Cut to the payments that arrived, as their partner said last."""
        return self.standing().filter(kind=Arrival.Kind.ARRIVED)

    def missing(self) -> "ArrivalQuerySet":
        """Cut to the payments that have not arrived, as their partner said last: finance looks for them."""
        return self.standing().filter(kind=Arrival.Kind.MISSING)

    def for_list(self) -> "ArrivalQuerySet":
        """Load what a list shows."""
        return self.select_related("tranche__grant__submission__organisation", "said_by").order_by("tranche", "number")


class Arrival(models.Model):
    """One word on a payment. Amounts are minor units of ``currency``: what stood on the partner's account, and what
    banks took off before. ``arrived_on`` is the date in the partner's country; of a returned payment the date the
    funder got it back. A later word of the partner corrects the earlier one and says why in ``text``.
    """

    class Kind(models.TextChoices):
        """Arrived and missing are the partner's words; answered, and returned by the bank, are the funder's."""

        ARRIVED = "arrived", "Arrived"
        MISSING = "missing", "Has not arrived"
        ANSWERED = "answered", "Answered by finance"
        RETURNED = "returned", "Returned by the bank"

    tranche = models.ForeignKey("grants.Tranche", on_delete=models.PROTECT, related_name="arrivals")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    currency = models.CharField(max_length=3, blank=True)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    charges_minor = models.BigIntegerField(null=True, blank=True)
    arrived_on = models.DateField(null=True, blank=True)
    text = models.TextField(blank=True)
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ArrivalQuerySet.as_manager()
    is_before_return = False  # set for a page: what it says is of a payment that the bank returned since

    class Meta:
        ordering = ["tranche", "number"]
        constraints = [
            models.UniqueConstraint(fields=["tranche", "number"], name="arrival_number_once"),
            known("kind", ["arrived", "missing", "answered", "returned"], "arrival_kind_known"),
            models.CheckConstraint(
                condition=Q(
                    ~Q(currency=""), kind="arrived", amount_minor__gt=0, charges_minor__gte=0, arrived_on__isnull=False
                )
                | Q(
                    kind__in=["missing", "answered"], currency="", amount_minor__isnull=True,
                    charges_minor__isnull=True, arrived_on__isnull=True,
                )
                | Q(
                    kind="returned", currency="", amount_minor__isnull=True, charges_minor__isnull=True,
                    arrived_on__isnull=False,
                ),
                name="arrival_says_how_much_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["answered", "returned"]) | ~Q(text=""), name="arrival_answer_says_something"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: payment {self.tranche_id}, word {self.number}"

    @property
    def comparison(self) -> Comparison:
        """How it compares with what was paid. Only of a word that it arrived."""
        tranche: Any = self.tranche
        paid_on: Any = tranche.paid_on or self.arrived_on  # the bank returned it since: nobody asks how long it took
        return Comparison(
            currency=tranche.grant.currency,
            paid_minor=tranche.amount_minor,
            paid_on=paid_on,
            local=self.currency,
            amount_minor=self.amount_minor or 0,
            charges_minor=self.charges_minor or 0,
            arrived_on=self.arrived_on or paid_on,
        )


class ArrivalNotice(models.Model):
    """The partner was reminded to confirm a payment, at one of the marks: days after it was paid. ``time`` counts the
    payments: 2 once the bank returned the first and it was paid again.
    """

    tranche = models.ForeignKey("grants.Tranche", on_delete=models.PROTECT, related_name="arrival_notices")
    mark = models.PositiveSmallIntegerField()
    time = models.PositiveSmallIntegerField(default=1)
    noticed_at = models.DateTimeField()

    class Meta:
        ordering = ["tranche", "mark"]
        constraints = [models.UniqueConstraint(fields=["tranche", "time", "mark"], name="arrival_notice_once")]

    def __str__(self) -> str:
        return f"Payment {self.tranche_id}: {self.mark} days"


def last_word(tranche: Any) -> Arrival | None:
    """Return what was said last of a payment, or None."""
    return Arrival.objects.filter(tranche=tranche.pk).order_by("-number").first()


def confirmed_of(grant: Any) -> ArrivalQuerySet:
    """Return the confirmations that stand of a grant's payments, by the payment's number."""
    rows = Arrival.objects.confirmed().filter(tranche__grant=grant.pk)
    return rows.select_related("tranche__grant").order_by("tranche__number")


def received_of(grant: Any) -> ReceivedSoFar | None:
    """Return what a grant's partner has confirmed so far, as a report says it; None where nothing was."""
    return received_so_far(one.comparison for one in confirmed_of(grant))


def times_paid(tranche: Any) -> int:
    """Return 1 for a payment that was paid for the first time, one more for each return; uses what was prefetched."""
    return 1 + sum(one.kind == Arrival.Kind.RETURNED for one in tranche.arrivals.all())


def unanswered(rows: Any) -> Any:
    """Cut payments to those paid that their partner has neither confirmed, nor missed since the funder's last word."""
    newest = Arrival.objects.filter(tranche=OuterRef("pk")).order_by("-number").values("kind")
    told = rows.filter(state="paid").annotate(last_kind=Subquery(newest[:1]))
    return told.filter(Q(last_kind__isnull=True) | Q(last_kind__in=FUNDERS_WORDS))


def awaited(rows: Any) -> Any:
    """Cut payments to those that the bank may still return: paid, or looked for by the funder, less than ``WAIT`` ago,
    and neither confirmed nor missed by their partner since.
    """
    newest = Arrival.objects.filter(tranche=OuterRef("pk")).order_by("-number").values("said_at")
    told = unanswered(rows).annotate(last_at=Subquery(newest[:1]))
    return told.filter(Q(paid_on__gt=Today(-WAIT)) | Q(last_at__gte=DayBegins(timedelta(days=1) - WAIT)))


def due_mark(paid_on: date, today: date) -> int | None:
    """Return the last mark that has been reached, None before the first."""
    return max((mark for mark in MARKS if (today - paid_on).days >= mark), default=None)
