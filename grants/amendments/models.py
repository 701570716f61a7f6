"""Amendments: a numbered change of the terms of a grant in force, signed as the agreement was."""

import copy
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.agreements.models import Agreement, Grant, Setback, Terms
from grants.agreements.models.grant import GRANT_READERS
from grants.amendments import readiness
from grants.amendments.changes import Line, amended, lines
from grants.funds.models import Account, MatchFund, MatchFundQuerySet
from partners.submissions.models import Submission
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Blocker, permitted

OPEN = ["draft", "awaiting_signature", "approved"]
SHOWN_TO_PARTNER = ["approved", "in_force", "lapsed"]  # it was approved before it lapsed
UNHELD = [lambda amendment: not amendment.hold_blockers()]


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    """Amendments by who may read them and what waits for whom."""

    def visible_to(self, user: User) -> "AmendmentQuerySet":
        """Cut to what ``user`` may read: staff who read grants all, members their own once the directors signed."""
        return self if user.role_keys & GRANT_READERS else self.of_partner(user)

    def of_partner(self, user: User) -> "AmendmentQuerySet":
        """Cut to what the organisations that ``user`` acts for now may read."""
        return self.filter(grant__in=Grant.objects.of_partner(user), state__in=SHOWN_TO_PARTNER)

    def left_unsealed(self, now: datetime) -> "AmendmentQuerySet":
        """Cut to what the partner countersigned, is not in force, and waits for no other try."""
        later = Setback.objects.filter(agreement__terms=models.OuterRef("terms"), again_at__gt=now)
        signed = self.filter(state=Amendment.State.APPROVED, terms__agreements__signatures__side="partner")
        return signed.filter(~models.Exists(later)).distinct().order_by("pk")

    def open(self) -> "AmendmentQuerySet":
        """Cut to those that are neither in force nor ended: one a grant at most."""
        return self.filter(state__in=OPEN)

    def for_page(self) -> "AmendmentQuerySet":
        """Load what its page shows."""
        return self.select_related(
            "grant__submission__organisation", "grant__submission__programme", "grant__fund", "base", "terms"
        )


