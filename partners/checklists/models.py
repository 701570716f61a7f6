"""The vetting checklist as versioned data: a version that was published never changes; a new one starts as a copy."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from partners.checklists.conditions import Condition, Facts
from partners.checklists.evidence import ValidityRule
from partners.checklists.problems import CONDITIONS, anchor_count, field_problems, problems_of
from partners.checklists.wording import gate_words, validity_words
from vetting_portal.constraints import known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker

READERS_OF_DRAFTS = frozenset({"programme_officer", "auditor", "administrator", "director"})
WHOLE = 100
TOO_LONG = {"max_length": "At most %(limit_value)d characters. This has %(show_value)d."}


class ChecklistVersionQuerySet(models.QuerySet["ChecklistVersion"]):
    """Checklists by publication."""

    def published(self) -> "ChecklistVersionQuerySet":
        """Cut to the versions that are in force or were, newest first."""
        return self.filter(published_at__isnull=False).order_by("-published_at", "-number")

    def current(self) -> "ChecklistVersion | None":
        """Return the newest published version, or None before the first."""
        return self.published().first()

    def drafts(self) -> "ChecklistVersionQuerySet":
        """Cut to the versions that staff still change."""
        return self.filter(published_at__isnull=True)

    def visible_to(self, user: User | AnonymousUser) -> "ChecklistVersionQuerySet":
        """Cut to what ``user`` may read: published versions are public, drafts are for programme officers."""
        if READERS_OF_DRAFTS & getattr(user, "role_keys", frozenset()):
            return self.all()
        return self.filter(published_at__isnull=False)


class ChecklistVersion(models.Model):
    """One version of a checklist; its criteria are frozen when it is published."""

    name = models.CharField(max_length=200)
    number = models.PositiveSmallIntegerField(default=1)
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = ChecklistVersionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-number"]
        verbose_name = "checklist"
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="checklist_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="checklist_number_positive"),
            pair("changed_at", "changed_by", "checklist_changed_pair"),
            pair("published_at", "published_by", "checklist_published_pair"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(published_at__isnull=True), name="checklist_one_draft_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"

    @property
    def is_published(self) -> bool:
        """Whether it is in force, and so frozen."""
        return self.published_at is not None

    @property
    def short(self) -> str:
        """Return how a table names it: ``Version 2``, ``Draft of 3``."""
        return f"Version {self.number}" if self.is_published else f"Draft of {self.number}"

    @property
    def last_editor(self) -> User:
        """Return who changed the draft last; who started it where nobody did."""
        return self.changed_by or self.created_by

    def get_absolute_url(self) -> str:
        """Return the address of the page that everybody reads; it never moves."""
        return reverse("partners:checklist_version", args=[self.pk])

    def rows(self) -> "list[Criterion]":
        """Return its criteria in order."""
        return list(self.criteria.order_by("position"))

    def get_draft_url(self) -> str:
        """Return the address of the page on which staff change it."""
        return reverse("partners:checklist_draft", args=[self.pk])

    def publish_blockers(self) -> list[str]:
        """Say all that keeps this version from being published.

        Whether its conditions name questions that are asked is said by the room that knows the questions.
        """
        if self.is_published:
            return [Blocker("This version is published already.", hint="Start a new version from it.")]
        return [
            Blocker(problem.text, code=problem.code, hint=problem.hint, url=f"{self.get_draft_url()}#sum")
            for problem in problems_of(self.rows())
        ]


class CriterionQuerySet(models.QuerySet["Criterion"]):
    """Criteria over all versions."""

    def same_as(self, criterion: "Criterion") -> "CriterionQuerySet":
        """Cut to the same criterion in every version: a copy keeps its lineage, whatever its code or title becomes."""
        return self.filter(lineage=criterion.lineage)

    def of_version(self, checklist: ChecklistVersion) -> "CriterionQuerySet":
        """Cut to the criteria of one version, in order."""
        return self.filter(checklist=checklist).order_by("position")


def new_lineage() -> str:
    """Return the identity of a criterion that is new; a copy in a later version keeps it."""
    return uuid4().hex


class Criterion(models.Model):
    """One criterion: what is looked at, how much it counts, what each score means, and which gate it is."""

    class Kind(models.TextChoices):
        """Whether people score it or records decide it."""

        SCORED = "scored", "Scored 0 to 4"
        RECORD = "record", "Follows from records"

    checklist = models.ForeignKey(ChecklistVersion, on_delete=models.CASCADE, related_name="criteria")
    lineage = models.CharField(max_length=32, default=new_lineage, editable=False)
    code = models.CharField(max_length=8, error_messages=TOO_LONG)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200, error_messages=TOO_LONG)
    weight = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SCORED)
    evidence = models.TextField()
    evidence_minimum = models.PositiveSmallIntegerField(default=1)
    evidence_max_age_months = models.PositiveSmallIntegerField(null=True, blank=True)
    anchors = models.JSONField(default=list)
    gate_minimum = models.PositiveSmallIntegerField(null=True, blank=True)
    gate_raised_to = models.PositiveSmallIntegerField(null=True, blank=True)
    gate_raised_when = models.JSONField(null=True, blank=True)
    gate_when = models.JSONField(null=True, blank=True)
    gate_answer = models.JSONField(null=True, blank=True)
    gate_extra = models.CharField(max_length=300, blank=True, error_messages=TOO_LONG)
    gates_payment_only = models.BooleanField(default=False)
    is_never_overridden = models.BooleanField(default=False)
    applies_when = models.JSONField(null=True, blank=True)
    validity_months = models.PositiveSmallIntegerField(null=True, blank=True)
    validity_rule = models.CharField(max_length=16, choices=ValidityRule, default=ValidityRule.FROM_ISSUE)
    validity_extra = models.CharField(max_length=200, blank=True, error_messages=TOO_LONG)
    edition = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = CriterionQuerySet.as_manager()

    class Meta:
        ordering = ["checklist", "position"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["checklist", "code"], name="criterion_code_once"),
            models.UniqueConstraint(fields=["checklist", "lineage"], name="criterion_lineage_once"),
            models.UniqueConstraint(fields=["checklist", "position"], name="criterion_position_once"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(lineage=""), name="criterion_code_not_blank"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="criterion_edition_positive"),
            pair("changed_at", "changed_by", "criterion_changed_pair"),
            known("kind", ["scored", "record"], "criterion_kind_known"),
            known("validity_rule", ValidityRule.values, "criterion_validity_rule_known"),
            # A scored criterion has a weight; one that follows from records has none.
            models.CheckConstraint(
                condition=Q(kind="scored", weight__gte=1, weight__lte=WHOLE) | Q(kind="record", weight=0),
                name="criterion_weight_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(gate_minimum__isnull=True) | Q(gate_minimum__gte=1, gate_minimum__lte=4),
                name="criterion_gate_on_scale",
            ),
            models.CheckConstraint(
                condition=Q(gate_raised_to__isnull=True, gate_raised_when__isnull=True)
                | Q(
                    gate_minimum__isnull=False,
                    gate_raised_to__gt=models.F("gate_minimum"),
                    gate_raised_to__lte=4,
                    gate_raised_when__isnull=False,
                ),
                name="criterion_raised_gate_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def is_scored(self) -> bool:
        """Whether reviewers give it a score."""
        return self.kind == self.Kind.SCORED

    @property
    def anchor_count(self) -> int:
        """How many written anchors it has: five points, or pass, pending and fail."""
        return anchor_count(self.kind)

    def clean(self) -> None:
        """Check what belongs together, in plain words next to each field."""
        if wrong := field_problems(self):
            raise ValidationError(wrong)

    def applies_by_answers(self, facts: Facts) -> bool | None:
        """Whether the submission's answers switch it on; None where it is not conditional.

        An answer that is missing leaves it off: a submission with missing answers is not sent.
        """
        condition = Condition.read(self.applies_when)
        return None if condition is None else bool(condition.holds(facts))

    def applies(self, facts: Facts) -> bool:
        """Whether it applies to a submission with these answers."""
        return self.applies_by_answers(facts) is not False

    def why_not(self, facts: Facts) -> str:
        """Return the answer for which it does not apply, as a sentence; an empty text where it applies."""
        condition = Condition.read(self.applies_when)
        return condition.because(facts) if condition and not condition.holds(facts) else ""

    def minimum(self, facts: Facts) -> int | None:
        """Return the lowest score that passes its gate with these answers, or None where there is no gate."""
        when = Condition.read(self.gate_when)
        if self.gate_minimum is None or (when and not when.holds(facts)):
            return None
        raised = Condition.read(self.gate_raised_when)
        if self.gate_raised_to is not None and raised and raised.holds(facts):
            return self.gate_raised_to
        return self.gate_minimum

    def conditions(self) -> dict[str, Condition]:
        """Return its conditions by the field that holds each."""
        found = {name: Condition.read(getattr(self, name)) for name in CONDITIONS}
        return {name: condition for name, condition in found.items() if condition is not None}

    @property
    def gate_note(self) -> str:
        """Return its gate in words, as everybody reads it."""
        return gate_words(self)

    @property
    def validity_note(self) -> str:
        """Return how long its evidence is good for, in words."""
        return validity_words(self)

    def as_record(self) -> dict[str, Any]:
        """Return what a frozen record says of this criterion."""
        return {"code": self.code, "title": self.title, "weight": self.weight, "kind": self.kind}
