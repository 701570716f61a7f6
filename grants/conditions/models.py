"""Conditions of a grant: what is asked, of whom, by when, what waits for it, and how it was met."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from partners.submissions.models import Submission
from partners.vault.models import Document
from reviews.panels import conditions as vetting
from reviews.panels.conditions import VettingCondition, before_words, waits_words
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker, permitted

if TYPE_CHECKING:  # a grant asks here what it waits for
    from grants.agreements.models import Grant

CONDITION_READERS = frozenset({Role.PROGRAMME_OFFICER, Role.DIRECTOR, Role.FINANCE_OFFICER, Role.AUDITOR})
SHOWN_TO_PARTNER = ("approved", "in_force", "suspended", "completed", "closed", "terminated")
LIVE = ("awaiting_signature", "approved", "in_force")
STAMPED = ("shown", "returned", "met", "waiver_asked", "waived", "reopened", "ended")
OVERDUE, MARKS = -1, (0, 7, 30)
UNHELD = [lambda condition: not condition.hold_blockers()]


class ConditionQuerySet(models.QuerySet["Condition"]):
    """Conditions by who may read them and for whom they wait."""

    def visible_to(self, user: User) -> "ConditionQuerySet":
        """Cut to what ``user`` may read: staff all; members those of their own grants, from the signatures on."""
        if user.role_keys & CONDITION_READERS:
            return self
        return self.of_partner(user)

    def of_partner(self, user: User) -> "ConditionQuerySet":
        """Cut to the conditions that the organisations of ``user`` may read."""
        return self.shown_to_partners().filter(
            grant__submission__organisation__memberships__user=user,
            grant__submission__organisation__memberships__until_at__isnull=True,
        )

    def shown_to_partners(self) -> "ConditionQuerySet":
        """Cut to what partners read: everything once the directors have signed, before that what their signatures wait
        for.
        """
        early = Q(grant__state="awaiting_signature", blocks=Condition.Blocks.DIRECTORS)
        return self.filter(early | Q(grant__state__in=SHOWN_TO_PARTNER))

    def unmet(self) -> "ConditionQuerySet":
        """Cut to the conditions that still stop something."""
        return self.filter(state__in=[Condition.State.OPEN, Condition.State.SHOWN])

    def live(self) -> "ConditionQuerySet":
        """Cut to the unmet conditions of grants that are waiting for signatures, approved or in force; not where the
        application was withdrawn or declined since, and a director only declines the grant.
        """
        over = [Submission.State.WITHDRAWN, Submission.State.DECLINED]
        return self.unmet().filter(grant__state__in=LIVE).exclude(grant__submission__state__in=over)

    def to_show(self) -> "ConditionQuerySet":
        """Cut to the live conditions of which nothing was shown yet, the earliest day first."""
        return self.live().filter(state=Condition.State.OPEN).for_list()

    def to_check(self) -> "ConditionQuerySet":
        """Cut to the live conditions whose evidence waits to be checked, longest waiting first."""
        return self.live().filter(state=Condition.State.SHOWN).for_list().order_by("shown_at", "pk")

    def to_waive(self) -> "ConditionQuerySet":
        """Cut to the live conditions for which a waiver was asked, longest waiting first."""
        return self.live().filter(waiver_asked_at__isnull=False).for_list().order_by("waiver_asked_at", "pk")

    def overdue(self, today: date) -> "ConditionQuerySet":
        """Cut to the live conditions whose day has passed and of which nothing was shown."""
        return self.to_show().filter(due_on__lt=today)

    def by_need(self) -> "ConditionQuerySet":
        """Load what the partner's list shows: what it has to show first, by day, then the rest."""
        first = models.Case(models.When(state=Condition.State.OPEN, then=0), default=1)
        return self.for_list().order_by(first, "due_on", "grant", "number")

    def for_list(self) -> "ConditionQuerySet":
        """Load what a list shows, the earliest day first."""
        return self.select_related("grant__submission__organisation").order_by("due_on", "grant", "number")

    def for_page(self) -> "ConditionQuerySet":
        """Load what the page of a condition shows."""
        people = ("shown_by", "returned_by", "met_by", "waiver_asked_by", "waived_by", "ended_by")
        return self.for_list().select_related("grant__submission__officer", *people)


