"""What the reviewers agreed on where they differed, and what is recommended to the directors."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.checklists.models import Criterion
from partners.submissions.models import Submission
from reviews.panels.conditions import VettingCondition, read_all
from vetting_portal.constraints import known, pair


class Moderation(models.Model):
    """What the reviewers agreed on where they differed. It holds for the versions it was made for; it changes none."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="moderations")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="moderations")
    concerns = models.CharField(max_length=200)
    resolution = models.TextField()
    resolved_at = models.DateTimeField()
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["submission", "criterion__position", "resolved_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "criterion", "concerns"],
                name="moderation_once",
                violation_error_message="A resolution for these scores is recorded already.",
            ),
            models.CheckConstraint(condition=~Q(resolution=""), name="moderation_has_resolution"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code} of {self.submission_id}"


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    """Recommendations by what is in force."""

    def current(self) -> "RecommendationQuerySet":
        """Cut to those that no later one and no return replaced."""
        return self.filter(superseded_at__isnull=True)


class Recommendation(models.Model):
    """What the directors are told: the outcome, the exact score, each gate, the conditions and the reason.

    ``figures`` is what the score was made of: each review's composite, and each criterion's weight and scores.
    ``conditions`` are as ``conditions.VettingCondition.kept`` writes them.
    """

    class Outcome(models.TextChoices):
        """What is recommended."""

        RECOMMEND = "recommend", "Recommend"
        CONDITIONS = "conditions", "Recommend with conditions"
        DECLINE = "decline", "Decline"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="recommendations")
    outcome = models.CharField(max_length=12, choices=Outcome)
    composite_exact = models.CharField(max_length=80)
    composite_text = models.CharField(max_length=8)
    band = models.CharField(max_length=12)
    review_count = models.PositiveSmallIntegerField()
    gates = models.JSONField()
    disagreements = models.JSONField(default=list)
    figures = models.JSONField(default=dict)
    conditions = models.JSONField(default=list)
    reason = models.TextField()
    is_override = models.BooleanField(default=False)
    recommended_at = models.DateTimeField()
    recommended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    returned_reason = models.TextField(blank=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "recommended_at"]
        constraints = [
            pair("returned_at", "returned_by", "recommendation_returned_pair"),
            models.UniqueConstraint(
                fields=["submission"], condition=Q(superseded_at__isnull=True), name="recommendation_current_once"
            ),
            known("outcome", ["recommend", "conditions", "decline"], "recommendation_outcome_known"),
            known("band", ["recommend", "conditions", "decline"], "recommendation_band_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="recommendation_says_why"),
            models.CheckConstraint(
                condition=~Q(outcome="conditions") | ~Q(conditions=[]), name="recommendation_conditions_are_named"
            ),
            models.CheckConstraint(condition=Q(review_count__gte=2), name="recommendation_rests_on_two_reviews"),
            # Only a director's override goes further than the band.
            models.CheckConstraint(
                condition=Q(is_override=True)
                | Q(outcome="decline")
                | Q(band="recommend")
                | Q(outcome="conditions", band="conditions"),
                name="recommendation_within_band",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.composite_text}"

    @property
    def condition_list(self) -> list[VettingCondition]:
        """The conditions, to be shown."""
        return read_all(self.conditions)
