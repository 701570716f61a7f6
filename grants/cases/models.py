"""What staff note about an application, and whom a note asks to read it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from partners.submissions.models import Submission
from vetting_portal.models import User


class CaseNote(models.Model):
    """A note of staff about an application; the organisation and its reviewers never read it.

    ``text`` holds a mention as ``@[id]`` of the person: the name is looked up when it is shown, so that it goes when
    the person is erased. ``key`` is the form's own: sent twice it is the same note.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="notes")
    key = models.UUIDField(unique=True)
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["submission", "-written_at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="case_note_says_something")]
        indexes = [models.Index(fields=["submission", "-written_at"], name="case_notes")]

    def __str__(self) -> str:
        return f"Note about {self.submission_id}"

    def get_absolute_url(self) -> str:
        """Return the place where it stands."""
        return reverse("grants:case", args=[self.submission.number]) + f"#note-{self.pk}"


class CaseMentionQuerySet(models.QuerySet["CaseMention"]):
    """Mentions by whom they ask."""

    def visible_to(self, user: User) -> "CaseMentionQuerySet":
        """Cut to those that name ``user``."""
        return self.filter(user=user)

    def unread(self) -> "CaseMentionQuerySet":
        """Cut to those that wait."""
        return self.filter(read_at__isnull=True)


class CaseMention(models.Model):
    """Somebody of the staff whom a note names: it waits for them until they say that they have read it, or answer."""

    note = models.ForeignKey(CaseNote, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = CaseMentionQuerySet.as_manager()

    class Meta:
        ordering = ["note", "pk"]
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="case_mention_once")]
        indexes = [models.Index(fields=["user", "note"], name="case_mention_open", condition=Q(read_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.user} in {self.note_id}"

    def get_absolute_url(self) -> str:
        """Return the place of the note."""
        return self.note.get_absolute_url()