class Amendment(models.Model):
    """One numbered change: ``changes`` holds what may be changed as it is to stand, against the terms ``base``.

    Frozen, it has terms of its own: the whole terms of the grant as they stand with it.
    """

    class State(models.TextChoices):
        """Where it stands. Approved: the directors have signed. In force: countersigned and sealed."""

        DRAFT = "draft", "Draft"
        AWAITING_SIGNATURE = "awaiting_signature", "Awaiting signature"
        APPROVED = "approved", "Approved"
        IN_FORCE = "in_force", "In force"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DECLINED = "declined", "Declined"
        LAPSED = "lapsed", "Lapsed"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="amendments")
    ordinal = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=24, unique=True)
    reason = models.TextField()
    changes = models.JSONField()
    base = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reserve_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
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
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_reason = models.TextField(blank=True)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "ordinal"]
        constraints = [
            known("state", [*OPEN, "in_force", "withdrawn", "declined", "lapsed"], "amendment_state_known"),
            models.UniqueConstraint(fields=["grant", "ordinal"], name="amendment_ordinal_once"),
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(state__in=OPEN),
                name="amendment_one_open",
                violation_error_message="Another amendment of this grant is open.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="amendment_says_why", violation_error_message="Say why the terms change."
            ),
            pair("frozen_at", "frozen_by", "amendment_frozen_pair"),
            pair("sent_back_at", "sent_back_by", "amendment_sent_back_pair"),
            pair("approved_at", "approved_by", "amendment_approved_pair"),
            pair("in_force_at", "in_force_by", "amendment_in_force_pair"),
            pair("ended_at", "ended_by", "amendment_ended_pair"),
            implies(["awaiting_signature"], ["frozen_at", "terms"], "amendment_awaiting_has_terms"),
            implies(["approved"], ["approved_at", "terms"], "amendment_approved_has_stamps"),
            implies(["in_force"], ["approved_at", "in_force_at", "terms"], "amendment_in_force_has_stamps"),
            implies(["withdrawn", "declined", "lapsed"], ["ended_at"], "amendment_ended_has_stamps"),
            models.CheckConstraint(
                condition=~Q(state__in=["withdrawn", "declined", "lapsed"]) | ~Q(ended_reason=""),
                name="amendment_ended_says_why",
            ),
        ]
        indexes = [models.Index(fields=["state", "frozen_at"], name="amendment_by_state")]

    def __str__(self) -> str:
        return f"Amendment {self.ordinal} of grant {self.grant.number}"

    def get_absolute_url(self) -> str:
        """Return the address of its page for staff."""
        return reverse("grants:amendment", args=[self.number])

    def get_partner_url(self) -> str:
        """Return the address of its page for the partner."""
        return reverse("grants:partner_amendment", args=[self.number])

    @property
    def submission(self) -> Submission:
        """The submission of its grant: duties and declarations are kept by it."""
        return self.grant.submission

    @property
    def fund(self) -> MatchFund:
        """The match fund of its grant."""
        return self.grant.fund

    def funds(self) -> MatchFundQuerySet:
        """Return every fund behind its grant: to be locked before the grant, by primary key."""
        return self.grant.funds()

    @property
    def currency(self) -> str:
        """The currency of its grant."""
        return self.grant.currency

    @property
    def goal_minor(self) -> int:
        """The granting goal as it is to stand."""
        return int(self.changes["goal_minor"])

    @property
    def cap_minor(self) -> int:
        """The match cap as it is to stand."""
        return int(self.changes["cap_minor"])

    @property
    def more_minor(self) -> int:
        """By how much it raises the match cap."""
        return self.cap_minor - int(self.base.content["money"]["cap_minor"])

    @property
    def is_shown_to_partner(self) -> bool:
        """Whether the directors have signed it: it waits for the partner, is in force, or lapsed since."""
        return self.state in SHOWN_TO_PARTNER

    @property
    def agreement(self) -> Agreement | None:
        """The document that stands to be signed, or was signed."""
        if not self.terms_id:
            return None
        standing = Agreement.objects.standing().select_related("terms", "signed_file", "sealed_file")
        return standing.filter(terms=self.terms_id, kind=Agreement.Kind.AMENDMENT).first()

    @property
    def content(self) -> dict[str, Any]:
        """The whole terms as they stand with it: the frozen ones, or those of the draft."""
        return self.terms.content if self.terms else self.drafted(Funder.objects.current())

    def drafted(self, funder: Funder) -> dict[str, Any]:
        """Return the whole terms as the draft has them, under the signing policy that the funder has now."""
        content = amended(self.base.content, self.changes)
        needed = funder.directors_needed(self.goal_minor, self.currency)
        content["directors"]["needed"] = content["funder"]["directors_needed"] = needed
        content["signing"] = funder.policy.kept()
        return content

    @property
    def lines(self) -> list[Line]:
        """What it changes: what, from, to."""
        return lines(self.base.content, self.content)

    def grant_as_amended(self) -> Grant:
        """Return a copy of the grant as it would stand, never saved: what its checks are asked of."""
        grant, changes = copy.copy(self.grant), self.changes
        grant.goal_minor, grant.cap_minor = self.goal_minor, self.cap_minor
        grant.window_ends_at = datetime.fromisoformat(changes["window_ends_at"])
        grant.term_ends_on = date.fromisoformat(changes["term_ends_on"])
        names = ("budget", "tranches", "reports", "conditions")
        grant.plan = {**grant.plan, **{name: changes[name] for name in names}}
        return grant

    def hold_blockers(self) -> list[Blocker]:
        """Say that the partner is held, or nothing: nothing is promised then."""
        return self.grant.hold_blockers()

    decline_blockers = hold_blockers

    def freeze_blockers(self) -> list[str]:
        """Return every reason why the changed terms do not add up or may not be changed, all at once."""
        return readiness.freeze_blockers(self)

    def signing_blockers(self, user: User) -> list[str]:
        """Return why ``user`` cannot sign as director now."""
        return readiness.signing_blockers(self, user)

    def approve_blockers(self) -> list[str]:
        """Return why the directors' part is not complete."""
        return readiness.approve_blockers(self)

    def enter_into_force_blockers(self) -> list[str]:
        """Return what is missing before it is in force, or why its terms can no longer take their place."""
        return readiness.enter_into_force_blockers(self)

    def send_back_blockers(self) -> list[str]:
        """Return why its terms cannot be opened again: the partner has countersigned."""
        agreement = self.agreement
        signed = agreement is not None and agreement.signatures.of_partner().exists()
        hint = "Once it is in force, the grant can be amended again."
        return [Blocker("The partner has countersigned.", hint=hint)] if signed else []

    def lapse_blockers(self) -> list[str]:
        """Return why it cannot lapse: what both sides signed comes into force, unless it can no longer take effect."""
        return readiness.lapse_blockers(self)

    @transition(
        field=state,
        source=State.DRAFT,
        target=State.AWAITING_SIGNATURE,
        conditions=[lambda amendment: not amendment.freeze_blockers()],
        permission=permitted("grants.freeze_amendment"),
    )
    def freeze(self, *, by: User, terms: Terms) -> None:
        """Freeze the changed terms: from now on people sign exactly these."""
        self.terms, self.frozen_by, self.frozen_at = terms, by, terms.frozen_at

    @transition(
        field=state,
        source=[State.AWAITING_SIGNATURE, State.APPROVED],
        target=State.DRAFT,
        conditions=[lambda amendment: not amendment.send_back_blockers()],
        permission=permitted("grants.send_back_amendment"),
    )
    def send_back(self, *, by: User, reason: str) -> None:
        """Open the terms again; the signatures so far are void."""
        self.terms = self.reserve_account = None
        self.sent_back_by, self.sent_back_at, self.sent_back_reason = by, timezone.now(), reason

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.APPROVED,
        conditions=[lambda amendment: not amendment.approve_blockers()],
        permission=permitted("grants.sign_amendment"),
    )
    def approve(self, *, by: User) -> None:
        """The last director needed has signed."""
        self.approved_by, self.approved_at = by, timezone.now()

    @transition(
        field=state,
        source=State.APPROVED,
        target=State.IN_FORCE,
        conditions=[lambda amendment: not amendment.enter_into_force_blockers()],
        permission=permitted("grants.seal_amendment"),
    )
    def enter_into_force(self, *, by: User) -> None:
        """Countersigned and sealed."""
        self.in_force_by, self.in_force_at = by, timezone.now()

    @transition(
        field=state,
        source=[State.DRAFT, State.AWAITING_SIGNATURE],
        target=State.WITHDRAWN,
        permission=permitted("grants.withdraw_amendment"),
    )
    def withdraw(self, *, by: User, reason: str) -> None:
        """The officer gives it up before it is approved."""
        self._end(by, reason)

    @transition(
        field=state,
        source=State.AWAITING_SIGNATURE,
        target=State.DECLINED,
        conditions=UNHELD,
        permission=permitted("grants.decline_amendment"),
    )
    def decline(self, *, by: User, reason: str) -> None:
        """A director says no."""
        self._end(by, reason)

    @transition(
        field=state,
        source=State.APPROVED,
        target=State.LAPSED,
        conditions=[lambda amendment: not amendment.lapse_blockers()],
        permission=permitted("grants.lapse_amendment"),
    )
    def lapse(self, *, by: User, reason: str) -> None:
        """Nobody takes it up: the partner did not countersign, or it can no longer take effect."""
        self._end(by, reason)

    def _end(self, by: User, reason: str) -> None:
        self.ended_by, self.ended_at, self.ended_reason = by, timezone.now(), reason
