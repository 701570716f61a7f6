"""The vetting checklist as versioned data: a version that was published never changes; a new one starts as a copy."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from partners.checklists.evidence import ValidityRule
from partners.constraints import known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker

READERS_OF_DRAFTS = frozenset({"programme_officer", "auditor", "administrator", "director"})
SCALE_POINTS = 5
WHOLE = 100


class ChecklistVersionQuerySet(models.QuerySet["ChecklistVersion"]):
    """Checklists by publication."""

    def published(self) -> "ChecklistVersionQuerySet":
        """Cut to the versions that are in force or were, newest first."""
        return self.filter(published_at__isnull=False).order_by("-published_at", "-number")

    def current(self) -> "ChecklistVersion | None":
        """Return the newest published version, or None before the first."""
        return self.published().first()

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
            pair("published_at", "published_by", "checklist_published_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"

    @property
    def is_published(self) -> bool:
        """Whether it is in force, and so frozen."""
        return self.published_at is not None

    def publish_blockers(self) -> list[str]:
        """Say what keeps this version from being published."""
        if self.is_published:
            return [Blocker("This version is published already.", hint="Start a new version from it.")]
        criteria = list(self.criteria.all())
        blockers: list[str] = []
        weight = sum(criterion.weight for criterion in criteria)
        if weight != WHOLE:
            blockers.append(Blocker("The weights do not add up to 100.", hint=f"They add up to {weight}."))
        blockers.extend(
            Blocker(
                f"{criterion.title}: an anchor is missing.",
                code=criterion.code,
                hint=f"Write a text for each of the {criterion.anchor_count} points.",
            )
            for criterion in criteria
            if len([text for text in criterion.anchors if text]) != criterion.anchor_count
        )
        return blockers


class Criterion(models.Model):
    """One criterion: what is looked at, how much it counts, what each score means, and which gate it is."""

    class Kind(models.TextChoices):
        """Whether people score it or records decide it."""

        SCORED = "scored", "Scored 0 to 4"
        RECORD = "record", "Follows from records"

    checklist = models.ForeignKey(ChecklistVersion, on_delete=models.CASCADE, related_name="criteria")
    code = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    weight = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SCORED)
    evidence = models.TextField()
    evidence_minimum = models.PositiveSmallIntegerField(default=1)
    evidence_max_age_months = models.PositiveSmallIntegerField(null=True, blank=True)
    anchors = models.JSONField(default=list)
    gate_minimum = models.PositiveSmallIntegerField(null=True, blank=True)
    gate_raised_to = models.PositiveSmallIntegerField(null=True, blank=True)
    gate_raised_when = models.CharField(max_length=40, blank=True)
    gate_when = models.CharField(max_length=40, blank=True)
    gate_fact = models.CharField(max_length=40, blank=True)
    gate_note = models.CharField(max_length=300, blank=True)
    gates_payment_only = models.BooleanField(default=False)
    is_never_overridden = models.BooleanField(default=False)
    applies_when = models.CharField(max_length=40, blank=True)
    validity_months = models.PositiveSmallIntegerField(null=True, blank=True)
    validity_rule = models.CharField(max_length=16, choices=ValidityRule, default=ValidityRule.FROM_ISSUE)
    validity_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["checklist", "position"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["checklist", "code"], name="criterion_code_once"),
            models.UniqueConstraint(fields=["checklist", "position"], name="criterion_position_once"),
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
                condition=Q(gate_raised_to__isnull=True, gate_raised_when="")
                | Q(gate_minimum__isnull=False, gate_raised_to__gt=models.F("gate_minimum"), gate_raised_to__lte=4)
                & ~Q(gate_raised_when=""),
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
        return SCALE_POINTS if self.is_scored else 3

    def applies(self, facts: dict[str, bool]) -> bool:
        """Whether it applies to a submission of which ``facts`` are true."""
        return not self.applies_when or facts.get(self.applies_when, False)

    def minimum(self, facts: dict[str, bool]) -> int | None:
        """Return the lowest score that passes its gate under ``facts``, or None where there is no gate."""
        if self.gate_minimum is None or (self.gate_when and not facts.get(self.gate_when, False)):
            return None
        if self.gate_raised_to is not None and facts.get(self.gate_raised_when, False):
            return self.gate_raised_to
        return self.gate_minimum

    def as_record(self) -> dict[str, Any]:
        """Return what a frozen record says of this criterion."""
        return {"code": self.code, "title": self.title, "weight": self.weight, "kind": self.kind}
