"""Grants: what a recommended submission becomes, from its draft to its end."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.agreements.models.agreement import Agreement, AgreementQuerySet
from grants.agreements.models.limits import CONSTRAINTS
from grants.agreements.models.shares import FundShare, ManyFunds
from grants.agreements.models.terms import Terms
from grants.agreements.readiness import freeze_blockers, signing_blockers
from grants.funds.models import Account, MatchFund
from grants.wordings.filling import share_text
from partners.submissions.models import Submission
from reviews.screening.bank_gate import bank_standing
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker, permitted

GRANT_READERS = frozenset({Role.PROGRAMME_OFFICER, Role.DIRECTOR, Role.FINANCE_OFFICER, Role.AUDITOR})
SHOWN_TO_PARTNER = ("approved", "in_force", "suspended", "completed", "closed", "terminated")


def empty_plan() -> dict[str, Any]:
    """Return a plan without entries: what the schedules are made from."""
    return {"indicators": [], "budget": [], "tranches": [], "reports": [], "conditions": []}


class GrantSeries(models.Model):
    """The last number given in a year; its row is locked while a grant gets its number."""

    year = models.PositiveIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}-{self.last:03}"


UNHELD = [lambda grant: not grant.hold_blockers()]


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants by who may read them and what waits for whom."""

    def visible_to(self, user: User) -> "GrantQuerySet":
        """Cut to what ``user`` may read: staff who run, sign, pay or audit see all; members see their own once
        approved.
        """
        if user.role_keys & GRANT_READERS:
            return self
        return self.of_partner(user)

    def of_partner(self, user: User) -> "GrantQuerySet":
        """Cut to the grants of organisations that ``user`` acts for now, once the directors have signed."""
        return self.filter(
            submission__organisation__memberships__user=user,
            submission__organisation__memberships__until_at__isnull=True,
            state__in=SHOWN_TO_PARTNER,
        )

    def standing_for(self, submission: Submission) -> "Grant | None":
        """Return the grant that an application became; one that lapsed leaves it free for another."""
        return self.filter(submission=submission).exclude(state=Grant.State.LAPSED).first()

    def signed_by(self, user: User) -> "GrantQuerySet":
        """Cut to the grants whose standing agreement ``user`` signed as director, newest first."""
        mine = Agreement.objects.standing().filter(signatures__user=user, signatures__side="director")
        return self.filter(pk__in=mine.values("terms__grant")).for_list()

    def for_list(self) -> "GrantQuerySet":
        """Load what a list shows, newest first."""
        return self.select_related("submission__organisation", "fund").order_by("-pk")

    def for_page(self) -> "GrantQuerySet":
        """Load what the grant page shows."""
        return self.select_related(
            "submission__organisation",
            "submission__programme",
            "submission__recommended_by",
            "fund",
            "terms",
            "amended_terms",
            "reserve_account",
        )

    def with_fund(self) -> "GrantQuerySet":
        """Add what the match fund holds, and what of it grants reserved or earned: ``fund_total_minor``,
        ``fund_bound_minor``, in the same query.
        """
        fund = MatchFund.objects.for_list().filter(pk=models.OuterRef("fund"))
        bound = fund.annotate(bound_minor=F("reserved_minor") + F("matched_minor") + F("at_risk_minor"))
        return self.annotate(
            fund_total_minor=models.Subquery(fund.annotate(sum_minor=F("total_minor")).values("sum_minor")),
            fund_bound_minor=models.Subquery(bound.values("bound_minor")),
            is_shared=models.Exists(FundShare.objects.filter(grant=models.OuterRef("pk"))),
            is_fund_named=models.Exists(fund.filter(programmes=models.OuterRef("submission__programme"))),
        )


