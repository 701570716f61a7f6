"""What the reviewers of one application write to each other once all have submitted."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.submissions.models import Submission

LONGEST_MESSAGE = 4000  # characters


class PanelMessage(models.Model):
    """A message of one reviewer to the others of an application; never changed, and never shown to the partner."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="panel_messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=LONGEST_MESSAGE)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["submission", "written_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="panel_message_says_something")]

    def __str__(self) -> str:
        return f"message {self.pk} on {self.submission_id}"
