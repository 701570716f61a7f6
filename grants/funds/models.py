"""Match funds and their double-entry ledger: append-only, each transaction sums to zero, balances kept under lock."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from partners.places.countries import country_name
from partners.programmes.models import Programme
from vetting_portal.constraints import pair
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker

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
        """Annotate free, reserved, matched and at-risk minor units: the sums of the fund's accounts of each kind."""
        sums = {
            name: Coalesce(Sum("accounts__balance_minor", filter=Q(accounts__kind=kind)), 0)
            for name, kind in (
                ("free_minor", Account.Kind.FREE),
                ("reserved_minor", Account.Kind.RESERVED),
                ("matched_minor", Account.Kind.MATCHED),
                ("at_risk_minor", Account.Kind.AT_RISK),
            )
        }
        return self.annotate(**sums)

    def bound_for(self, funds: Iterable["MatchFund"], references: Sequence[str]) -> dict[int, int]:
        """Return what each of these funds has reserved, matched or at risk under these references, by primary key."""
        kinds = (Account.Kind.RESERVED, Account.Kind.MATCHED, Account.Kind.AT_RISK)
        rows = Account.objects.filter(fund__in=[fund.pk for fund in funds], kind__in=kinds, reference__in=references)
        return dict(rows.order_by().values_list("fund").annotate(sum_minor=Sum("balance_minor")))

    def for_list(self) -> "MatchFundQuerySet":
        """Return what the list page needs: balances and the total of them, by name."""
        return (
            self.with_balances()
            .annotate(total_minor=F("free_minor") + F("reserved_minor") + F("matched_minor") + F("at_risk_minor"))
            .order_by("name", "pk")
        )


class MatchFund(models.Model):
    """Money set aside to match gifts; it names the programmes whose grants it may match, and what else binds it.

    ``countries`` are codes, none for any country; a match window lies within the days ``gives_from_on`` and
    ``gives_until_on``, where they are set.
    """

    name = models.CharField(max_length=160, unique=True)
    currency = models.CharField(max_length=3)
    purpose = models.TextField(blank=True)
    programmes = models.ManyToManyField(Programme, related_name="match_funds")
    countries = models.JSONField(default=list, blank=True)
    gives_from_on = models.DateField(null=True, blank=True)
    gives_until_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MatchFundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="match_fund_has_name"),
            models.CheckConstraint(
                condition=Q(gives_from_on__isnull=True)
                | Q(gives_until_on__isnull=True)
                | Q(gives_from_on__lte=F("gives_until_on")),
                name="match_fund_days_in_order",
                violation_error_message="The last day comes after the first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:fund", args=[self.pk])

    def free_now(self) -> int:
        """Return the minor units that no grant has reserved."""
        found = Account.objects.filter(fund=self, kind=Account.Kind.FREE, reference="").first()
        return found.balance_minor if found else 0

    @property
    def country_names(self) -> list[str]:
        """The countries that it is bound to, by name."""
        return sorted(country_name(code) for code in self.countries)

    def restriction_blockers(
        self,
        *,
        programme: Programme,
        country: str,
        first_on: date | None,
        last_on: date | None,
        is_named: bool | None = None,
    ) -> list[Blocker]:
        """Return why it may not match a grant of ``programme`` in ``country`` whose match window has these first and
        last days. ``is_named`` says whether it names the programme, where a page has read that already.
        """
        if is_named is None:
            is_named = self.programmes.filter(pk=programme.pk).exists()
        reasons = [] if is_named else [
            Blocker("The match fund does not name this programme.", hint=f"{self} is not for {programme.title}.")
        ]  # fmt: skip
        return [*reasons, *self._restrictions(country, first_on, last_on)]

    def _restrictions(self, country: str, first_on: date | None, last_on: date | None) -> Iterator[Blocker]:
        if self.countries and country not in self.countries:
            hint = f"{self} is for {', '.join(self.country_names)}; the project is in {country_name(country)}."
            yield Blocker("The match fund is not for this country.", hint=hint)
        if self.gives_from_on and first_on and first_on < self.gives_from_on:
            hint = f"{self} gives from {self.gives_from_on:%-d %B %Y}; the window opens on {first_on:%-d %B %Y}."
            yield Blocker("The match window opens before the match fund may give.", hint=hint)
        if self.gives_until_on and last_on and last_on > self.gives_until_on:
            hint = f"{self} gives until {self.gives_until_on:%-d %B %Y}; the window ends on {last_on:%-d %B %Y}."
            yield Blocker("The match window ends after the match fund may give.", hint=hint)


class AccountManager(models.Manager["Account"]):
    """Accounts by what stands on them."""

    def of(self, *, fund: MatchFund, kind: str, reference: str = "") -> "Account":
        """Return the fund's account of this kind for ``reference``, made when an action first asks for it."""
        return self.at(fund_id=fund.pk, kind=kind, reference=reference, currency=fund.currency)

    def at(self, *, fund_id: int, kind: str, reference: str, currency: str) -> "Account":
        """Return the account as ``of`` does, where only the fund's key and currency are at hand."""
        found, _ = self.get_or_create(fund_id=fund_id, kind=kind, reference=reference, defaults={"currency": currency})
        return found

    def by_grant(self, fund: MatchFund) -> models.QuerySet["Account", Any]:
        """Return what the fund holds for each grant: its number with reserved, matched and at-risk minor units."""
        kinds = (Account.Kind.RESERVED, Account.Kind.MATCHED, Account.Kind.AT_RISK)
        sums = {f"{kind}_sum": Coalesce(Sum("balance_minor", filter=Q(kind=kind)), 0) for kind in kinds}
        rows = self.filter(fund=fund, kind__in=kinds).exclude(reference="")
        return rows.values("reference").annotate(**sums).order_by("-reference")


