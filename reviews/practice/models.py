"""Practice reviews and their scores: apart from every record of a real application."""

from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from partners.checklists.models import ChecklistVersion, Criterion
from reviews.practice.content import PracticeApplication, practice_application
from reviews.practice.fitting import Fit, fit_of
from vetting_portal.models import User
from vetting_portal.workflow import Blocker

NOT_APPLICABLE = "na"
LONGEST_REASON = 4000  # characters


class PracticeAttemptQuerySet(models.QuerySet["PracticeAttempt"]):
    """Practice reviews by whose they are and whether they are finished."""

    def visible_to(self, user: User | AnonymousUser) -> "PracticeAttemptQuerySet":
        """Cut to the user's own: what somebody scores in practice is nobody else's business."""
        return self.filter(reviewer_id=user.pk)

    def open(self) -> "PracticeAttemptQuerySet":
        """Cut to those that are not submitted."""
        return self.filter(submitted_at__isnull=True)

    def submitted(self) -> "PracticeAttemptQuerySet":
        """Cut to those that were compared with the reference scores, the newest first."""
        return self.filter(submitted_at__isnull=False).order_by("-submitted_at", "-pk")


class PracticeAttempt(models.Model):
    """One reviewer's practice review. It keeps the version of the checklist that was in force when it was started."""

    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="practice_attempts")
    checklist = models.ForeignKey(ChecklistVersion, on_delete=models.PROTECT, related_name="+")
    application_key = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = PracticeAttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = "practice review"
        constraints = [
            models.UniqueConstraint(
                fields=["reviewer"], condition=Q(submitted_at__isnull=True), name="practice_one_open_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(submitted_at__gte=F("started_at")),
                name="practice_submitted_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"practice review {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of its scoring page; once it is submitted that leads to the comparison."""
        return reverse("reviews:practice_score", args=[self.pk])

    @property
    def application(self) -> PracticeApplication:
        """The made-up application that is scored."""
        return practice_application(self.application_key)

    @cached_property
    def fit(self) -> Fit:
        """Which criteria are scored, on the version of the checklist that it was started with."""
        return fit_of(self.checklist.rows(), self.application)

    def given(self) -> "dict[int, PracticeScore]":
        """Return the scores by criterion."""
        return {score.criterion_id: score for score in self.scores.all()}

    def write_blockers(self) -> list[Blocker]:
        """Say why nothing can be written in it now."""
        if self.submitted_at is None:
            return []
        return [
            Blocker(
                "You have submitted this practice review.",
                hint="You see the reference scores now. Start again to score once more.",
                url=reverse("reviews:practice_result", args=[self.pk]),
            )
        ]

    def submit_blockers(self) -> list[Blocker]:
        """Say what is missing, as for a real review: every criterion has a score and why."""
        given, blockers = self.given(), []
        for criterion in self.fit.scored:
            score = given.get(criterion.pk)
            if reason := missing_in(score):
                field = "justification" if score and score.is_given else "score"
                url = f"{self.get_absolute_url()}?criterion={criterion.code}#id_{field}"
                blockers.append(Blocker(criterion.title, hint=reason, code=criterion.code, url=url))
        return blockers


class PracticeScore(models.Model):
    """What a reviewer gives for one criterion in practice, with the reason; whole or not."""

    attempt = models.ForeignKey(PracticeAttempt, on_delete=models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(null=True, blank=True)
    not_applicable = models.BooleanField(default=False)
    justification = models.TextField(blank=True, max_length=LONGEST_REASON)
    edition = models.PositiveIntegerField(default=1)  # grows with each save that changes something
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["attempt", "criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "criterion"], name="practice_score_once"),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__lte=4), name="practice_score_on_scale"),
            models.CheckConstraint(
                condition=Q(not_applicable=False) | Q(value__isnull=True), name="practice_score_or_not_applicable"
            ),
            models.CheckConstraint(condition=Q(edition__gte=1), name="practice_score_was_saved"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: {self.chosen or '–'}"

    @property
    def is_given(self) -> bool:
        """Whether it is no blank."""
        return self.not_applicable or self.value is not None

    @property
    def chosen(self) -> str:
        """The choice as the form sends it: ``0`` to ``4``, ``na``, or an empty text for a blank."""
        return NOT_APPLICABLE if self.not_applicable else "" if self.value is None else str(self.value)


def missing_in(score: PracticeScore | None) -> str:
    """Return what a score lacks before it can be submitted, or an empty text."""
    if score is None or not score.is_given:
        return "No score yet"
    if not score.justification.strip():
        return "Say why it does not apply" if score.not_applicable else "Say why this score"
    return ""