class Condition(models.Model):
    """One condition of a grant. The text is what the terms in force say; ``number`` is its number in Schedule F.

    ``blocks`` and ``of`` say what waits for it: a signature, or the payment or report with that number. ``asked_of`` is
    who shows that it is met, until the end of ``due_on``.
    """

    Blocks, AskedOf = vetting.Blocks, vetting.AskedOf

    class State(models.TextChoices):
        """Where the condition stands. Shown: evidence was given and waits to be checked."""

        OPEN = "open", "Open"
        SHOWN = "shown", "Evidence given"
        MET = "met", "Met"
        WAIVED = "waived", "Waived"
        ENDED = "ended", "No longer asked"

    grant = models.ForeignKey("grants.Grant", on_delete=models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    blocks = models.CharField(max_length=12, choices=vetting.Blocks)
    of = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_of = models.CharField(max_length=12, choices=vetting.AskedOf)
    due_on = models.DateField()
    state = FSMField(max_length=12, choices=State, default=State.OPEN, protected=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    shown_at = models.DateTimeField(null=True, blank=True)
    shown_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    return_reason = models.TextField(blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    met_reason = models.TextField(blank=True)
    waiver_asked_at = models.DateTimeField(null=True, blank=True)
    waiver_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    waiver_reason = models.TextField(blank=True)
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    waived_reason = models.TextField(blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    end_reason = models.TextField(blank=True)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="condition_number_once"),
            known("state", ["open", "shown", "met", "waived", "ended"], "condition_state_known"),
            known("blocks", ["directors", "partner", "payment", "report"], "condition_blocks_known"),
            known("asked_of", ["partner", "funder"], "condition_asked_of_known"),
            models.CheckConstraint(condition=~Q(text=""), name="condition_has_text"),
            models.CheckConstraint(
                condition=Q(blocks__in=["payment", "report"], of__gte=1)
                | Q(blocks__in=["directors", "partner"], of__isnull=True),
                name="condition_names_what_waits",
            ),
            *[pair(f"{stamp}_at", f"{stamp}_by", f"condition_{stamp}_pair") for stamp in STAMPED],
            implies(["shown", "met"], ["shown_at"], "condition_shown_has_stamps"),
            implies(["met"], ["met_at"], "condition_met_has_stamps"),
            implies(["waived"], ["waived_at"], "condition_waived_has_stamps"),
            implies(["ended"], ["ended_at"], "condition_ended_has_stamps"),
            models.CheckConstraint(condition=~Q(state="met") | ~Q(met_reason=""), name="condition_met_says_why"),
            models.CheckConstraint(
                condition=~Q(state="waived") | ~Q(waived_reason=""), name="condition_waived_says_why"
            ),
            models.CheckConstraint(condition=~Q(state="ended") | ~Q(end_reason=""), name="condition_ended_says_why"),
            # Two people: who gave the evidence does not find that it is enough.
            models.CheckConstraint(
                condition=~Q(state="met") | ~Q(met_by=F("shown_by")),
                name="condition_second_person",
                violation_error_message="Another person checks the evidence than the one who gave it.",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="condition_by_state")]

    def __str__(self) -> str:
        return f"Condition {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address of its page, for staff and for the partner."""
        return reverse("grants:condition", args=[self.pk])

    @property
    def terms(self) -> VettingCondition:
        """The condition as the terms hold it."""
        return VettingCondition(
            self.text, self.blocks, self.of, self.asked_of, self.due_on.isoformat(), self.number
        )  # fmt: skip

    @property
    def before(self) -> str:
        """What waits, after the word “before”: ``payment 2 is released``."""
        return before_words(self.blocks, self.of)

    @property
    def waits(self) -> str:
        """What does not happen until it is met, as a sentence without its stop."""
        return waits_words(self.blocks, self.of)

    @property
    def look(self) -> str:
        """The state by which it is drawn."""
        return {"open": "todo", "shown": "checking", "met": "ok", "waived": "judge"}.get(self.state, "lapsed")

    @property
    def is_unmet(self) -> bool:
        """Whether it still stops what waits for it."""
        return self.state in {self.State.OPEN, self.State.SHOWN}

    @property
    def is_late(self) -> bool:
        """Whether its day has passed and nothing was shown."""
        return self.state == self.State.OPEN and self.due_on < timezone.localdate()

    @property
    def is_shown_to_partner(self) -> bool:
        """Whether the partner may read it: the same as ``shown_to_partners`` cuts to."""
        early = self.grant.state == "awaiting_signature" and self.blocks == self.Blocks.DIRECTORS
        return early or self.grant.state in SHOWN_TO_PARTNER

    @property
    def last_answer(self) -> "ConditionAnswer | None":
        """The evidence that was given last."""
        return self.answers.select_related("document__paper", "given_by").order_by("-pk").first()

    def days_until(self, today: date) -> int:
        """Return the days until it is due; below zero when it is late."""
        return (self.due_on - today).days

    def blocker(self) -> Blocker:
        """Return it as the reason why something waits."""
        doing = "We check the evidence." if self.state == self.State.SHOWN else (
            f"{self.terms.who} shows it by {self.due_on:%-d %B %Y}."
        )  # fmt: skip
        late = " It is late." if self.is_late else ""
        return Blocker(
            f"{self} is not met: {self.text}", hint=f"{doing}{late}", code=f"F{self.number}",
            url=self.get_absolute_url(),
        )  # fmt: skip

    def hold_blockers(self) -> list[Blocker]:
        """Say that the partner is held, or nothing: nothing is found to be met or waived then."""
        return list(self.grant.hold_blockers())

    return_evidence_blockers = waive_blockers = hold_blockers

    def show_blockers(self) -> list[Blocker]:
        """Return why no evidence can be given now: the grant is being drafted again, or has ended."""
        if self.grant.state in LIVE:
            return []
        return [Blocker(f"The grant is {self.grant.get_state_display().lower()}.", hint="Nothing waits for this now.")]

    def accept_blockers(self) -> list[Blocker]:
        """Return why it cannot be found to be met: the partner is held, or its document is not accepted."""
        answer = self.last_answer
        found = self.hold_blockers()
        if answer and answer.document and answer.document.state != Document.State.ACCEPTED:
            hint = "Accept or reject the document first. If you reject it, return the evidence."
            url = answer.document.paper.get_absolute_url()
            found.append(Blocker("The document of this evidence is not accepted.", hint=hint, url=url))
        return found

    def checker_blockers(self, user: User) -> list[Blocker]:
        """Return why ``user`` is not the one to check the evidence: they gave it."""
        if self.shown_by_id != user.pk:
            return []
        return [Blocker("You gave this evidence.", hint="Another person checks it.")]

    @transition(
        field=state, source=State.OPEN, target=State.SHOWN,
        conditions=[lambda condition: not condition.show_blockers()], permission=permitted("grants.show_condition"),
    )  # fmt: skip
    def show(self, *, by: User) -> None:
        """Evidence is given."""
        self.shown_by, self.shown_at = by, timezone.now()

    @transition(
        field=state, source=State.SHOWN, target=State.OPEN, conditions=UNHELD,
        permission=permitted("grants.check_condition"),
    )  # fmt: skip
    def return_evidence(self, *, by: User, reason: str) -> None:
        """The evidence does not show it yet."""
        self.returned_by, self.returned_at, self.return_reason = by, timezone.now(), reason

    @transition(
        field=state, source=State.SHOWN, target=State.MET,
        conditions=[lambda condition: not condition.accept_blockers()], permission=permitted("grants.check_condition"),
    )  # fmt: skip
    def accept(self, *, by: User, reason: str) -> None:
        """The evidence shows that it is met."""
        self.met_by, self.met_at, self.met_reason = by, timezone.now(), reason

    @transition(
        field=state, source=[State.OPEN, State.SHOWN], target=State.WAIVED, conditions=UNHELD,
        permission=permitted("grants.waive_condition"),
    )  # fmt: skip
    def waive(self, *, by: User, reason: str) -> None:
        """A director lets it go unmet."""
        self.waived_by, self.waived_at, self.waived_reason = by, timezone.now(), reason

    @transition(
        field=state, source=[State.SHOWN, State.MET, State.WAIVED, State.ENDED], target=State.OPEN,
        permission=permitted("grants.end_condition"),
    )  # fmt: skip
    def reopen(self, *, by: User) -> None:
        """The terms ask for something else than what was shown or waived."""
        self.reopened_by, self.reopened_at = by, timezone.now()
        self.waiver_asked_by = self.waiver_asked_at = None

    @transition(
        field=state, source=[State.OPEN, State.SHOWN], target=State.ENDED,
        permission=permitted("grants.end_condition"),
    )  # fmt: skip
    def drop(self, *, by: User, reason: str) -> None:
        """Nothing waits for it any more."""
        self.ended_by, self.ended_at, self.end_reason = by, timezone.now(), reason


class ConditionAnswer(models.Model):
    """Evidence that was given for a condition: words, a document of the vault, or both. It is only added."""

    condition = models.ForeignKey(Condition, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["condition", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") | Q(document__isnull=False), name="condition_answer_says_something"
            )
        ]

    def __str__(self) -> str:
        return f"Evidence for condition {self.condition_id}"


class ConditionNotice(models.Model):
    """Somebody was reminded of a condition at one of the marks: days before its day, -1 once it is late.

    Once for each mark and day: a condition that an amendment moves is reminded of again.
    """

    condition = models.ForeignKey(Condition, on_delete=models.PROTECT, related_name="notices")
    mark = models.SmallIntegerField()
    due_on = models.DateField()
    noticed_at = models.DateTimeField()

    class Meta:
        ordering = ["condition", "-mark"]
        constraints = [models.UniqueConstraint(fields=["condition", "mark", "due_on"], name="condition_notice_once")]

    def __str__(self) -> str:
        return f"Condition {self.condition_id}: {self.mark} days"


def condition_blockers(
    grant: "Grant | Any", blocks: str, of: int | None = None, *, known: Sequence[Condition] | None = None
) -> list[Blocker]:
    """Return each unmet condition that stops a signature, or the payment or report with the number ``of``. A page hands
    in the grant's conditions that it has read already.
    """
    rows = Condition.objects.unmet().filter(grant=grant.pk).order_by("number") if known is None else known
    return [one.blocker() for one in rows if one.is_unmet and (one.blocks, one.of) == (blocks, of)]


def stopped(blocks: str, grant: str = "pk", of: str = "") -> models.Exists:
    """Return whether an unmet condition stops a signature of the grant at the path ``grant``, or the payment or report
    whose number stands at the path ``of``: the same as ``condition_blockers`` says of one.
    """
    rows = Condition.objects.unmet().filter(grant=models.OuterRef(grant), blocks=blocks)
    return models.Exists(rows.filter(of=models.OuterRef(of)) if of else rows)


def nearest_mark(days_left: int) -> int | None:
    """Return the nearest mark that has been reached, -1 for a late condition, None before the first."""
    return OVERDUE if days_left < 0 else next((mark for mark in MARKS if days_left <= mark), None)


def reached_marks(today: date) -> Q:
    """Return a condition on rows that holds for all that have reached a mark."""
    return Q(due_on__lte=today + timedelta(days=max(MARKS)))