class Account(models.Model):
    """One account of a fund; ``reference`` is a grant's number, or empty for the fund's own. Its balance is
    the sum of its lines.

    What is payable is no account: gifts and match earned are, and what was paid is taken off both. After a payment
    they can be below zero, where a gift is refunded that was paid out with its match.
    """

    class Kind(models.TextChoices):
        """What stands on the account. Outside accounts show where money came from or went, and may be below zero."""

        SPONSOR = "sponsor", "The funder's own money"
        FREE = "free", "Free in the fund"
        RESERVED = "reserved", "Reserved for a grant"
        MATCHED = "matched", "Match earned"
        AT_RISK = "at_risk", "Match at risk"
        DONORS = "donors", "Donors"
        GIFTS = "gifts", "Gifts held for the partner"
        DISPUTED = "disputed", "Gifts in dispute"
        FEES = "fees", "Card fees"
        PAID = "paid", "Paid to the partner"
        BORNE = "borne", "Borne by the funder"
        SIMILAR = "similar", "Gifts kept for a similar purpose"
        RETURNED = "returned", "Returned by the partner"

    NEVER_NEGATIVE = (Kind.FREE, Kind.RESERVED, Kind.AT_RISK)

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
                condition=~Q(kind__in=["free", "reserved", "at_risk"]) | Q(balance_minor__gte=0),
                name="account_never_overdrawn",
                violation_error_message="There is not enough money on this account.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}".strip()


class LedgerTransactionQuerySet(models.QuerySet["LedgerTransaction"]):
    """Transactions of a fund."""

    def of_fund(self, fund: MatchFund) -> "LedgerTransactionQuerySet":
        """Cut to the transactions that moved money of ``fund``, newest first, with who wrote them.

        One that moved the match of a grant with several funds is a transaction of each of them.
        """
        lines = LedgerLine.objects.filter(transaction=OuterRef("pk"), account__fund=fund)
        grants = Account.objects.filter(fund=fund, kind=Account.Kind.RESERVED).exclude(reference="")
        elsewhere = Q(Exists(lines), reference__in=grants.values("reference"))
        return self.filter(Q(fund=fund) | elsewhere).select_related("by").order_by("-pk")

    def for_page(self, fund: MatchFund) -> "LedgerTransactionQuerySet":
        """Return what the fund page shows: each transaction with what it did to free, reserved and matched money, and
        the gifts that it moved.
        """
        return (
            self.of_fund(fund)
            .prefetch_related("gift_entries__gift")
            .annotate(
                free_minor=_moved(fund, Account.Kind.FREE),
                reserved_minor=_moved(fund, Account.Kind.RESERVED),
                matched_minor=_moved(fund, Account.Kind.MATCHED, Account.Kind.AT_RISK),
            )
        )


def _moved(fund: MatchFund, *kinds: str) -> Any:
    """Return what a transaction did to the fund's accounts of ``kinds``; reckoned for the rows that a page shows."""
    lines = LedgerLine.objects.filter(transaction=OuterRef("pk"), account__fund=fund, account__kind__in=kinds)
    sums = lines.order_by().values("transaction").annotate(total=Sum("amount_minor")).values("total")
    return Coalesce(Subquery(sums), 0)


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
        DISPUTE = "dispute", "Dispute"
        PAYMENT = "payment", "Payment"
        CLOSING = "closing", "Campaign closed"
        ENDING = "ending", "Grant ended"
        RETURN = "return", "Returned by the partner"

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


class PledgeQuerySet(models.QuerySet["Pledge"]):
    """Pledges of a fund."""

    def for_page(self, fund: MatchFund) -> "PledgeQuerySet":
        """Return what the fund's page shows: the open ones first, soonest first, with the money that kept them."""
        return (
            self.filter(fund=fund)
            .select_related("kept_by_top_up")
            .order_by(F("kept_at").asc(nulls_first=True), F("withdrawn_at").asc(nulls_first=True), "due_on", "pk")
        )

    def open(self) -> "PledgeQuerySet":
        """Cut to those that are neither kept nor withdrawn, soonest first."""
        return self.filter(kept_at__isnull=True, withdrawn_at__isnull=True).order_by("due_on", "pk")


class Pledge(models.Model):
    """Money that somebody promised to a fund. It is shown and never reserved against: only money that came counts."""

    fund = models.ForeignKey(MatchFund, on_delete=models.PROTECT, related_name="pledges")
    pledged_by = models.CharField(max_length=160)
    amount_minor = models.BigIntegerField()
    due_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(null=True, blank=True)
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    kept_by_top_up = models.OneToOneField(
        LedgerTransaction, on_delete=models.PROTECT, related_name="pledge", null=True, blank=True
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0),
                name="pledge_of_something",
                violation_error_message="A pledge is more than zero.",
            ),
            models.CheckConstraint(condition=~Q(pledged_by=""), name="pledge_by_somebody"),
            pair("kept_at", "kept_by", "pledge_kept_pair"),
            pair("kept_at", "kept_by_top_up", "pledge_kept_by_money"),
            pair("withdrawn_at", "withdrawn_by", "pledge_withdrawn_pair"),
            models.CheckConstraint(
                condition=Q(kept_at__isnull=True) | Q(withdrawn_at__isnull=True), name="pledge_kept_or_withdrawn"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""), name="pledge_withdrawn_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"Pledge of {self.pledged_by}"

    @property
    def is_open(self) -> bool:
        """Whether the money can still come."""
        return self.kept_at is None and self.withdrawn_at is None

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed and the money has not come."""
        return self.is_open and self.due_on < timezone.localdate()


class LedgerLine(models.Model):
    """One amount on one account, never zero, never changed."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_line_not_zero")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_minor}"