class Grant(ManyFunds):
    """A promise to a partner: the goal, the match and its rule, the schedules; frozen as terms before anybody signs."""

    class State(models.TextChoices):
        """Where the promise stands. Approved: the directors have signed. In force: countersigned and sealed.

        Suspended: in force, and nothing is paid or offered meanwhile.
        """

        DRAFT = "draft", "Draft"
        AWAITING_SIGNATURE = "awaiting_signature", "Awaiting signature"
        APPROVED = "approved", "Approved"
        IN_FORCE = "in_force", "In force"
        SUSPENDED = "suspended", "Suspended"
        COMPLETED = "completed", "Completed"
        CLOSED = "closed", "Closed"
        DECLINED = "declined", "Declined"
        LAPSED = "lapsed", "Lapsed"
        TERMINATED = "terminated", "Terminated"

    class Basis(models.TextChoices):
        """What of a gift is matched."""

        GROSS = "gross", "Gross gifts, before card fees"
        NET = "net", "Net gifts, after card fees"

    class RefundPolicy(models.TextChoices):
        """Where the match of a refunded gift goes."""

        BACKFILL = "backfill", "Earlier gifts that were matched in part, then later ones"
        FORWARD = "forward", "Later gifts only"

    number = models.CharField(max_length=16, unique=True)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="grants")
    fund = models.ForeignKey(MatchFund, on_delete=models.PROTECT, related_name="grants")
    reserve_account = models.OneToOneField(
        Account, on_delete=models.PROTECT, related_name="grant", null=True, blank=True
    )
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    amended_terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    title = models.CharField(max_length=200)
    purpose = models.TextField()
    currency = models.CharField(max_length=3)
    goal_minor = models.BigIntegerField()
    cap_minor = models.BigIntegerField()
    ratio_p = models.PositiveIntegerField(default=1)
    ratio_q = models.PositiveIntegerField(default=1)
    window_starts_at = models.DateTimeField()
    window_ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    basis = models.CharField(max_length=8, choices=Basis, default=Basis.GROSS)
    refund_policy = models.CharField(max_length=12, choices=RefundPolicy, default=RefundPolicy.BACKFILL)
    donor_cap_minor = models.BigIntegerField(null=True, blank=True)
    gift_cap_minor = models.BigIntegerField(null=True, blank=True)
    fee_top_up_minor = models.BigIntegerField(null=True, blank=True)
    term_starts_on = models.DateField()
    term_ends_on = models.DateField()
    plan = models.JSONField(default=empty_plan)
    signatory_name = models.CharField(max_length=200)
    signatory_title = models.CharField(max_length=160)
    signatory_authority = models.CharField(max_length=200, blank=True)
    director_authority = models.CharField(max_length=200, blank=True)
    helps_individuals = models.BooleanField(default=False)
    bank_name = models.CharField(max_length=120, blank=True)
    bank_last4 = models.CharField(max_length=4, blank=True)
    state = FSMField(max_length=24, choices=State, default=State.DRAFT, protected=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    sent_back_at = models.DateTimeField(null=True, blank=True)
    sent_back_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    sent_back_reason = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    in_force_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    suspended_reason = models.TextField(blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_reason = models.TextField(blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = CONSTRAINTS
        indexes = [models.Index(fields=["state", "-id"], name="grant_by_state")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Return the address of its page for staff."""
        return reverse("grants:grant", args=[self.number])

    @property
    def gifts_minor(self) -> int:
        """The gifts hoped for: the goal less the match."""
        return self.goal_minor - self.cap_minor

    @property
    def fee_reference(self) -> str:
        """What the reserve for card fees is called in the fund."""
        return f"{self.number}-FEES"

    @property
    def terms_in_force(self) -> Terms | None:
        """The newest terms that hold, as the columns do: of the last amendment in force, or of the agreement."""
        return self.amended_terms or self.terms

    @property
    def agreement(self) -> Agreement | None:
        """The standing agreement: the one that is signed, whatever amended it later."""
        kind = Agreement.Kind.AGREEMENT
        return self._standing().filter(terms=self.terms_id, kind=kind).first() if self.terms_id else None

    @property
    def statement(self) -> Agreement | None:
        """The statement of match, once the campaign was closed, under the terms that held then."""
        kind = Agreement.Kind.STATEMENT
        return self._standing().filter(terms__grant=self.pk, kind=kind).first() if self.terms_id else None

    @property
    def completion_letter(self) -> Agreement | None:
        """The letter that says that the grant is complete, once somebody completed it."""
        kind = Agreement.Kind.COMPLETION
        return self._standing().filter(terms__grant=self.pk, kind=kind).first() if self.completed_at else None

    def _standing(self) -> AgreementQuerySet:
        """Return documents that were not made void, with what their pages show."""
        return Agreement.objects.standing().select_related("terms", "signed_file", "sealed_file")

    def is_tied_to(self, user: User) -> bool:
        """Whether ``user`` belongs or belonged to the partner, or declared an interest in it."""
        partner = self.submission.organisation_id
        tie = Q(memberships__organisation=partner) | Q(
            declarations__has_interest=True, declarations__submission__organisation=partner
        )
        return User.objects.filter(tie, pk=user.pk).exists()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the match window."""
        return ZoneInfo(self.time_zone)

    @property
    def window_first_on(self) -> date:
        """The first day of the match window, in its own zone."""
        return self.window_starts_at.astimezone(self.zone).date()

    @property
    def window_last_on(self) -> date:
        """The last day of the match window, in its own zone: the window ends with it."""
        return (self.window_ends_at.astimezone(self.zone) - timedelta(microseconds=1)).date()

    @property
    def window_place(self) -> str:
        """Whose time the window is in, as people say it: ``Los Angeles time``."""
        return f"{self.time_zone.rsplit('/', 1)[-1].replace('_', ' ')} time"

    @property
    def ratio_words(self) -> str:
        """The match ratio as people say it."""
        if self.ratio_p == self.ratio_q:
            return "one for one"
        return f"{self.ratio_p} for every {self.ratio_q} given"

    @property
    def payment_rows(self) -> list[dict[str, Any]]:
        """The payments of the plan, each share as people read it."""
        return [{**row, "share": share_text(row["share_bp"])} for row in self.plan["tranches"]]

    def hold_blockers(self) -> list[Blocker]:
        """Say that the partner is held, or nothing: nothing is promised and nothing is paid then."""
        return self.submission.hold_blockers()

    decline_blockers = complete_blockers = close_blockers = lapse_blockers = hold_blockers

    def resume_blockers(self) -> list[Blocker]:
        """Return why it cannot go on: its partner is held, or a director confirmed that it ends."""
        reasons = self.hold_blockers()
        for ending in self.endings.filter(state="confirmed"):
            reasons.append(
                Blocker(
                    f"A director confirmed that this grant ends on {ending.ends_on:%-d %B %Y}.",
                    url=ending.get_absolute_url(),
                )
            )
        return reasons

    def revoke_blockers(self) -> list[Blocker]:
        """Return why its agreement cannot be revoked by itself: it ends with the grant, or nothing is left of it."""
        if self.state in {self.State.IN_FORCE, self.State.SUSPENDED}:
            return [Blocker(
                "The grant is in force.",
                hint="End the grant: its agreement is revoked with it.",
                url=reverse("grants:end", args=[self.number]),
            )]  # fmt: skip
        if (
            self.state not in {self.State.COMPLETED, self.State.CLOSED}
            or not Agreement.objects.revocable(self).exists()
        ):
            return [
                Blocker("There is no sealed agreement to revoke.", hint="It is void, revoked, or was never sealed.")
            ]
        return []

    def freeze_blockers(self) -> list[str]:
        """Return every reason why the terms do not add up yet, all at once."""
        return freeze_blockers(self)

    def signing_blockers(self, user: User) -> list[str]:
        """Return why ``user`` cannot sign as director now."""
        return signing_blockers(self, user)

    def approve_blockers(self) -> list[str]:
        """Return why the directors' part is not complete: signatures that are missing, or no reserve."""
        agreement = self.agreement
        signed = agreement.signatures.of_directors().count() if agreement else 0
        needed = int(self.terms.content["funder"]["directors_needed"]) if self.terms else 1
        reasons: list[str] = [*self.hold_blockers()]
        if signed < needed:
            reasons.append(f"{signed} of {needed} directors have signed.")
        if self.reserve_account_id is None:
            reasons.append("The match is not reserved yet.")
        return reasons

    def bank_blockers(self) -> list[Blocker]:
        """Return why nothing is paid now as far as the bank details say (C14): none, not checked, changed, too old."""
        return list(bank_standing(self.submission.organisation).reasons)

    def enter_into_force_blockers(self) -> list[str]:
        """Return what is missing before the grant is in force: the countersignature, the seal."""
        agreement = self.agreement
        reasons: list[str] = [*self.hold_blockers()]
        if agreement is None or not agreement.signatures.of_partner().exists():
            reasons.append("The partner has not countersigned yet.")
        if agreement is None or agreement.sealed_at is None:
            reasons.append("The agreement is not sealed yet.")
        return reasons

    @transition(
        field=state,
        source=State.DRAFT,
        target=State.AWAITING_SIGNATURE,
        conditions=[lambda grant: not grant.freeze_blockers()],
        permission=permitted("grants.freeze_grant"),
    )
    def freeze(self, *, by: User, terms: Terms) -> None:
        """Freeze the terms: from now on people sign exactly these."""
        self.terms, self.frozen_by, self.frozen_at = terms, by, terms.frozen_at

    @transition(
        field=state, source=State.AWAITING_SIGNATURE, target=State.DRAFT, permission=permitted("grants.send_back_grant")
    )
    def send_back(self, *, by: User, reason: str) -> None:
        """Open the terms again; the signatures so far are void."""
        self.terms = self.frozen_at = self.frozen_by = None
        self.sent_back_by, self.sent_back_at, self.sent_back_reason = by, timezone.now(), reason

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.APPROVED,
        conditions=[lambda grant: not grant.approve_blockers()],
        permission=permitted("grants.sign_grant"),
    )
    def approve(self, *, by: User) -> None:
        """The last director needed has signed."""
        self.approved_by, self.approved_at = by, timezone.now()

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.DECLINED,
        conditions=UNHELD,
        permission=permitted("grants.decline_grant"),
    )
    def decline(self, *, by: User, reason: str) -> None:
        """A director says no."""
        self._end(by, reason)

    @transition(
        field=state,
        source=State.APPROVED,
        target=State.IN_FORCE,
        conditions=[lambda grant: not grant.enter_into_force_blockers()],
        permission=permitted("grants.seal_grant"),
    )
    def enter_into_force(self, *, by: User) -> None:
        """Countersigned and sealed."""
        self.in_force_by, self.in_force_at = by, timezone.now()

    @transition(
        field=state,
        source=State.IN_FORCE,
        target=State.COMPLETED,
        conditions=UNHELD,
        permission=permitted("grants.complete_grant"),
    )
    def complete(self, *, by: User) -> None:
        """Everything was paid and reported."""
        self.completed_by, self.completed_at = by, timezone.now()

    @transition(
        field=state,
        source=State.COMPLETED,
        target=State.CLOSED,
        conditions=UNHELD,
        permission=permitted("grants.close_grant"),
    )
    def close(self, *, by: User) -> None:
        """The file is closed."""
        self.closed_by, self.closed_at = by, timezone.now()

    @transition(
        field=state,
        source=[State.DRAFT, State.APPROVED],
        target=State.LAPSED,
        conditions=UNHELD,
        permission=permitted("grants.lapse_grant"),
    )
    def lapse(self, *, by: User, reason: str) -> None:
        """Nobody takes it up: the partner did not countersign, or the draft is given up."""
        self._end(by, reason)

    @transition(
        field=state, source=State.IN_FORCE, target=State.SUSPENDED, permission=permitted("grants.suspend_grant")
    )
    def suspend(self, *, by: User, reason: str) -> None:
        """Stop payments and offers, whatever else goes on."""
        self.suspended_by, self.suspended_at, self.suspended_reason = by, timezone.now(), reason

    @transition(
        field=state,
        source=State.SUSPENDED,
        target=State.IN_FORCE,
        conditions=[lambda grant: not grant.resume_blockers()],
        permission=permitted("grants.resume_grant"),
    )
    def resume(self, *, by: User) -> None:
        """Pay and offer again."""
        self.resumed_by, self.resumed_at = by, timezone.now()

    @transition(
        field=state,
        source=[State.IN_FORCE, State.SUSPENDED],
        target=State.TERMINATED,
        permission=permitted("grants.terminate_grant"),
    )
    def terminate(self, *, by: User, reason: str) -> None:
        """Ended before its time."""
        self._end(by, reason)

    def _end(self, by: User, reason: str) -> None:
        self.ended_by, self.ended_at, self.ended_reason = by, timezone.now(), reason
