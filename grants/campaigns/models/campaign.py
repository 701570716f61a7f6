"""Campaigns: what the public sees of a grant, and the running sums of its gifts and their match."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.agreements.models import Grant
from grants.campaigns.accounts import Sums
from grants.matching.matching import MatchRule
from partners.organisations.models import Hold
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker, permitted

CAMPAIGN_READERS = frozenset({
    Role.PROGRAMME_OFFICER,
    Role.DIRECTOR,
    Role.FINANCE_OFFICER,
    Role.AUDITOR,
})  # fmt: skip
SLUG = RegexValidator(r"^[a-z0-9]+(?:-[a-z0-9]+)*$", "Use small letters, digits and single hyphens.")


UNHELD = [lambda campaign: not campaign.hold_blockers()]


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns by who may read them."""

    def visible_to(self, user: User) -> "CampaignQuerySet":
        """Cut to what ``user`` may read beyond the public page: staff who run, sign, pay or audit see all."""
        return self if user.role_keys & CAMPAIGN_READERS else self.none()

    def public(self) -> "CampaignQuerySet":
        """Cut to what anybody may see: opened once, newest first, with its partner, and whether that is held."""
        return self.opened().for_public_page()

    def shown_to(self, user: Any) -> "CampaignQuerySet":
        """Cut to what ``user`` may see as a public page: what anybody may; before the opening who reads campaigns."""
        reads = user.is_authenticated and user.role_keys & CAMPAIGN_READERS
        return self.for_public_page() if reads else self.public()

    def for_public_page(self) -> "CampaignQuerySet":
        """Load what a public page shows, newest first."""
        held = Hold.objects.current().filter(organisation=OuterRef("grant__submission__organisation"))
        return self.with_grant().annotate(waits=Exists(held)).order_by("-opened_at", "-pk")

    def opened(self) -> "CampaignQuerySet":
        """Cut to the campaigns that were opened once."""
        return self.filter(opened_at__isnull=False)

    def with_grant(self) -> "CampaignQuerySet":
        """Load the grant, its partner and its fund."""
        return self.select_related("grant__submission__organisation", "grant__fund", "grant__terms")

    def for_list(self) -> "CampaignQuerySet":
        """Load what a list of staff shows, newest first."""
        return self.with_grant().order_by("-pk")


