"""Reports: what came back of a grant, from its draft to the public page."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.agreements.models import Grant, Terms
from grants.campaigns.models import Campaign
from grants.campaigns.models.campaign import CAMPAIGN_READERS
from grants.conditions.models import Condition, condition_blockers
from grants.reports.figures import Reached, Spending, reached_of, spending_of
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, permitted

WRITTEN = (
    "summary", "changes", "challenges", "public_line", "local_currency", "rate", "received_minor", "charges_minor",
    "spent_local_minor", "indicators", "spending",
)  # fmt: skip
UNHELD = [lambda report: not report.hold_blockers()]


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports by who may read them and whom they wait for."""

    def visible_to(self, user: User) -> "ReportQuerySet":
        """Cut to what ``user`` may read: staff all, members the reports of their own grants."""
        if user.role_keys & CAMPAIGN_READERS:
            return self
        return self.filter(grant__in=Grant.objects.of_partner(user))

    def of_partner(self, user: User) -> "ReportQuerySet":
        """Cut to the reports that the organisations of ``user`` owe or have sent, soonest first."""
        return self.filter(grant__in=Grant.objects.of_partner(user)).for_list()

    def to_accept(self) -> "ReportQuerySet":
        """Cut to the reports that wait for the officer's answer, longest waiting first."""
        return self.filter(state=Report.State.SUBMITTED).for_list().order_by("submitted_at", "pk")

    def overdue(self, today: date) -> "ReportQuerySet":
        """Cut to the reports of grants under way whose day has passed and that were not sent, longest late first."""
        return self.owed().filter(due_on__lt=today).for_list()

    def owed(self) -> "ReportQuerySet":
        """Cut to the reports that the partners of grants under way still have to send."""
        running = [Grant.State.IN_FORCE, Grant.State.SUSPENDED, Grant.State.COMPLETED, Grant.State.TERMINATED]
        return self.filter(state__in=[Report.State.DRAFT, Report.State.RETURNED], grant__state__in=running)

    def published_of(self, campaign: Campaign) -> "ReportQuerySet":
        """Cut to the reports of a campaign's grant that anybody may read, the newest first."""
        return self.filter(grant=campaign.grant_id, state=Report.State.PUBLISHED).order_by("-number")

    def for_page(self) -> "ReportQuerySet":
        """Load what the page of a report shows."""
        people = ("submitted_by", "returned_by", "accepted_by", "published_by", "saved_by")
        terms = ("terms", "grant__terms", "grant__amended_terms")
        return self.for_list().select_related("grant__submission__officer", *terms, *people)

    def for_list(self) -> "ReportQuerySet":
        """Load what a list shows, soonest first."""
        return self.select_related("grant__submission__organisation").order_by("due_on", "pk")


