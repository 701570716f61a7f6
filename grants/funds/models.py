"""Match funds and their double-entry ledger: append-only, each transaction sums to zero, balances kept under lock."""

from typing import Any

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from partners.programmes.models import Programme
from vetting_portal.models import Role, User

FUND_READERS = frozenset({Role.FINANCE_OFFICER, Role.DIRECTOR, Role.AUDITOR})


class MatchFundQuerySet(models.QuerySet["MatchFund"]):
    """Funds by who reads them and what they match."""

    def visible_to(self, user: User) -> "MatchFundQuerySet":
        """Cut to what ``user`` may read: finance, directors and auditors read every fund, others none."""
        return self if user.role_keys & FUND_READERS else self.none()

    def matching(self, programme: Programme, currency: str) -> "MatchFundQuerySet":
        """Cut to the funds that name ``programme`` and hold ``currency``."""
        return self.filter(programmes=programme, currency=currency)

    def with_balances(self) -> "MatchFundQuerySet":
        """Annotate free, reserved and matched minor units, each the sum of the fund's accounts of that kind."""
        sums = {
            name: Coalesce(Sum("accounts__balance_minor", filter=Q(accounts__kind=kind)), 0)
            for name, kind in (
                ("free_minor", Account.Kind.FREE),
                ("reserved_minor", Account.Kind.RESERVED),
                ("matched_minor", Account.Kind.MATCHED),
            )
        }
        return self.annotate(**sums)

    def for_list(self) -> "MatchFundQuerySet":
        """Return what the list page needs: balances and the total of them, by name."""
        return (
            self.with_balances()
            .annotate(total_minor=F("free_minor") + F("reserved_minor") + F("matched_minor"))
            .order_by("name", "pk")
        )


class MatchFund(models.Model):
    """Money set aside to match gifts; it names the programmes whose grants it may match."""

    name = models.CharField(max_length=160, unique=True)
    currency = models.CharField(max_length=3)
    purpose = models.TextField(blank=True)
    programmes = models.ManyToManyField(Programme, related_name="match_funds")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MatchFundQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="match_fund_has_name")]

    def __str__(self) -> str:
        return self.name

    def free_now(self) -> int:
        """Return the minor units that no grant has reserved."""
        found = Account.objects.filter(fund=self, kind=Account.Kind.FREE, reference="").first()
        return found.balance_minor if found else 0


class AccountManager(models.Manager["Account"]):
    """Accounts by what stands on them."""

    def of(self, *, fund: MatchFund, kind: str, reference: str = "") -> "Account":
        """Return the fund's account of this kind for ``reference``, made when an action first asks for it."""
        found, _ = self.get_or_create(fund=fund, kind=kind, reference=reference, defaults={"currency": fund.currency})
        return found


class Account(models.Model):
    """One account of a fund; ``reference`` is a grant's number, or empty for the fund's own. Its balance is
    the sum of its lines.
    """

    class Kind(models.TextChoices):
        """What stands on the account. Outside accounts show where money came from or went, and may be below zero."""

        SPONSOR = "sponsor", "The funder's own money"
        FREE = "free", "Free in the fund"
        RESERVED = "reserved", "Reserved for a grant"
        MATCHED = "matched", "Match earned"
        DONORS = "donors", "Donors"
        GIFTS = "gifts", "Gifts held for the partner"
        FEES = "fees", "Card fees"
        PAID = "paid", "Paid to the partner"
        BORNE = "borne", "Borne by the funder"

    NEVER_NEGATIVE = (Kind.FREE, Kind.RESERVED, Kind.MATCHED)

    fund = models.ForeignKey(MatchFund, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=12, choices=Kind)
    reference = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(default=0)

    objects = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fund", "kind", "reference"], name="account_once"),
            models.CheckConstraint(
                condition=~Q(kind__in=["free", "reserved", "matched"]) | Q(balance_minor__gte=0),
                name="account_never_overdrawn",
                violation_error_message="There is not enough money on this account.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}".strip()


class LedgerTransactionQuerySet(models.QuerySet["LedgerTransaction"]):
    """Transactions of a fund."""

    def of_fund(self, fund: MatchFund) -> "LedgerTransactionQuerySet":
        """Cut to the transactions of ``fund``, newest first, with who wrote them."""
        return self.filter(fund=fund).select_related("by").order_by("-pk")

    def moving(self, kind: str) -> "LedgerTransactionQuerySet":
        """Annotate ``moved_minor``: what the transaction added to the fund's accounts of ``kind``."""
        return self.annotate(moved_minor=Coalesce(Sum("lines__amount_minor", filter=Q(lines__account__kind=kind)), 0))

    def for_page(self, fund: MatchFund) -> "LedgerTransactionQuerySet":
        """Return what the fund page shows: each transaction with what it did to free, reserved and matched money."""
        return self.of_fund(fund).annotate(
            free_minor=_moved(Account.Kind.FREE),
            reserved_minor=_moved(Account.Kind.RESERVED),
            matched_minor=_moved(Account.Kind.MATCHED),
        )


def _moved(kind: str) -> Any:
    return Coalesce(Sum("lines__amount_minor", filter=Q(lines__account__kind=kind)), 0)


class LedgerTransaction(models.Model):
    """Lines that sum to zero. ``key`` makes it happen once; ``is_sealed`` is set last, and the database then
    checks the sum.
    """

    class Kind(models.TextChoices):
        """Why money moved."""

        TOP_UP = "top_up", "Money put in"
        RESERVE = "reserve", "Reserved for a grant"
        RELEASE = "release", "Reserve given back"
        GIFT = "gift", "Gift and its match"
        REFUND = "refund", "Refund"
        MATCH = "match", "Match moved"
        PAYMENT = "payment", "Payment"
        CLOSING = "closing", "Campaign closed"

    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    fund = models.ForeignKey(MatchFund, on_delete=models.PROTECT, related_name="transactions")
    reference = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    is_sealed = models.BooleanField(default=False)

    objects = LedgerTransactionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["fund", "-id"], name="ledger_by_fund"),
            models.Index(fields=["reference"], name="ledger_by_reference"),
        ]

    def __str__(self) -> str:
        return self.key


class LedgerLine(models.Model):
    """One amount on one account, never zero, never changed."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_line_not_zero")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_minor}"
