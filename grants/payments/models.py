"""Tranches: the payments of a grant's schedule, from their day to the bank's word that they arrived."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.agreements.models import Grant
from grants.arrivals.models import Arrival, last_word
from grants.banking.models import BankDetails
from grants.payments.conditions import release_blockers
from grants.payments.tranches import percent
from partners.organisations.models import Organisation
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import User
from vetting_portal.money import format_amount
from vetting_portal.statements import Today
from vetting_portal.workflow import Blocker, permitted

MEETS_CONDITIONS = [lambda tranche: not tranche.release_blockers()]
STAMPED = ("released", "paid", "held", "resumed", "cancelled")


class TrancheQuerySet(models.QuerySet["Tranche"]):
    """Tranches by who may read them."""

    def visible_to(self, user: User) -> "TrancheQuerySet":
        """Cut to the tranches of grants that ``user`` may read."""
        return self.filter(grant__in=Grant.objects.visible_to(user))

    def of_partner(self, user: User) -> "TrancheQuerySet":
        """Cut to the payments to the organisations that ``user`` acts for, newest grant first."""
        mine = self.filter(grant__in=Grant.objects.of_partner(user)).for_list()
        return mine.prefetch_related("arrivals").order_by("-grant", "number")

    def open(self) -> "TrancheQuerySet":
        """Cut to what is still to come: neither paid nor cancelled."""
        return self.exclude(state__in=[Tranche.State.PAID, Tranche.State.CANCELLED])

    def at_the_bank(self) -> "TrancheQuerySet":
        """Cut to what a line of the bank may be about: released, paid, or returned by the bank once."""
        return self.filter(Q(state=Tranche.State.RELEASED) | ~Q(bank_reference=""))

    def paid_once(self) -> "TrancheQuerySet":
        """Cut to what the bank has paid, and what it returned since."""
        return self.exclude(bank_reference="")

    def to_pay(self) -> "TrancheQuerySet":
        """Cut to what was released and has not been paid, longest waiting first."""
        return self.filter(state=Tranche.State.RELEASED).for_list().order_by("released_at", "pk")

    def in_turn(self, today: date | Today) -> "TrancheQuerySet":
        """Cut to the payments whose day has come, of grants in force, each the first of its grant that is open."""
        before = Tranche.objects.open().filter(grant=models.OuterRef("grant"), number__lt=models.OuterRef("number"))
        there = Q(due_on__isnull=True) | Q(due_on__lte=today)
        mine = self.filter(there, state=Tranche.State.SCHEDULED, grant__state=Grant.State.IN_FORCE)
        return mine.filter(~models.Exists(before)).for_list().order_by(F("due_on").asc(nulls_last=True), "pk")

    def for_list(self) -> "TrancheQuerySet":
        """Load what a list shows."""
        return self.select_related("grant__submission__organisation", "details", "released_by", "paid_by")


class Tranche(models.Model):
    """One payment of the schedule: a share of what is payable, in hundredths of a percent, on a condition.

    ``amount_minor`` is fixed at its release, in the grant's currency; ``netted_minor`` is what later refunds took off
    it, as it was released or cancelled. ``details`` is the version of the bank details that it is paid to.
    """

    class State(models.TextChoices):
        """Where the payment stands."""

        SCHEDULED = "scheduled", "Scheduled"
        RELEASED = "released", "Released"
        PAID = "paid", "Paid"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="tranches")
    number = models.PositiveSmallIntegerField()
    share_bp = models.PositiveIntegerField()
    condition = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = FSMField(max_length=24, choices=State, default=State.SCHEDULED, protected=True)
    scheduled_at = models.DateTimeField()
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField(null=True, blank=True)
    netted_minor = models.BigIntegerField(default=0)
    details = models.ForeignKey(
        BankDetails, on_delete=models.PROTECT, related_name="tranches", null=True, blank=True
    )  # fmt: skip
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    hold_reason = models.TextField(blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cancel_reason = models.TextField(blank=True)

    objects = TrancheQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "number"]
        verbose_name = "payment"
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="tranche_number_once"),
            models.CheckConstraint(condition=Q(share_bp__gte=0, share_bp__lte=10000), name="tranche_share_in_bounds"),
            known("state", ["scheduled", "released", "paid", "held", "cancelled"], "tranche_state_known"),
            *[pair(f"{stamp}_at", f"{stamp}_by", f"tranche_{stamp}_pair") for stamp in STAMPED],
            implies(["released", "paid"], ["released_at", "amount_minor", "details"], "tranche_released_has_stamps"),
            implies(["paid"], ["paid_at", "paid_on"], "tranche_paid_has_stamps"),
            implies(["held"], ["held_at"], "tranche_held_has_stamps"),
            implies(["cancelled"], ["cancelled_at"], "tranche_cancelled_has_stamps"),
            models.CheckConstraint(
                condition=~Q(state="paid") | ~Q(bank_reference=""), name="tranche_paid_has_reference"
            ),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(hold_reason=""), name="tranche_held_says_why"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""), name="tranche_cancelled_says_why"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True) | Q(amount_minor__gt=0), name="tranche_amount_positive"
            ),
            models.CheckConstraint(condition=Q(netted_minor__gte=0), name="tranche_netted_not_negative"),
            # Two people: who released, who says that it is paid. The third, who approved the details, is a trigger's.
            models.CheckConstraint(
                condition=Q(paid_by__isnull=True) | ~Q(paid_by=F("released_by")),
                name="tranche_second_person",
                violation_error_message="Another person records the payment than the one who released it.",
            ),
        ]
        indexes = [models.Index(fields=["state", "released_at"], name="tranche_by_state")]

    def __str__(self) -> str:
        return f"Payment {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address of the grant's payments, at this one."""
        return reverse("grants:payments", args=[self.grant.number])

    def get_arrival_url(self) -> str:
        """Return the address of the page on its arrival, for the partner and for staff."""
        return reverse("grants:payment_arrival", args=[self.pk])

    @property
    def arrival(self) -> Arrival | None:
        """What was said last of its arrival; uses what was prefetched."""
        return max(self.arrivals.all(), key=lambda one: one.number, default=None)

    @property
    def organisation(self) -> Organisation:
        """Who is paid."""
        return self.grant.submission.organisation

    @property
    def share(self) -> str:
        """The share as people read it: ``50%``."""
        return percent(self.share_bp)

    @property
    def reference(self) -> str:
        """What the bank is asked to write on it: the grant's number and the payment's."""
        return f"{self.grant.number}-{self.number}"

    @property
    def amount_text(self) -> str:
        """Its amount with the currency, as staff read it; a dash before its release."""
        return "–" if self.amount_minor is None else format_amount(self.amount_minor, self.grant.currency)

    @property
    def committed_minor(self) -> int | None:
        """What it takes of the payable money for good: its amount once it is released, None before."""
        return self.amount_minor if self.state in {self.State.RELEASED, self.State.PAID} else None

    @property
    def void_reason(self) -> str:
        """Why the bank must not pay it though it is released, or nothing: its grant is suspended, or the account is no
        longer the approved one (C14).
        """
        if self.state != self.State.RELEASED:
            return ""
        if self.grant.state != Grant.State.IN_FORCE:
            return f"The grant is {self.grant.get_state_display().lower()}. Hold the payment so that it is not paid."
        if self.details is None or self.details.step != "approved":
            return "The bank details are not the approved ones any more. Hold the payment, then release it again."
        return ""

    def release_blockers(self) -> list[Blocker]:
        """Return why it cannot be released today: every condition, asked afresh."""
        return release_blockers(self)

    def people_blockers(self, user: User) -> list[Blocker]:
        """Return why ``user`` is not the one to release it: they approved the bank details (C14)."""
        details = BankDetails.objects.current().filter(organisation=self.organisation).first()
        if details is None or details.approved_by_id != user.pk:
            return []
        return [Blocker("You approved the bank details.", hint="Another person releases what is paid to them.")]

    def payer_blockers(self, user: User) -> list[Blocker]:
        """Return why ``user`` is not the one to say that it is paid: they released it."""
        if self.released_by_id != user.pk:
            return []
        return [Blocker("You released this payment.", hint="Another person records that it is paid.")]

    @transition(
        field=state, source=State.SCHEDULED, target=State.RELEASED, conditions=MEETS_CONDITIONS,
        permission=permitted("grants.release_payment"),
    )  # fmt: skip
    def release(self, *, by: User, details: BankDetails, amount_minor: int, netted_minor: int) -> None:
        """Its conditions hold: the bank may be told."""
        self.released_by, self.released_at = by, timezone.now()
        self.details, self.amount_minor, self.netted_minor = details, amount_minor, netted_minor

    @transition(
        field=state, source=State.RELEASED, target=State.PAID, permission=permitted("grants.record_payment")
    )  # fmt: skip
    def pay(self, *, by: User, paid_on: date, bank_reference: str) -> None:
        """The bank has paid it."""
        self.paid_by, self.paid_at = by, timezone.now()
        self.paid_on, self.bank_reference = paid_on, bank_reference

    def bounce_blockers(self) -> list[Blocker]:
        """Return why it cannot be recorded as returned by the bank: the partner has it, or the grant is over."""
        word, found = last_word(self), []
        if word is not None and word.kind == Arrival.Kind.ARRIVED:
            hint = "If that is wrong, ask the partner to report that the payment has not arrived."
            found.append(Blocker("The partner confirmed this payment.", hint=hint, url=self.get_arrival_url()))
        if self.grant.state not in {Grant.State.IN_FORCE, Grant.State.SUSPENDED}:
            state = self.grant.get_state_display().lower()
            is_ended = self.grant.state == Grant.State.TERMINATED
            hint = "Record the money on the page about the end of this grant." if is_ended else ""
            found.append(Blocker(f"The grant is {state}.", hint=hint, url=self.grant.get_absolute_url()))
        return found

    @transition(
        field=state, source=State.PAID, target=State.HELD, conditions=[lambda tranche: not tranche.bounce_blockers()],
        permission=permitted("grants.bounce_payment"),
    )  # fmt: skip
    def bounce(self, *, by: User, reason: str) -> None:
        """The bank returned it: it is held until somebody puts it back on the schedule. Its last reference stays."""
        self.paid_by = self.paid_at = self.paid_on = None
        self.held_by, self.held_at, self.hold_reason = by, timezone.now(), reason

    @transition(
        field=state, source=[State.SCHEDULED, State.RELEASED], target=State.HELD,
        permission=permitted("grants.hold_payment"),
    )  # fmt: skip
    def hold(self, *, by: User, reason: str) -> None:
        """It waits for something that no condition says; a release is void."""
        self.held_by, self.held_at, self.hold_reason = by, timezone.now(), reason

    @transition(
        field=state, source=State.HELD, target=State.SCHEDULED, permission=permitted("grants.hold_payment")
    )  # fmt: skip
    def resume(self, *, by: User) -> None:
        """Back on the schedule: its release asks for every condition again."""
        self.resumed_by, self.resumed_at = by, timezone.now()

    @transition(
        field=state, source=[State.SCHEDULED, State.HELD], target=State.CANCELLED,
        permission=permitted("grants.cancel_payment"),
    )  # fmt: skip
    def cancel(self, *, by: User, reason: str, netted_minor: int = 0) -> None:
        """It is never paid; what refunds took off it before is not taken off the next one again."""
        self.netted_minor = netted_minor
        self.cancelled_by, self.cancelled_at, self.cancel_reason = by, timezone.now(), reason
