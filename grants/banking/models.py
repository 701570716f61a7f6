"""Bank details by version, each with its call and its approval; and the numbers that the funder held before."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from grants.banking.locking import open_up
from partners.checklists.evidence import add_months
from partners.organisations.models import Membership, Organisation
from partners.vault.models import Document
from reviews.screening.bank_gate import GOOD_FOR_MONTHS, PASS, screening_reasons
from reviews.screening.banks import Bank
from vetting_portal.constraints import known, pair
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker

BANK_READERS = frozenset({Role.PROGRAMME_OFFICER, Role.DIRECTOR, Role.FINANCE_OFFICER, Role.AUDITOR})


class HeldNumber(models.Model):
    """A telephone number of a partner that the funder found by itself; only one from before the details counts."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="held_numbers")
    number = models.CharField(max_length=20)
    whose = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["organisation", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(whose="") & ~Q(source=""), name="held_number_says_whence"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.whose}"


class BankDetailsQuerySet(models.QuerySet["BankDetails"]):
    """Bank details by who may read them and what they wait for."""

    def visible_to(self, user: User) -> "BankDetailsQuerySet":
        """Cut to what ``user`` may read: members their own, staff who pay or judge those of others."""
        mine = Membership.objects.filter(user_id=user.pk)
        own = Q(organisation__in=mine.current().values("organisation"))
        if not user.role_keys & BANK_READERS:
            return self.filter(own)
        return self.filter(own | ~Q(organisation__in=mine.values("organisation")))

    def current(self) -> "BankDetailsQuerySet":
        """Cut to the newest version of each organisation."""
        return self.filter(superseded_at__isnull=True)

    def waiting(self) -> "BankDetailsQuerySet":
        """Cut to those that wait for a call or for the second person, longest waiting first."""
        open_ = self.current().filter(approved_at__isnull=True, refused_at__isnull=True)
        return open_.for_page().order_by("entered_at", "pk")

    def for_page(self) -> "BankDetailsQuerySet":
        """Load what a page shows."""
        return self.select_related(
            "organisation", "bank", "letter__paper", "entered_by", "called_by", "held_number", "approved_by",
            "refused_by",
        )  # fmt: skip


