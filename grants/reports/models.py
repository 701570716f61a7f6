"""Reports: what came back of a grant, from its draft to the public page."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from grants.agreements.models import Grant
from grants.campaigns.models.campaign import CAMPAIGN_READERS
from partners.constraints import implies, known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, permitted

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

    def for_list(self) -> "ReportQuerySet":
        """Load what a list shows, soonest first."""
        return self.select_related("grant__submission__organisation").order_by("due_on", "pk")


class Report(models.Model):
    """One report of the schedule: what was done and what was spent, in local currency with its rate.

    Sums are minor units: what was received and the bank's charges in the grant's currency, what was spent in the local
    one. ``rate`` is text, how many units of local currency one unit of the grant's currency gave.
    """

    class State(models.TextChoices):
        """Where the report stands."""

        DRAFT = "draft", "Not sent yet"
        SUBMITTED = "submitted", "Sent"
        RETURNED = "returned", "Returned"
        ACCEPTED = "accepted", "Accepted"
        PUBLISHED = "published", "Published"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    due_on = models.DateField()
    summary = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    public_line = models.CharField(max_length=200, blank=True)
    local_currency = models.CharField(max_length=3, blank=True)
    rate = models.CharField(max_length=24, blank=True)
    received_minor = models.BigIntegerField(null=True, blank=True)
    charges_minor = models.BigIntegerField(null=True, blank=True)
    spent_local_minor = models.BigIntegerField(null=True, blank=True)
    state = FSMField(max_length=24, choices=State, default=State.DRAFT, protected=True)
    scheduled_at = models.DateTimeField()
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    return_reason = models.TextField(blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="report_number_once"),
            known("state", ["draft", "submitted", "returned", "accepted", "published"], "report_state_known"),
            pair("submitted_at", "submitted_by", "report_submitted_pair"),
            pair("returned_at", "returned_by", "report_returned_pair"),
            pair("accepted_at", "accepted_by", "report_accepted_pair"),
            implies(
                ["submitted", "returned", "accepted", "published"], ["submitted_at"], "report_submitted_has_stamps"
            ),
            implies(["returned"], ["returned_at"], "report_returned_has_stamps"),
            implies(["accepted", "published"], ["accepted_at"], "report_accepted_has_stamps"),
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

    def days_until(self, today: date) -> int:
        """Return the days until it is due; below zero when it is late."""
        return (self.due_on - today).days

    def content(self) -> dict[str, Any]:
        """Return what the partner wrote, as it is hashed into the trail when it is sent."""
        names = ("summary", "changes", "public_line", "local_currency", "rate", "received_minor", "charges_minor")
        return {name: getattr(self, name) for name in (*names, "spent_local_minor")}

    def submit_blockers(self) -> list[str]:
        """Return what is missing before the report can be sent, each with the way to its field."""
        wanted = [
            ("summary", self.summary.strip(), "Say what was done."),
            ("changes", self.changes.strip(), "Say what changed, or that nothing did."),
            ("received", self.received_minor is not None, "Give the amount you received."),
            ("charges", self.charges_minor is not None, "Give the bank's charges, 0 if there were none."),
            ("local_currency", self.local_currency, "Name the currency you spent."),
            ("rate", self.rate, "Give the exchange rate."),
            ("spent", self.spent_local_minor is not None, "Give what was spent."),
        ]
        url = self.get_absolute_url()
        return [Blocker(text, url=f"{url}#id_{field}") for field, there, text in wanted if not there]

    @transition(
        field=state, source=[State.DRAFT, State.RETURNED], target=State.SUBMITTED,
        conditions=[lambda report: not report.submit_blockers()], permission=permitted("grants.submit_report"),
    )  # fmt: skip
    def submit(self, *, by: User) -> None:
        """The partner sends it."""
        self.submitted_by, self.submitted_at = by, timezone.now()

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

    send_back_blockers = accept_blockers = hold_blockers

    @transition(
        field=state, source=State.SUBMITTED, target=State.ACCEPTED, conditions=UNHELD,
        permission=permitted("grants.answer_report"),
    )  # fmt: skip
    def accept(self, *, by: User) -> None:
        """The officer accepts it."""
        self.accepted_by, self.accepted_at = by, timezone.now()
