"""What everybody who judges declares about their own interests."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.organisations.models import READERS_OF_ALL
from partners.submissions.models import Submission
from vetting_portal.constraints import known
from vetting_portal.models import User


class ConflictDeclarationQuerySet(models.QuerySet["ConflictDeclaration"]):
    """Declarations by what they say."""

    def of_interest(self) -> "ConflictDeclarationQuerySet":
        """Cut to the declarations of an interest; one of them outweighs every earlier "none"."""
        return self.filter(has_interest=True)

    def of_officer(self, submission: Submission, user: Any) -> "ConflictDeclarationQuerySet":
        """Cut to what ``user`` declared about ``submission`` as its programme officer."""
        return self.filter(submission=submission, user=user.pk, as_role=ConflictDeclaration.AsRole.OFFICER)

    def visible_to(self, user: User) -> "ConflictDeclarationQuerySet":
        """Cut to what ``user`` may read: their own; for staff who read everything, all."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.filter(user=user)


class ConflictDeclaration(models.Model):
    """What somebody declared before the content opened, in which role. A later "I have one" is added, nothing is
    changed.
    """

    class AsRole(models.TextChoices):
        """In which part the person declares."""

        REVIEWER = "reviewer", "Reviewer"
        OFFICER = "programme_officer", "Programme officer"
        DIRECTOR = "director", "Director"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="declarations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="declarations")
    as_role = models.CharField(max_length=24, choices=AsRole)
    has_interest = models.BooleanField()
    note = models.TextField(blank=True)
    answers = models.JSONField(default=list, blank=True)  # to what the records show: kind, text, answer
    declared_at = models.DateTimeField()

    objects = ConflictDeclarationQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "user", "as_role", "has_interest"],
                name="declaration_once",
                violation_error_message="You have declared this already.",
            ),
            known("as_role", ["reviewer", "programme_officer", "director"], "declaration_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {'an interest' if self.has_interest else 'no interest'} in {self.submission_id}"


class ConflictWarning(models.Model):
    """What the records showed between a reviewer and the partner when the reviewer was asked, and why all the same."""

    review = models.ForeignKey("reviews.Review", on_delete=models.PROTECT, related_name="warnings")
    kind = models.CharField(max_length=12)
    text = models.TextField()
    reason = models.TextField()
    accepted_at = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["review", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "kind", "text"], name="conflict_warning_once"),
            known("kind", ["together", "domain", "name"], "conflict_warning_kind_known"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(reason=""), name="conflict_warning_says_why"),
        ]

    def __str__(self) -> str:
        return self.text
