"""What the partner typed and linked, and what of it was sent: frozen versions."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.checklists.models import Criterion
from partners.programmes.models import Question
from partners.submissions.models.submission import Submission
from partners.vault.models import Document, Paper


class Answer(models.Model):
    """What the partner typed for one question, whether complete or not; ``version`` grows with each change.

    ``page`` names the opened page whose autosave wrote it last: going on from that very page is no conflict.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    value = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=1)
    page = models.CharField(max_length=32, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["submission", "question"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "question"], name="answer_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="answer_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.question_id}"


class EvidenceLink(models.Model):
    """A paper as evidence for a criterion in a submission; carried over where the start of the submission linked it.

    ``carried_from`` is the earlier submission that it was evidence in, where there was one.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="evidence_links")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="evidence_links")
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="evidence_links")
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_carried_over = models.BooleanField(default=False)
    carried_from = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["submission", "criterion", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(carried_from__isnull=True) | Q(is_carried_over=True), name="evidence_carried_says_so"
            ),
            models.UniqueConstraint(fields=["submission", "criterion", "paper"], name="evidence_linked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.paper} for {self.criterion.code}"


class SubmissionVersion(models.Model):
    """What was sent, frozen: its content as canonical JSON and the hash of it. Never changed, never removed."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["submission", "number"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="submission_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="submission_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.submission.number}, version {self.number}"


class FrozenEvidence(models.Model):
    """A document version that was sent with a submission version as evidence for a criterion."""

    version = models.ForeignKey(SubmissionVersion, on_delete=models.PROTECT, related_name="evidence")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="frozen_in")

    class Meta:
        ordering = ["version", "criterion__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "criterion", "document"], name="frozen_evidence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document} for {self.criterion.code}"