class Report(models.Model):
    """One report of the schedule: what was done and what was spent, against the plan and the budget of the terms.

    Sums are minor units: what was received and the bank's charges in the grant's currency, what was spent in the local
    one. ``rate`` is text, how many units of local currency one unit of the grant's currency gave. ``indicators`` holds
    what was reached of each indicator (``text``, ``reached``, ``note``), ``spending`` what was spent to date on each
    line of the budget (``line``, ``spent_local_minor``, ``explanation``). ``terms`` are those it was sent under.
    ``edition`` counts the saves, so that two who write at the same time do not undo each other; ``saved_page`` and
    ``saved_turn`` say which open page saved it last by itself, and at which turn.
    """

    class State(models.TextChoices):
        """Where the report stands."""

        DRAFT = "draft", "Not sent yet"
        SUBMITTED = "submitted", "Sent"
        RETURNED = "returned", "Returned"
        ACCEPTED = "accepted", "Accepted"
        PUBLISHED = "published", "Published"
        CANCELLED = "cancelled", "Cancelled"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    due_on = models.DateField()
    summary = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    challenges = models.TextField(blank=True)
    indicators = models.JSONField(default=list, blank=True)
    spending = models.JSONField(default=list, blank=True)
    public_line = models.CharField(max_length=200, blank=True)
    local_currency = models.CharField(max_length=3, blank=True)
    rate = models.CharField(max_length=24, blank=True)
    received_minor = models.BigIntegerField(null=True, blank=True)
    charges_minor = models.BigIntegerField(null=True, blank=True)
    spent_local_minor = models.BigIntegerField(null=True, blank=True)
    state = FSMField(max_length=24, choices=State, default=State.DRAFT, protected=True)
    edition = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    saved_page = models.CharField(max_length=32, blank=True)
    saved_turn = models.PositiveIntegerField(default=0)
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    scheduled_at = models.DateTimeField()
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    return_reason = models.TextField(blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cancel_reason = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    public_summary = models.TextField(blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="report_number_once"),
            known(
                "state", ["draft", "submitted", "returned", "accepted", "published", "cancelled"], "report_state_known"
            ),
            pair("submitted_at", "submitted_by", "report_submitted_pair"),
            pair("returned_at", "returned_by", "report_returned_pair"),
            pair("accepted_at", "accepted_by", "report_accepted_pair"),
            pair("published_at", "published_by", "report_published_pair"),
            pair("saved_at", "saved_by", "report_saved_pair"),
            pair("cancelled_at", "cancelled_by", "report_cancelled_pair"),
            implies(["cancelled"], ["cancelled_at"], "report_cancelled_has_stamps"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""), name="report_cancelled_says_why"
            ),
            implies(
                ["submitted", "returned", "accepted", "published"], ["submitted_at"], "report_submitted_has_stamps"
            ),
            implies(["returned"], ["returned_at"], "report_returned_has_stamps"),
            implies(["accepted", "published"], ["accepted_at"], "report_accepted_has_stamps"),
            implies(["published"], ["published_at"], "report_published_has_stamps"),
            models.CheckConstraint(
                condition=~Q(state="published") | (~Q(public_summary="") & ~Q(public_line="")),
                name="report_published_has_words",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="report_returned_says_why"
            ),
            models.CheckConstraint(
                condition=Q(received_minor__isnull=True) | Q(received_minor__gte=0), name="report_received_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(charges_minor__isnull=True) | Q(charges_minor__gte=0), name="report_charges_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(spent_local_minor__isnull=True) | Q(spent_local_minor__gte=0),
                name="report_spent_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="report_by_state")]

    def __str__(self) -> str:
        return f"{self.title}, grant {self.grant.number}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:report", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether the partner can still change it."""
        return self.state in {self.State.DRAFT, self.State.RETURNED}

    @property
    def is_late(self) -> bool:
        """Whether its day has passed and it was not sent."""
        return self.is_open and self.due_on < timezone.localdate()

    @property
    def public_path(self) -> str:
        """Where anybody reads it, once it is published and its grant has a campaign."""
        return reverse("grants:public_report", args=[self.grant.campaign.slug, self.number])

    def days_until(self, today: date) -> int:
        """Return the days until it is due; below zero when it is late."""
        return (self.due_on - today).days

    @property
    def agreed(self) -> dict[str, Any]:
        """The content of the terms that it is told against: those it was sent under, else those in force now."""
        terms = self.grant.terms_in_force if self.is_open or self.terms is None else self.terms
        return dict(terms.content) if terms else {}

    @property
    def is_last(self) -> bool:
        """Whether it is the last report of the schedule: money left over is told there."""
        return self.number >= len(self.agreed.get("reports", ()))

    @property
    def reached(self) -> list[Reached]:
        """Each indicator of the terms with what was reached."""
        return reached_of(self.agreed.get("project", {}).get("indicators", ()), self.indicators)

    @property
    def budget(self) -> Spending:
        """Each line of the budget with what was spent to date; terms without lines are one line, the goal."""
        whole = [{"line": self.grant.title, "amount_minor": self.grant.goal_minor}]
        return spending_of(
            self.agreed.get("budget") or whole,
            self.spending,
            currency=self.grant.currency,
            local=self.local_currency,
            rate=self.rate,
            is_last=self.is_last,
        )

    @property
    def overspent_minor(self) -> int:
        """How much more was spent than was received so far, in the grant's currency; 0 where either is not told."""
        return max(0, self.budget.spent_minor - self.received_minor) if self.received_minor is not None else 0

    def content(self) -> dict[str, Any]:
        """Return what the partner wrote, as it is hashed into the trail when it is sent."""
        return {name: getattr(self, name) for name in WRITTEN}

    def submit_blockers(self) -> list[Blocker]:
        """Return what is missing before the report can be sent, each with the way to its field."""
        url = self.get_absolute_url()
        fields = [Blocker(text, url=f"{url}#id_{field}") for field, text in self._missing()]
        today = timezone.localdate()
        stories = self.stories.select_related("consent", "photo", "report__grant")
        return [*fields, *(reason for story in stories for reason in story.consent_blockers(today))]

    def _missing(self) -> Iterator[tuple[str, str]]:
        """Yield each field that still lacks something, and what."""
        wanted = [
            ("summary", self.summary.strip(), "Say what was done."),
            ("changes", self.changes.strip(), "Say what changed, or that nothing did."),
            ("challenges", self.challenges.strip(), "Say what was hard, or that nothing was."),
            ("received", self.received_minor is not None, "Give the amount you received."),
            ("charges", self.charges_minor is not None, "Give the bank charges, 0 if there were none."),
            ("local_currency", self.local_currency, "Name the currency you spent."),
            ("rate", self.rate, "Give the exchange rate."),
        ]
        yield from ((field, text) for field, there, text in wanted if not there)
        for place, one in enumerate(self.reached):
            if not one.reached.strip():
                yield f"reached-{place}", f"Say how far you are with “{one.text}”."
        for place, line in enumerate(self.budget.lines):
            if line.spent_local_minor is None:
                yield f"spent-{place}", f"Give what was spent on “{line.line}”, or 0."
            elif line.needs_agreement and not line.explanation.strip():
                yield f"explanation-{place}", f"Say why “{line.line}” is more than 10% off the budget."

    @transition(
        field=state, source=[State.DRAFT, State.RETURNED], target=State.SUBMITTED,
        conditions=[lambda report: not report.submit_blockers()], permission=permitted("grants.submit_report"),
    )  # fmt: skip
    def submit(self, *, by: User) -> None:
        """The partner sends it."""
        self.submitted_by, self.submitted_at, self.terms = by, timezone.now(), self.grant.terms_in_force

    @transition(
        field=state, source=State.SUBMITTED, target=State.RETURNED, conditions=UNHELD,
        permission=permitted("grants.answer_report"),
    )  # fmt: skip
    def send_back(self, *, by: User, reason: str) -> None:
        """The officer asks for something more."""
        self.returned_by, self.returned_at, self.return_reason = by, timezone.now(), reason

    def hold_blockers(self) -> list[Blocker]:
        """Say that the partner is held, or nothing: no report is answered then, and so no payment falls due."""
        return self.grant.hold_blockers()

    send_back_blockers = hold_blockers

    def accept_blockers(self) -> list[Blocker]:
        """Return why it cannot be accepted now: the partner is held, or a condition of Schedule F is not met."""
        return [*self.hold_blockers(), *condition_blockers(self.grant, Condition.Blocks.REPORT, self.number)]

    def publish_blockers(self) -> list[Blocker]:
        """Return why it cannot be published now: the partner is held, or there is no public page to lead to it."""
        campaign = getattr(self.grant, "campaign", None)
        no_page = campaign is None or campaign.opened_at is None
        return [*self.hold_blockers(), *([Blocker("The grant has no public page yet.")] if no_page else [])]

    @transition(
        field=state, source=State.SUBMITTED, target=State.ACCEPTED,
        conditions=[lambda report: not report.accept_blockers()], permission=permitted("grants.answer_report"),
    )  # fmt: skip
    def accept(self, *, by: User) -> None:
        """The officer accepts it."""
        self.accepted_by, self.accepted_at = by, timezone.now()

    @transition(
        field=state, source=State.ACCEPTED, target=State.PUBLISHED,
        conditions=[lambda report: not report.publish_blockers()], permission=permitted("grants.publish_report"),
    )  # fmt: skip
    def publish(self, *, by: User, public_line: str, public_summary: str) -> None:
        """The officer lets everybody read it, in words for the public."""
        self.public_line, self.public_summary = public_line, public_summary
        self.published_by, self.published_at = by, timezone.now()

    @transition(
        field=state, source=[State.DRAFT, State.RETURNED], target=State.CANCELLED,
        permission=permitted("grants.cancel_report"),
    )  # fmt: skip
    def cancel(self, *, by: User, reason: str) -> None:
        """It is no longer asked for: its grant ended."""
        self.cancelled_by, self.cancelled_at, self.cancel_reason = by, timezone.now(), reason