class Campaign(models.Model):
    """The public side of one grant. Its row is the lock under which gifts are recorded: its sums are always right.

    ``paid_out_at``: no payment is to come any more; from then on the funder bears what goes back (R10).
    """

    class State(models.TextChoices):
        """Paused: not offered; gifts that still arrive are recorded and matched."""

        PLANNED = "planned", "Planned"
        OPEN = "open", "Open"
        PAUSED = "paused", "Paused"
        CLOSED = "closed", "Closed"

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="campaign")
    slug = models.CharField(max_length=80, unique=True, validators=[SLUG])
    title = models.CharField(max_length=160)
    lead = models.TextField()
    steps = models.JSONField(default=list, blank=True)
    privacy_note = models.TextField(blank=True)
    gift_examples = models.JSONField(default=list, blank=True)
    gift_note = models.TextField(blank=True)
    choice_note = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    cap_minor = models.BigIntegerField()
    first_cap_minor = models.BigIntegerField(null=True, blank=True)
    state = FSMField(max_length=24, choices=State, default=State.PLANNED, protected=True)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    gross_minor = models.BigIntegerField(default=0)
    fees_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    matched_minor = models.BigIntegerField(default=0)
    risk_net_minor = models.BigIntegerField(default=0)
    risk_fees_minor = models.BigIntegerField(default=0)
    risk_match_minor = models.BigIntegerField(default=0)
    gift_count = models.PositiveIntegerField(default=0)
    last_position = models.PositiveIntegerField(default=0)
    frozen_matched_minor = models.BigIntegerField(null=True, blank=True)
    statement_content = models.JSONField(null=True, blank=True)
    paid_out_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            known("state", ["planned", "open", "paused", "closed"], "campaign_state_known"),
            pair("opened_at", "opened_by", "campaign_opened_pair"),
            pair("paused_at", "paused_by", "campaign_paused_pair"),
            pair("resumed_at", "resumed_by", "campaign_resumed_pair"),
            pair("closed_at", "closed_by", "campaign_closed_pair"),
            implies(["open", "paused", "closed"], ["opened_at"], "campaign_open_has_stamps"),
            implies(["paused"], ["paused_at"], "campaign_paused_has_stamps"),
            implies(
                ["closed"], ["closed_at", "frozen_matched_minor", "statement_content"], "campaign_closed_has_figures"
            ),
            models.CheckConstraint(
                condition=Q(matched_minor__gte=0, matched_minor__lte=F("cap_minor")), name="campaign_match_within_cap"
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("gross_minor"), fees_minor__gte=0),
                name="campaign_sums_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(
                    risk_match_minor__gte=0,
                    risk_match_minor__lte=F("matched_minor"),
                    risk_fees_minor__gte=0,
                    risk_fees_minor__lte=F("fees_minor"),
                ),
                name="campaign_risk_within_sums",
            ),
            models.CheckConstraint(condition=Q(state__in=["open", "paused", "closed"]) | Q(gift_count=0),
                                   name="campaign_planned_has_no_gifts"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "-opened_at"], name="campaign_by_state")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of its ledger."""
        return reverse("grants:ledger", args=[self.grant.number])

    @property
    def cap_at_start_minor(self) -> int:
        """The cap before it was raised the first time: what a replay of all events starts from."""
        return self.cap_minor if self.first_cap_minor is None else self.first_cap_minor

    @property
    def public_path(self) -> str:
        """The address of its public page."""
        return reverse("grants:campaign", args=[self.slug])

    @cached_property
    def rule(self) -> MatchRule:
        """The match rule of the frozen terms; the cap stands on the campaign, since an amendment may raise it."""
        grant = self.grant
        return MatchRule(
            ratio_p=grant.ratio_p,
            ratio_q=grant.ratio_q,
            basis=grant.basis,
            refund_policy=grant.refund_policy,
            donor_cap=grant.donor_cap_minor,
            gift_cap=grant.gift_cap_minor,
            starts_at=grant.window_starts_at,
            ends_at=grant.window_ends_at,
        )

    @property
    def raised_minor(self) -> int:
        """What donors see: gross gifts less refunds."""
        return self.gross_minor - self.refunded_minor

    @property
    def net_minor(self) -> int:
        """What is left of the gifts after card fees."""
        return self.raised_minor - self.fees_minor

    @property
    def available_minor(self) -> int:
        """The match that no gift has earned."""
        return self.cap_minor - self.matched_minor

    @property
    def so_far_minor(self) -> int:
        """Raised and matched so far: the figure that leads."""
        return self.raised_minor + self.matched_minor

    @property
    def as_intended_minor(self) -> int:
        """Raised, and the whole match counted from the first day: the other way to count, never mixed with it."""
        return self.raised_minor + self.cap_minor

    @property
    def takes_records(self) -> bool:
        """Whether gifts can be recorded; after closing they are recorded and not matched."""
        return self.state != self.State.PLANNED

    def days_left(self, now: datetime | None = None) -> int | None:
        """Return the days to the last one whose gifts are matched, that one as 0; None when the window is over."""
        today = (now or timezone.now()).astimezone(self.grant.zone).date()
        days = (self.grant.window_last_on - today).days
        return days if days >= 0 else None

    def sums(self) -> Sums:
        """Return what the accounts of its grant follow from."""
        return Sums(
            raised=self.raised_minor,
            fees=self.fees_minor,
            matched=self.matched_minor,
            risk_net=self.risk_net_minor,
            risk_match=self.risk_match_minor,
        )

    def at_risk(self) -> dict[str, int]:
        """Return match, net and fees of gifts in an open dispute, in minor units: nothing of them is payable now."""
        return {"match": self.risk_match_minor, "net": self.risk_net_minor, "fees": self.risk_fees_minor}

    def fee_top_up_minor(self, risk: dict[str, int]) -> int:
        """Return what the funder adds for card fees today (R8): at most what the terms say, and at most the fees of the
        gifts that are payable; after the closing at most those until then. ``risk`` is what ``at_risk`` says.
        """
        most = self.grant.fee_top_up_minor or 0
        if self.statement_content is not None:
            most = min(most, int(self.statement_content["figures"]["fees_minor"]))
        return min(most, self.fees_minor - risk["fees"])

    def payable_minor(self) -> int:
        """Return what is payable to the partner in all (R8), paid or not: net gifts and their match, without what is in
        dispute, and what is added for card fees. Before the first payment it is what the accounts of gifts and of match
        earned hold together, and that addition.
        """
        settled = self.net_minor + self.matched_minor - self.risk_net_minor - self.risk_match_minor
        return settled + self.fee_top_up_minor(self.at_risk())

    @property
    def matches_now(self) -> bool:
        """Whether a gift that is received now can earn a match: the campaign is offered, its match window has begun and
        not ended, and some of the match is left.
        """
        is_open = self.public_state == self.State.OPEN
        return is_open and self.available_minor > 0 and self.rule.in_window(timezone.now())

    @property
    def public_state(self) -> str:
        """What the public reads: an open campaign is paused, without a word of why, while its partner is held or its
        grant is suspended.

        Uses ``waits`` where the page has loaded it.
        """
        waits = self.__dict__["waits"] if "waits" in self.__dict__ else bool(self.hold_blockers())
        waits = waits or self.grant.state == Grant.State.SUSPENDED
        return str(self.State.PAUSED if waits and self.state == self.State.OPEN else self.state)

    def hold_blockers(self) -> list[Blocker]:
        """Say that the partner is held, or nothing: nothing is offered and no reserve moves then."""
        return self.grant.hold_blockers()

    close_blockers = hold_blockers

    def resume_blockers(self) -> list[Blocker]:
        """Return why it cannot be offered again now: its partner is held, or its grant is suspended or ended."""
        grant, reasons = self.grant, self.hold_blockers()
        if grant.state != Grant.State.IN_FORCE:
            now = grant.get_state_display().lower()
            reasons.append(Blocker(f"The grant is {now}.", url=grant.get_absolute_url()))
        return reasons

    def open_blockers(self) -> list[str]:
        """Return why the campaign cannot open: its grant is not in force, or its page has no words."""
        reasons: list[str] = [*self.hold_blockers()]
        if self.grant.state != Grant.State.IN_FORCE:
            reasons.append(Blocker(
                "The grant is not in force.",
                hint="It is in force once the partner has countersigned and the agreement is sealed.",
                url=self.grant.get_absolute_url(),
            ))  # fmt: skip
        if not (self.title.strip() and self.lead.strip()):
            reasons.append("The campaign page has no title or no lead.")
        return reasons

    @transition(
        field=state, source=State.PLANNED, target=State.OPEN,
        conditions=[lambda campaign: not campaign.open_blockers()], permission=permitted("grants.open_campaign"),
    )  # fmt: skip
    def open(self, *, by: User) -> None:
        """Offer it to the public."""
        self.opened_by, self.opened_at = by, timezone.now()

    @transition(field=state, source=State.OPEN, target=State.PAUSED, permission=permitted("grants.pause_campaign"))
    def pause(self, *, by: User) -> None:
        """Stop offering it; gifts that still arrive are recorded and matched."""
        self.paused_by, self.paused_at = by, timezone.now()

    @transition(
        field=state, source=State.PAUSED, target=State.OPEN,
        conditions=[lambda campaign: not campaign.resume_blockers()], permission=permitted("grants.resume_campaign"),
    )  # fmt: skip
    def resume(self, *, by: User) -> None:
        """Offer it again."""
        self.resumed_by, self.resumed_at = by, timezone.now()

    @transition(
        field=state,
        source=[State.OPEN, State.PAUSED],
        target=State.CLOSED,
        conditions=UNHELD,
        permission=permitted("grants.close_campaign"),
    )
    def close(self, *, by: User, closed_at: datetime, content: dict[str, Any]) -> None:
        """Freeze the match as it stands, with the figures of its statement."""
        self.closed_by, self.closed_at = by, closed_at
        self.frozen_matched_minor, self.statement_content = self.matched_minor, content