class BankDetails(models.Model):
    """One version of where a partner is paid. The account number is encrypted; ``last4`` is what pages show."""

    class Form(models.TextChoices):
        """How the account is numbered."""

        IBAN = "iban", "IBAN"
        ACCOUNT = "account", "Account number"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bank_details")
    number = models.PositiveSmallIntegerField()
    bank = models.OneToOneField(Bank, on_delete=models.PROTECT, related_name="details")
    holder = models.CharField(max_length=200)
    holder_reason = models.TextField(blank=True)
    bank_name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    form = models.CharField(max_length=8, choices=Form)
    account_locked = models.TextField()
    account_mark = models.CharField(max_length=64, db_index=True)
    last4 = models.CharField(max_length=4)
    bic = models.CharField(max_length=11, blank=True)
    letter = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    held_number = models.ForeignKey(HeldNumber, on_delete=models.PROTECT, related_name="calls", null=True, blank=True)
    held_since_at = models.DateTimeField(null=True, blank=True)
    called_whom = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    refused_reason = models.TextField(blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = BankDetailsQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-number"]
        verbose_name_plural = "bank details"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="bank_details_number_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(superseded_at__isnull=True), name="bank_details_current_once"
            ),
            known("form", ["iban", "account"], "bank_details_form_known"),
            *[
                pair(f"{stamp}_at", f"{stamp}_by", f"bank_details_{stamp}_pair")
                for stamp in ("called", "approved", "refused", "superseded")
            ],
            models.CheckConstraint(
                condition=Q(called_at__isnull=True)
                | Q(held_number__isnull=False, held_since_at__lt=F("entered_at")) & ~Q(called_whom=""),
                name="bank_details_call_to_a_number_from_before",
                violation_error_message="Call a number that was recorded before the details came.",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(called_at__isnull=False), name="bank_details_call_comes_first"
            ),
            # Three people: who entered, who called, who approved.
            models.CheckConstraint(
                condition=Q(called_by__isnull=True) | ~Q(called_by=F("entered_by")),
                name="bank_details_caller_is_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("called_by")) & ~Q(approved_by=F("entered_by"))),
                name="bank_details_second_person",
                violation_error_message="Another person approves than the one who called.",
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True) | ~Q(refused_reason=""), name="bank_details_refusal_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.masked}"

    def get_absolute_url(self) -> str:
        """Return the address of the page of the organisation's bank details."""
        return reverse("grants:bank", args=[self.organisation_id])

    @property
    def about(self) -> str:
        """What the encrypted number is bound to."""
        return f"bank:{self.organisation_id}:{self.number}"

    @property
    def masked(self) -> str:
        """The account as pages show it: the last four."""
        return f"•••• {self.last4}"

    def account(self) -> str:
        """Return the whole number; only the action that records who read it calls this."""
        return open_up(self.account_locked, self.about)

    @property
    def step(self) -> str:
        """Where it stands: superseded, refused, approved, expired, called or entered."""
        if self.superseded_at is not None:
            return "superseded"
        if self.refused_at is not None:
            return "refused"
        if self.approved_at is not None:
            return "expired" if self.good_until and self.good_until < timezone.localdate() else "approved"
        return "called" if self.called_at is not None else "entered"

    @property
    def good_until(self) -> date | None:
        """The last day of an approval: twelve months."""
        return add_months(timezone.localdate(self.approved_at), GOOD_FOR_MONTHS) if self.approved_at else None

    def numbers_from_before(self) -> "models.QuerySet[HeldNumber]":
        """Return the numbers that count for a call: recorded before these details came."""
        return HeldNumber.objects.filter(organisation_id=self.organisation_id, recorded_at__lt=self.entered_at)

    def is_shared(self) -> bool:
        """Whether another organisation has or had the same account."""
        same = BankDetails.objects.filter(account_mark=self.account_mark)
        return same.exclude(organisation_id=self.organisation_id).exists()

    def open_blockers(self) -> list[str]:
        """Say why nothing can be decided about this version any more."""
        words = {
            "superseded": "The partner has entered newer details.",
            "refused": "These details were refused.",
            "approved": "These details are approved.",
            "expired": "The approval has ended: the partner enters the details again.",
        }
        return [Blocker(words[self.step])] if self.step in words else []

    def call_blockers(self, by: User) -> list[str]:
        """Say why ``by`` cannot record a call now."""
        if blockers := self.open_blockers():
            return blockers
        if self.called_at is not None:
            return [Blocker(f"{self.called_by} has called already.")]
        if self.entered_by_id == by.pk:
            return [Blocker("Who entered the details does not check them.")]
        if not self.numbers_from_before().exists():
            hint = (
                "Record one now, then ask the partner to enter the details again. Never call a number given with them."
            )
            return [Blocker("We held no number before these details came.", hint=hint)]
        return []

    def approve_blockers(self, by: User) -> list[str]:
        """Say why ``by`` cannot approve now: no call, the same person, no letter, the bank's name open."""
        if blockers := self.open_blockers():
            return blockers
        found: list[str] = []
        if self.called_at is None:
            found.append(Blocker("Nobody has called yet."))
        if by.pk in {self.called_by_id, self.entered_by_id}:
            found.append(
                Blocker("You called: a second person approves.", hint="Somebody of finance or a programme officer.")
            )
        if self.letter is None or self.letter.state != Document.State.ACCEPTED:
            hint = "The partner puts it into its vault as “Letter from your bank”."
            found.append(Blocker("The bank’s letter in the legal name is missing, or not accepted.", hint=hint))
        state, reasons = screening_reasons(self.bank)
        return found if state == PASS else [*found, *reasons]
