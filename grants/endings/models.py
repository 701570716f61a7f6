"""Endings: a grant in force, or one that the directors signed, ends before its time; and what the partner returns."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.agreements.lettering import faults
from grants.agreements.models import Agreement, Grant, Terms
from grants.agreements.models.grant import GRANT_READERS
from grants.agreements.readiness import free_ids, has_declared, not_free
from grants.funds.models import LedgerTransaction, MatchFund, MatchFundQuerySet
from partners.organisations.models import Organisation
from partners.submissions.models import Submission
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import User
from vetting_portal.statements import ThisMoment
from vetting_portal.workflow import Blocker, permitted

LIVE = (Grant.State.APPROVED, Grant.State.IN_FORCE, Grant.State.SUSPENDED)
STOPPED = ("declined", "withdrawn", "expired")


class EndingQuerySet(models.QuerySet["Ending"]):
    """Endings by who may read them and whom they wait for."""

    def visible_to(self, user: User) -> "EndingQuerySet":
        """Cut to what ``user`` may read: staff who read grants all, members those of their own grants once a director
        confirmed them.
        """
        if user.role_keys & GRANT_READERS:
            return self
        return self.filter(grant__in=Grant.objects.of_partner(user), confirmed_at__isnull=False)

    def open(self) -> "EndingQuerySet":
        """Cut to those that are asked for, or confirmed for a day to come: one a grant at most."""
        return self.filter(state__in=[Ending.State.AWAITING_SIGNATURE, Ending.State.CONFIRMED])

    def waiting(self) -> "EndingQuerySet":
        """Cut to those that wait for a director and have not expired."""
        return self.filter(state=Ending.State.AWAITING_SIGNATURE, expires_at__gt=ThisMoment())

    def with_returns_due(self) -> "EndingQuerySet":
        """Cut to those after which the partner still owes money, as it was last looked at: once a day, and with each
        return.
        """
        return self.filter(state=Ending.State.CARRIED_OUT, cleared_at__isnull=True, due_on__isnull=False)

    def for_page(self) -> "EndingQuerySet":
        """Load what its page shows."""
        people = ("asked_by", "second", "confirmed_by", "stopped_by", "written_off_by")
        return self.select_related(
            "grant__submission__organisation", "grant__submission__programme", "grant__fund", "letter__terms", *people
        )


class Ending(models.Model):
    """One request that a grant ends: who asked and why, in words for the partner, and the director who confirms it.

    Its letter is the file that the director signs. ``ends_on`` is the day from which nothing is promised any more;
    ``due_on`` the last day for what the partner returns, none where nothing was paid. ``settled_at``: the money has
    moved; ``cleared_at``: nothing is left to return.
    """

    class State(models.TextChoices):
        """Where it stands. Confirmed: a director signed, and the day is still to come."""

        AWAITING_SIGNATURE = "awaiting_signature", "Waiting for a director"
        CONFIRMED = "confirmed", "Confirmed"
        CARRIED_OUT = "carried_out", "Carried out"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    class Reason(models.TextChoices):
        """Why a grant ends before its time."""

        AGREED = "agreed", "By agreement"
        PARTNER = "partner", "The partner asks for it"
        CONDITIONS = "conditions", "Conditions are not met"
        MISUSE = "misuse", "Misuse, harm or breach"
        UNREACHABLE = "unreachable", "The partner cannot be reached"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="endings")
    ordinal = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=24, unique=True)
    reason = models.CharField(max_length=12, choices=Reason)
    words = models.TextField()
    public_reason = models.CharField(max_length=200)
    ends_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    letter = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="ending")
    state = FSMField(max_length=24, choices=State, default=State.AWAITING_SIGNATURE, protected=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    carried_out_at = models.DateTimeField(null=True, blank=True)
    carried_out_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    stopped_reason = models.TextField(blank=True)
    written_off_at = models.DateTimeField(null=True, blank=True)
    written_off_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    written_off_minor = models.BigIntegerField(default=0)
    written_off_reason = models.TextField(blank=True)

    objects = EndingQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "ordinal"]
        verbose_name = "request to end a grant"
        constraints = [
            known(
                "state", ["awaiting_signature", "confirmed", "carried_out", *STOPPED], "ending_state_known"
            ),
            models.UniqueConstraint(fields=["grant", "ordinal"], name="ending_ordinal_once"),
            models.UniqueConstraint(
                fields=["grant"],
                condition=~Q(state__in=STOPPED),
                name="ending_one_stands",
                violation_error_message="Somebody asked for the end of this grant already.",
            ),
            models.CheckConstraint(
                condition=~Q(words="") & ~Q(public_reason=""),
                name="ending_says_why",
                violation_error_message="Say why the grant ends.",
            ),
            models.CheckConstraint(
                condition=~Q(second=F("asked_by")) & (Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by"))),
                name="ending_two_people",
                violation_error_message="Another person confirms the end than the one who asked for it.",
            ),
            pair("confirmed_at", "confirmed_by", "ending_confirmed_pair"),
            pair("carried_out_at", "carried_out_by", "ending_carried_out_pair"),
            pair("stopped_at", "stopped_by", "ending_stopped_pair"),
            pair("written_off_at", "written_off_by", "ending_written_off_pair"),
            implies(["confirmed", "carried_out"], ["confirmed_at"], "ending_confirmed_has_stamps"),
            implies(["carried_out"], ["carried_out_at"], "ending_carried_out_has_stamps"),
            implies(STOPPED, ["stopped_at"], "ending_stopped_has_stamps"),
            models.CheckConstraint(condition=Q(written_off_minor__gte=0), name="ending_written_off_not_negative"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "expires_at"], name="ending_by_state")]

    def __str__(self) -> str:
        return f"End of grant {self.grant.number}"

    def get_absolute_url(self) -> str:
        """Return the address of its page for staff."""
        return reverse("grants:ending", args=[self.number])

    @property
    def submission(self) -> Submission:
        """The application of its grant: duties and declarations are kept by it."""
        return self.grant.submission

    @property
    def organisation(self) -> Organisation:
        """The partner."""
        return self.grant.submission.organisation

    @property
    def fund(self) -> MatchFund:
        """The first match fund of its grant."""
        return self.grant.fund

    @property
    def currency(self) -> str:
        """The currency of its grant."""
        return self.grant.currency

    def funds(self) -> MatchFundQuerySet:
        """Return every fund behind its grant: to be locked before the grant, by primary key."""
        return self.grant.funds()

    @property
    def agreement(self) -> Agreement | None:
        """The letter while it stands: what the director signs."""
        return self.letter if self.letter.voided_at is None else None

    @property
    def terms(self) -> Terms:
        """The terms under which the grant ends."""
        return self.letter.terms

    @property
    def said(self) -> dict[str, Any]:
        """What the letter says, as data; sums are minor units."""
        return self.letter.content or {}

    @property
    def outcome(self) -> str:
        """What becomes of the grant: ``terminated``, or ``lapsed`` where it was never in force."""
        return str(self.said["outcome"])

    @property
    def is_to_come(self) -> bool:
        """Whether the day on which the grant ends lies ahead, on the funder's calendar."""
        return self.ends_on > timezone.localdate()

    def days_left(self, today: date | None = None) -> int:
        """Return the days until the request expires, 0 on its last day."""
        return (timezone.localdate(self.expires_at) - (today or timezone.localdate())).days

    def confirm_blockers(self) -> list[Blocker]:
        """Return why nobody can confirm it now: it expired, its grant moved on, who asked may no longer ask."""
        return list(self._stale())

    def _stale(self) -> Iterator[Blocker]:
        grant, url = self.grant, self.grant.get_absolute_url()
        if self.expires_at <= timezone.now():
            day = timezone.localdate(self.expires_at)
            yield Blocker(f"The request expired on {day:%-d %B %Y}.", hint="Ask again.", url=url)
        if grant.state not in LIVE:
            yield Blocker(f"The grant is {grant.get_state_display().lower()} now.", url=url)
        elif (grant.state == Grant.State.APPROVED) != (self.outcome == Grant.State.LAPSED):
            yield Blocker(
                "The grant came into force since the request.", hint="Ask again: the letter changes.", url=url
            )
        if not self.asked_by.is_active or not self.asked_by.has_perm("grants.ask_ending", self):
            name = self.asked_by.name
            yield Blocker(f"{name} may no longer ask for this.", hint="Somebody else asks again.", url=url)

    def signing_blockers(self, user: User) -> list[Blocker]:
        """Return why ``user`` cannot confirm it now: duties, a declaration that is missing, what moved on."""
        reasons: list[Any] = self.confirm_blockers()
        if user.pk not in free_ids(self.submission):
            reasons += not_free(self.submission, user)
        if wrong := faults(user.name):
            reasons.append(Blocker("The letter cannot print your name.", hint=" ".join(wrong)))
        if not has_declared(self.grant, user):
            url = reverse("grants:declare", args=[self.grant.number])
            reasons.append(Blocker("Declare first whether you have an interest in this partner.", url=url))
        return reasons

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.CONFIRMED,
        conditions=[lambda ending: not ending.confirm_blockers()],
        permission=permitted("grants.sign_ending"),
    )
    def confirm(self, *, by: User) -> None:
        """A director who did not ask confirms it, by a signature under the letter."""
        self.confirmed_by, self.confirmed_at = by, timezone.now()

    @transition(
        field=state,
        source=State.CONFIRMED,
        target=State.CARRIED_OUT,
        permission=permitted("grants.carry_out_ending"),
    )
    def carry_out(self, *, by: User) -> None:
        """The day has come: the grant ends."""
        self.carried_out_by, self.carried_out_at = by, timezone.now()

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.DECLINED,
        permission=permitted("grants.decline_ending"),
    )
    def decline(self, *, by: User, reason: str) -> None:
        """A director says no: the grant goes on."""
        self._stop(by, reason)

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.WITHDRAWN,
        permission=permitted("grants.withdraw_ending"),
    )
    def withdraw(self, *, by: User, reason: str) -> None:
        """Who asked takes the request back: the grant goes on."""
        self._stop(by, reason)

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.EXPIRED,
        permission=permitted("grants.expire_ending"),
    )
    def expire(self, *, by: User, reason: str) -> None:
        """No director confirmed it in time: the grant goes on."""
        self._stop(by, reason)

    def _stop(self, by: User, reason: str) -> None:
        self.stopped_by, self.stopped_at, self.stopped_reason = by, timezone.now(), reason


class MoneyReturned(models.Model):
    """One sum that the partner of an ended grant sent back, as the bank told it; its reference counts once."""

    ending = models.ForeignKey(Ending, on_delete=models.PROTECT, related_name="returns")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    received_on = models.DateField()
    bank_reference = models.CharField(max_length=80)
    transaction = models.OneToOneField(LedgerTransaction, on_delete=models.PROTECT, related_name="money_returned")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["ending", "received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0),
                name="money_returned_of_something",
                violation_error_message="Enter an amount above zero.",
            ),
            models.CheckConstraint(condition=~Q(bank_reference=""), name="money_returned_has_reference"),
            models.UniqueConstraint(
                fields=["ending", "bank_reference"],
                name="money_returned_once",
                violation_error_message="This bank reference is recorded already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Returned on grant {self.ending.grant.number}, {self.bank_reference}"
